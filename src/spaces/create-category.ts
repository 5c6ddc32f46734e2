/** Makes a category: amounts arrive as people type them and are stored as exact minor units. */
import { noteAudit } from '#audit'
import { publicId, done, isUuid, parseMoney, type Outcome, type Uuid } from '#kernel'
import { listTaxRates } from '#operators'
import { newId, type ScopedHandle } from '#platform'
import { findBasis, type IntervalCode } from './interval.ts'
import { readDailyRate } from './price.ts'
import { refuse, type SpacesProblem } from './problems.ts'
import type { Category } from './space.ts'
import { hasCategoryCode, insertCategory, lockLocation } from './store.ts'

export type NewCategory = {
  readonly code: string
  readonly name: string
  readonly priceBasis: 'daily_rate' | 'period_price'
  /** Decimal text in major units, such as `5.00`; up to six decimals of a minor unit. */
  readonly dailyRate?: string | undefined
  /** Text in major units per interval code. */
  readonly periodPrices?: Readonly<Record<IntervalCode, string>> | undefined
  readonly deposit: string
  readonly taxRateId?: Uuid | undefined
}

export async function createCategory(rows: ScopedHandle, wish: NewCategory): Promise<Outcome<Category, SpacesProblem>> {
  const code = wish.code.trim().toUpperCase()
  if (!/^[A-Z0-9]{1,8}$/.test(code)) return refuse('category_code_form', { field: '/code' })
  const name = wish.name.trim()
  if (name.length < 1 || name.length > 80) return refuse('name_missing', { field: '/name' })
  // Locked, so that the currency cannot change between reading the amounts and keeping them.
  const { currency } = await lockLocation(rows)
  const deposit = parseAmount(wish.deposit, currency)
  if (deposit === undefined) return refuse('amount_unreadable', { field: '/deposit' })
  const price = readPrice(wish, currency)
  if (!price.ok) return price
  if (!(await isTaxRateUsable(rows, wish.taxRateId))) return refuse('tax_rate_unknown', { field: '/taxRateId' })
  if (await hasCategoryCode(rows, code)) return refuse('category_code_taken', { field: '/code' })
  const category: Category = {
    id: newId(rows.clock),
    code,
    name,
    priceBasis: wish.priceBasis,
    ...price.value,
    depositMinor: deposit,
    ...(isUuid(wish.taxRateId) && { taxRateId: wish.taxRateId }),
  }
  await insertCategory(rows, category)
  const object = { kind: 'category', id: publicId('category', category.id) }
  noteAudit(rows, { action: 'category.created', object, after: { code, name, priceBasis: wish.priceBasis } })
  return done(category)
}

async function isTaxRateUsable(rows: ScopedHandle, id: Uuid | undefined): Promise<boolean> {
  if (id === undefined) return true
  return (await listTaxRates(rows)).some((rate) => rate.id === id && !rate.retiredAt)
}

type Price = Pick<Category, 'dailyRate' | 'periodPrices'>

function readPrice(wish: NewCategory, currency: string): Outcome<Price, SpacesProblem> {
  if (wish.priceBasis === 'daily_rate') {
    if (!wish.dailyRate) return refuse('price_missing', { field: '/dailyRate' })
    const dailyRate = readDailyRate(wish.dailyRate, currency)
    return dailyRate === undefined
      ? refuse('amount_unreadable', { field: '/dailyRate' })
      : done({ dailyRate, periodPrices: {} })
  }
  const periodPrices: Record<IntervalCode, bigint> = {}
  for (const [interval, text] of Object.entries(wish.periodPrices ?? {})) {
    const field = `/periodPrices/${interval}`
    if (!findBasis(interval)) return refuse('interval_unknown', { field })
    const amount = parseAmount(text, currency)
    if (amount === undefined) return refuse('amount_unreadable', { field })
    periodPrices[interval] = amount
  }
  return Object.keys(periodPrices).length === 0
    ? refuse('price_missing', { field: '/periodPrices' })
    : done({ periodPrices })
}

function parseAmount(text: string, currency: string): bigint | undefined {
  const amount = parseMoney(text, currency)?.amountMinor
  return amount !== undefined && amount >= 0n ? amount : undefined
}
