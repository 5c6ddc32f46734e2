/**
 * Amounts as Stripe takes them. The smallest charge Stripe accepts, per currency in minor units. From Stripe's page on minimum amounts, in part only and
 * unverified (STR-81, STR-155): a currency without an entry is sent as it is, and Stripe's `amount_too_small` is told in words.
 */
import { assert } from '#kernel'

const minimumAmountsMinor: Readonly<Record<string, bigint>> = {
  AED: 200n,
  AUD: 50n,
  BGN: 100n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CZK: 1500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  HUF: 17500n,
  INR: 50n,
  JPY: 50n,
  MXN: 1000n,
  MYR: 200n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  RON: 200n,
  SEK: 300n,
  SGD: 50n,
  THB: 1000n,
  USD: 50n,
}

/** In minor units; one where no minimum is known. */
export function minimumAmountMinor(currency: string): bigint {
  return minimumAmountsMinor[currency] ?? 1n
}

/** Stripe takes 1 to 99 999 999 minor units. Zero and negative amounts never get here: they are settled by other means. */
export function stripeAmount(amountMinor: bigint): number {
  assert(amountMinor >= 1n && amountMinor <= 99_999_999n, `Stripe takes 1 to 99999999 minor units, not ${amountMinor}`)
  return Number(amountMinor)
}
