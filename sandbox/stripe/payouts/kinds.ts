/** What is kept of payouts, their schedule, and the fees of a platform. */
import type Stripe from 'stripe'

type Nothing = Readonly<Record<string, never>>

/** What balance settings hold beyond the account's own `settings.payouts`; kept once per account, beside it. */
export interface PayoutSettings {
  /** Minor units by currency. */
  readonly minimumBalances: Readonly<Record<string, number>>
  /** The account's delay was set by hand, even where it equals the default. */
  readonly hasDelayOverride: boolean
}

export interface PayoutKinds {
  payout: { object: Stripe.Payout; hidden: Nothing }
  application_fee: { object: Stripe.ApplicationFee; hidden: Nothing }
  fee_refund: { object: Stripe.FeeRefund; hidden: Nothing }
  topup: { object: Stripe.Topup; hidden: Nothing }
  payout_settings: { object: PayoutSettings; hidden: Nothing }
}

/** Fields that lists of these kinds filter by. */
export const payoutIndexes = {
  application_fee: ['charge'],
  fee_refund: ['fee'],
  payout: ['destination'],
} as const
