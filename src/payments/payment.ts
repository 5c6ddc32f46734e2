/** The noun: money on its way in, or arrived. Amounts are minor units of the payment's currency. */
import { pollPauseMs, type PaymentIntentId } from '#kernel'
import type { Database, Logs, SecretBox } from '#platform'
import { minimumAmountMinor, type PlatformFee, type StripeGateway } from '#stripe'
import type { MoneyCallState } from './money-call-state.ts'
import type { PaymentState } from './payment-state.ts'

export type PaymentMethodKind = 'card' | 'bank_debit' | 'cash' | 'cheque' | 'bank_transfer' | 'other'

export type Payment = {
  readonly id: string
  readonly renterId: string
  readonly invoiceId: string | undefined
  readonly connectionId: string | undefined
  readonly savedMethodId: string | undefined
  readonly method: PaymentMethodKind
  readonly methodLabel: string
  readonly state: PaymentState
  readonly amountMinor: bigint
  readonly currency: string
  readonly attempt: number
  readonly isOffSession: boolean
  readonly nextActionUrl: string | undefined
  readonly stripePaymentIntentId: PaymentIntentId | undefined
  readonly stripeChargeId: string | undefined
  /** Paid on an invoice the operator issued in Stripe; its PaymentIntent belongs to that invoice and is never charged from here. */
  readonly stripeInvoiceId: string | undefined
  /** Stripe's own receipt for the payer. */
  readonly receiptUrl: string | undefined
  readonly feeMinor: bigint | undefined
  readonly failureCode: string | undefined
  readonly declineCode: string | undefined
  readonly adviceCode: string | undefined
  readonly reference: string
  readonly receivedOn: string | undefined
  readonly balanceTransactionId: string | undefined
  readonly polls: number
  readonly requestedBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly settledAt: Date | undefined
}

export type MoneyCall = {
  readonly id: string
  readonly connectionId: string
  readonly purpose: 'payment.create' | 'payment.confirm' | 'payment.cancel' | 'refund.create' | 'payout.create'
  readonly objectId: string
  readonly amountMinor: bigint | undefined
  /** What the installation takes of a charge, frozen with its first call. */
  readonly applicationFeeMinor: bigint | undefined
  /** Whether a refund gives its part of that back. */
  readonly returnsApplicationFee: boolean
  readonly idempotencyKey: string
  readonly state: MoneyCallState
  readonly createdAt: Date
  /** When it left for the first time; absent while it never did. */
  readonly sentAt: Date | undefined
  /** When it was known how it ended. */
  readonly finishedAt: Date | undefined
}

/** What every deed that talks to Stripe is given by the wiring. */
export type MoneyGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
  readonly publicUrl: string
  readonly platformFee?: PlatformFee | undefined
}

/** Why what is owed cannot be taken in one card payment, if it cannot (STR-81). @param owed minor units of the currency. */
export function findCardMisfit(owed: {
  readonly openMinor: bigint
  readonly currency: string
}): 'amount_too_small' | 'amount_too_large' | undefined {
  if (owed.openMinor < (minimumAmountMinor(owed.currency) ?? 1n)) return 'amount_too_small'
  return owed.openMinor > 99_999_999n ? 'amount_too_large' : undefined
}

/** When it is asked about again (STR-71); a bank takes days, so its debits are asked about less often. */
export function nextPollAt({ polls, method }: Pick<Payment, 'polls' | 'method'>, now: Date): Date {
  return new Date(now.getTime() + pollPauseMs(polls, method === 'bank_debit' ? 'bank_debit' : 'card'))
}

/** Whom facts about a payment are about. */
export function idsOf(payment: Pick<Payment, 'id' | 'renterId' | 'invoiceId'>): Record<string, string> {
  return { payment: payment.id, renter: payment.renterId, ...(payment.invoiceId && { invoice: payment.invoiceId }) }
}

/** Each attempt is followed on its own rhythm: a renter who acts now must not wait for the slow pace of an older attempt. */
export function pollOf(payment: Pick<Payment, 'attempt'>): string {
  return `attempt ${payment.attempt}`
}

/** Keys are stored before the call and say what they protect (STR-75). */
export const keys = {
  createPayment: (paymentId: string) => `pi:${paymentId}`,
  confirmPayment: (paymentId: string, attempt: number) => `pi:${paymentId}:confirm:${attempt}`,
  cancelPayment: (paymentId: string) => `pi:${paymentId}:cancel`,
  refund: (refundId: string, attempt: number) => `refund:${refundId}:${attempt}`,
}
