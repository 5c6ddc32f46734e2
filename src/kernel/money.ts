/**
 * Money is an integer of minor units with its currency; there is no float anywhere on the way from the database to the screen.
 */
import { currencyOf } from './currency.ts'

export type Money = { readonly amountMinor: bigint; readonly currency: string }

/** The exact decimal text: 12345 USD → `123.45`, 12345 JPY → `12345`, 12345 KWD → `12.345`. */
export function moneyText(money: Money): string {
  const { exponent } = currencyOf(money.currency)
  const negative = money.amountMinor < 0n
  const digits = (negative ? -money.amountMinor : money.amountMinor).toString().padStart(exponent + 1, '0')
  const text = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
  return negative ? `-${text}` : text
}

/** `'10.0000'` → `'10'`, `'8.8750'` → `'8.875'`: a decimal from the database as people write it. */
export function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** As a person reads it, `$123.45` (UI-54): Intl is fed the exact decimal text, never a number. */
export function formatMoney(money: Money, locale = 'en'): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: currencyOf(money.currency).exponent,
  })
  return format.format(moneyText(money) as unknown as number)
}

/**
 * Reads what a person typed: `1,234.50`, `1234.5`, `1234`. Undefined when it is not an amount, has more decimals than the
 * currency (UI-38) or does not fit the currency's step (BIL-46).
 */
export function parseMoney(text: string, currency: string): Money | undefined {
  const { exponent, incrementMinor } = currencyOf(currency)
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{1,3}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '0', part = ''] = match
  if (part.length > exponent) return undefined
  const amount = BigInt(whole.replaceAll(',', '') + part.padEnd(exponent, '0'))
  if (amount % incrementMinor !== 0n) return undefined
  return { amountMinor: sign === '-' ? -amount : amount, currency }
}
