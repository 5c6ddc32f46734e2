/** Amounts of money as Stripe judges and writes them, and the days on which funds move. */
import { StripeRefusal, refuse } from '../errors.ts'
import {
  cardFeeElsewhere,
  cardFees,
  currencies,
  debitFee,
  maximumCharge,
  minimumCharge,
  minimumChargeElsewhere,
  zeroDecimalCurrencies,
} from '../facts.ts'
import type { Parameter } from '../protocol/parameters.ts'
import { text } from '../protocol/parameters.ts'

/** A three-letter currency, in lower case whatever was sent. */
export function currency(): Parameter<string> {
  return {
    isRequired: false,
    read(value, path) {
      const read = text().read(value, path).toLowerCase()
      if (currencies.has(read)) return read
      throw refuse(
        `Invalid currency: ${read}. Stripe currently supports these currencies: ${[...currencies].join(', ')}`,
        { param: path },
      )
    },
  }
}

/** '$' is left out: '12.50 aud', '80 jpy'. */
export function writeAmount(amountMinor: number, inCurrency: string): string {
  const isWhole = zeroDecimalCurrencies.has(inCurrency)
  return `${isWhole ? amountMinor : (amountMinor / 100).toFixed(2)} ${inCurrency}`
}

/** Throws StripeRefusal when a payment of this amount cannot be taken. Zero and less were refused as integers before. */
export function checkChargeAmount(amountMinor: number, inCurrency: string): void {
  const least = minimumCharge[inCurrency] ?? minimumChargeElsewhere
  if (amountMinor < least) {
    const message = `Amount must be at least ${writeAmount(least, inCurrency)}`
    throw new StripeRefusal(400, { type: 'invalid_request_error', code: 'amount_too_small', param: 'amount', message })
  }
  if (amountMinor > maximumCharge) {
    const message = `Amount must be no more than ${writeAmount(maximumCharge, inCurrency)}`
    throw new StripeRefusal(400, { type: 'invalid_request_error', code: 'amount_too_large', param: 'amount', message })
  }
}

/** Stripe's fee on a card payment, rounded half up to a minor unit. */
export function cardFeeOf(amountMinor: number, inCurrency: string): number {
  const { millionths, fixed } = cardFees[inCurrency] ?? cardFeeElsewhere
  return Math.floor((amountMinor * millionths + 500_000) / 1_000_000) + fixed
}

/** Stripe's fee on a bank debit, in minor units, rounded half up. */
export function debitFeeOf(amountMinor: number): number {
  return Math.min(Math.floor((amountMinor * debitFee.millionths + 500_000) / 1_000_000), debitFee.most)
}

/** 00:00 UTC of the day that is `days` business days after the instant, in seconds. */
export function afterBusinessDays(fromMs: number, days: number): number {
  const date = new Date(fromMs)
  date.setUTCHours(0, 0, 0, 0)
  for (let left = days; left > 0;) {
    date.setUTCDate(date.getUTCDate() + 1)
    const weekday = date.getUTCDay()
    if (weekday !== 0 && weekday !== 6) left -= 1
  }
  return date.getTime() / 1000
}
