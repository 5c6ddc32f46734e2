/** The noun: money on its way back. Amounts are minor units of the payment's currency. */
import type { StripeRefundId } from '#kernel'
import type { Payment } from '#payments'
import type { RefundState } from './refund-state.ts'

export type Refund = {
  readonly id: string
  readonly paymentId: string
  readonly state: RefundState
  readonly amountMinor: bigint
  readonly currency: string
  /** Where the money comes from (MON-11); the parts add up to the amount. */
  readonly source: RefundSource
  readonly reason: string
  readonly attempt: number
  readonly stripeRefundId: StripeRefundId | undefined
  readonly failureReason: string | undefined
  readonly pendingReason: string | undefined
  readonly balanceTransactionId: string | undefined
  readonly polls: number
  readonly requestedBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type RefundSource = {
  /** Paid too much and never allocated. */
  readonly unappliedMinor: bigint
  readonly creditNoteId: string | undefined
  readonly creditMinor: bigint
  readonly depositId: string | undefined
  readonly depositMinor: bigint
  /** Refunded outside Rentroll, in Stripe's Dashboard; not yet explained (MON-12). */
  readonly suspenseMinor: bigint
}

/** What a fact about a refund names. */
export function refundIds(refundId: string, payment: Payment): Record<string, string> {
  return {
    refund: refundId,
    payment: payment.id,
    renter: payment.renterId,
    ...(payment.invoiceId && { invoice: payment.invoiceId }),
  }
}
