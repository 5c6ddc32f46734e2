/** What is kept of disputes, early warnings and the evidence files. */
import type Stripe from 'stripe'

/** A return is a bank debit taken back: nobody is asked for evidence. */
export type DisputeKind = 'chargeback' | 'inquiry' | 'return'

export interface DisputeKinds {
  dispute: { object: Stripe.Dispute; hidden: { readonly kind: DisputeKind } }
  'radar.early_fraud_warning': { object: Stripe.Radar.EarlyFraudWarning; hidden: Readonly<Record<string, never>> }
  /** The contents are not kept: nothing here reads them, and five megabytes each would fill the journal. */
  file: { object: Stripe.File; hidden: Readonly<Record<string, never>> }
}

/** Fields that lists of these kinds filter by. */
export const disputeIndexes = {
  dispute: ['charge', 'payment_intent'],
  'radar.early_fraud_warning': ['charge', 'payment_intent'],
} as const
