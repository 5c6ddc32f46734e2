/** Amounts and instants as the sandbox's pages write them. Amounts arrive in minor units, instants are shown in UTC. */
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

/** Currencies whose minor unit at Stripe differs from the one Intl knows (docs.stripe.com/currencies). */
const STRIPE_DIGITS: Record<string, number> = { ISK: 2, UGX: 2, MGA: 0 }

/** `31800`, `aud` becomes `A$318.00`. The decimals are placed in the text of the number, never by dividing. */
export function moneyText(amountMinor: number | bigint, currency: string): string {
  const code = currency.toUpperCase()
  const known = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions()
    .maximumFractionDigits
  const digits = STRIPE_DIGITS[code] ?? known ?? 2
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: code,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  return format.format(decimalText(BigInt(amountMinor), digits) as `${number}`)
}

function decimalText(amountMinor: bigint, digits: number): string {
  const sign = amountMinor < 0n ? '-' : ''
  const text = String(amountMinor < 0n ? -amountMinor : amountMinor).padStart(digits + 1, '0')
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

const INSTANT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `21 Nov 2026, 14:03:12 UTC` */
export function instantText(at: Date): string {
  return `${INSTANT.format(at).replace('Sept', 'Sep')} UTC`
}

/** The same as an element that machines can read. */
export function instant(at: Date): Markup {
  return markup`<time datetime="${at.toISOString()}">${instantText(at)}</time>`
}

/** `1 event`, `2 events` */
export function countText(count: number, [one, many]: [one: string, many: string]): string {
  return `${count} ${count === 1 ? one : many}`
}
