/**
 * What the installation takes of each direct charge of a connected account (STR-16): never of one with own keys, whose charges Stripe lets
 * nobody take a part of. Whole minor units, rounded down, so that it is never more than was said.
 */
import { incrementMinorOf } from '#kernel'

export type PlatformFee = {
  /** Hundredths of a percent, 1 to 10,000. */
  readonly basisPoints: number
  /** A refund leaves the fee with the installation; otherwise its part goes back to the operator. */
  readonly isKeptOnRefund: boolean
}

/**
 * @returns minor units of the charge's currency in the steps it moves in, at most the amount; undefined where no whole step is left to
 * take. Source of the rule: decision 0036.
 */
export function platformFeeOf(
  { amountMinor, currency }: { readonly amountMinor: bigint; readonly currency: string },
  fee: PlatformFee | undefined,
): bigint | undefined {
  if (!fee || amountMinor <= 0n) return undefined
  const part = (amountMinor * BigInt(fee.basisPoints)) / 10_000n
  const whole = part - (part % incrementMinorOf(currency))
  return whole > 0n ? whole : undefined
}

/** `1.5 % of each payment, rounded down. A refund gives its part back.` */
export function platformFeeWords({ basisPoints, isKeptOnRefund }: PlatformFee): string {
  const after = isKeptOnRefund ? 'It is not given back with a refund.' : 'A refund gives its part back.'
  return `${basisPoints / 100} % of each payment, rounded down. ${after}`
}
