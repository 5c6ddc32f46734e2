/**
 * Prices after a change of the currency: their numbers stay, so 500.00 AUD become 500 JPY, while the minor units behind them do not. A number
 * the new currency has no coins for stops the change; nothing is rounded.
 */
import { done, moneyText, parseMoney, plainDecimal, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { dailyRateText, readDailyRate } from './price.ts'
import { refuse, type SpacesProblem } from './problems.ts'
import type { Category, Prices } from './space.ts'
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

/** Undefined when one of them is no amount there. */
function restate({ dailyRate, periodPrices, depositMinor }: Category, { from, to }: Change): Prices | undefined {
  const convert = (amountMinor: bigint) =>
    parseMoney(plainDecimal(moneyText({ amountMinor, currency: from })), to)?.amountMinor
  const rate = dailyRate && readDailyRate(dailyRateText(dailyRate, from), to)
  const deposit = convert(depositMinor)
  const prices = Object.entries(periodPrices).flatMap(([interval, amount]) => {
    const converted = convert(amount)
    return converted === undefined ? [] : [[interval, converted] as const]
  })
  const isWhole =
    prices.length === Object.keys(periodPrices).length && (rate === undefined) === (dailyRate === undefined)
  if (deposit === undefined || !isWhole) return undefined
  return {
    depositMinor: deposit,
    periodPrices: Object.fromEntries(prices),
    ...(rate !== undefined && { dailyRate: rate }),
  }
}
