/**
 * Prices after a change of the currency: their numbers stay, so 500.00 AUD become 500 JPY, while the minor units behind them do not. A number
 * the new currency has no coins for stops the change; nothing is rounded.
 */
import { currencyOf, done, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { refuse, type SpacesProblem } from './problems.ts'
import type { Category } from './space.ts'
import { lockCategories, updatePrices } from './store.ts'

type Change = { readonly from: string; readonly to: string }

/** In the transaction that changes the currency, and of every category, also of those no longer offered. @param change ISO 4217. */
export async function restatePrices(rows: ScopedHandle, change: Change): Promise<Outcome<void, SpacesProblem>> {
  for (const category of await lockCategories(rows)) {
    const restated = restate(category, change)
    if (!restated) return refuse('price_does_not_fit', { field: '/currency', word: category.name })
    await updatePrices(rows, category.id, restated)
  }
  return done(undefined)
}

type Prices = Pick<Category, 'dailyRate' | 'periodPrices' | 'depositMinor'>

function restate({ dailyRate, periodPrices, depositMinor }: Category, { from, to }: Change): Prices | undefined {
  const { exponent, incrementMinor } = currencyOf(to)
  const places = exponent - currencyOf(from).exponent
  const convert = (amount: bigint) => {
    const moved = movePoint(amount, places)
    return moved !== undefined && moved % incrementMinor === 0n ? moved : undefined
  }
  const deposit = convert(depositMinor)
  const prices = Object.entries(periodPrices).map(([interval, amount]) => [interval, convert(amount)] as const)
  const rate = dailyRate === undefined ? undefined : moveDecimal(dailyRate, places)
  const isWhole = deposit !== undefined && prices.every(([, amount]) => amount !== undefined)
  if (!isWhole || (dailyRate !== undefined && rate === undefined)) return undefined
  return {
    depositMinor: deposit,
    periodPrices: Object.fromEntries(prices) as Record<string, bigint>,
    ...(rate !== undefined && { dailyRate: rate }),
  }
}

/** Undefined when digits would be lost. */
function movePoint(amount: bigint, places: number): bigint | undefined {
  const factor = 10n ** BigInt(Math.abs(places))
  if (places >= 0) return amount * factor
  return amount % factor === 0n ? amount / factor : undefined
}

const decimals = 6

/** The same for a decimal of minor units, which holds six decimals. */
function moveDecimal(text: string, places: number): string | undefined {
  const [whole = '0', part = ''] = text.split('.')
  const moved = movePoint(BigInt(whole + part.padEnd(decimals, '0')), places)
  if (moved === undefined) return undefined
  const digits = moved.toString().padStart(decimals + 1, '0')
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}
