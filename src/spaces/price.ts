/**
 * What a category costs (BIL-4). A daily rate is multiplied by days, so nothing is ever prorated with it; a period price stands as it
 * was typed. What surprises: a calendar interval at a daily rate has no fixed price, it costs what the days of the period cost.
 */
import { currencyOf, incrementMinorOf, moneyText, multiplyDecimal } from '#kernel'
import { getBasis, standardIntervals, type IntervalCode } from './interval.ts'
import type { Category } from './space.ts'

/**
 * Minor units for one full period of this interval, or undefined when the category does not offer it.
 * @param about `periodDays` are the days of the period; only a calendar interval at a daily rate asks for them.
 */
export function priceOf(
  category: Pick<Category, 'priceBasis' | 'dailyRate' | 'periodPrices'>,
  about: { readonly interval: IntervalCode; readonly currency: string; readonly periodDays: number },
): bigint | undefined {
  if (!listIntervals(category).includes(about.interval)) return undefined
  if (category.priceBasis === 'period_price' || category.dailyRate === undefined) {
    return category.periodPrices[about.interval]
  }
  const basis = getBasis(about.interval)
  const days = basis.kind === 'day_count' ? basis.days : about.periodDays
  return priceOfDays(category.dailyRate, { days, currency: about.currency })
}

/** `dailyRate` (exact decimal of minor units) times days, rounded once: 500 for 365 days is 182500. */
export function priceOfDays(dailyRate: string, about: { readonly days: number; readonly currency: string }): bigint {
  return multiplyDecimal(dailyRate, { times: BigInt(about.days), increment: incrementMinorOf(about.currency) })
}

/** The intervals a space of this category can be rented for. */
export function listIntervals(category: Pick<Category, 'priceBasis' | 'periodPrices'>): readonly IntervalCode[] {
  return category.priceBasis === 'daily_rate' ? standardIntervals : Object.keys(category.periodPrices)
}

/** `5.00` USD → `500`, `3.33333` USD → `333.333`: the point moves, nothing is rounded. Undefined for more than six decimals of a minor unit. */
export function readDailyRate(text: string, currency: string): string | undefined {
  const [, whole, part = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.trim()) ?? []
  const { exponent } = currencyOf(currency)
  const fraction = part.padEnd(exponent, '0')
  if (whole === undefined || fraction.length - exponent > 6) return undefined
  const minor = `${BigInt(whole + fraction.slice(0, exponent))}`
  const rest = fraction.slice(exponent).replace(/0+$/, '')
  return rest === '' ? minor : `${minor}.${rest}`
}

/** The other way: `333.330000` minor units of USD → `3.3333`. */
export function dailyRateText(decimal: string, currency: string): string {
  const [whole = '0', part = ''] = decimal.split('.')
  const text = moneyText({ amountMinor: BigInt(whole), currency })
  const rest = part.replace(/0+$/, '')
  if (rest === '') return text
  return text.includes('.') ? `${text}${rest}` : `${text}.${rest}`
}
