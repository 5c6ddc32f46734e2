/** The noun: money on its way back. Amounts are minor units of the payment's currency. */
import type { StripeRefundId } from '#kernel'
import { keys, type MoneyCallPlan, type Payment } from '#payments'
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
  /** How often Stripe refused it for lack of funds; each refusal ends the key it was sent with. */
  readonly attempt: number
  /** What the requester wants while the balance does not suffice: wait here, or let Stripe hold it. */
  readonly whenShort: WhenShort
  /** The balance when it was last looked at for this refund; undefined while nobody had to look. */
  readonly funds: FundsSeen | undefined
  readonly stripeRefundId: StripeRefundId | undefined
  readonly failureReason: string | undefined
  readonly pendingReason: string | undefined
  readonly balanceTransactionId: string | undefined
  readonly polls: number
  readonly requestedBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type WhenShort = 'wait' | 'send'

/** What an account can refund from: now, and from when on. */
export type Funds = { readonly availableMinor: bigint; readonly arrivals: readonly Arrival[] }
/** What is available in all from that instant on. */
export type Arrival = { readonly at: Date; readonly availableMinor: bigint }

export type FundsSeen = {
  readonly seenAt: Date
  /** Undefined where the balance could not tell and Stripe refused. */
  readonly availableMinor: bigint | undefined
  /** What other refunds take first. */
  readonly aheadMinor: bigint
  /** Undefined while not enough is on its way. */
  readonly expectedAt: Date | undefined
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

/** Stripe has it and waits for funds itself; it is never sent again, and nothing more of that payment is (STR-87). */
export function isHeldByStripe({ state, pendingReason }: Pick<Refund, 'state' | 'pendingReason'>): boolean {
  return state === 'pending' && pendingReason === 'insufficient_funds'
}

/** How much more has to be available for it; undefined where the balance could not tell. */
export function missingMinor({ funds, amountMinor }: Pick<Refund, 'funds' | 'amountMinor'>): bigint | undefined {
  if (funds?.availableMinor === undefined) return undefined
  const missing = amountMinor + funds.aheadMinor - funds.availableMinor
  return missing > 0n ? missing : 0n
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

/**
 * The call that carries it to Stripe, before it is made (TRU-130). Each refusal for lack of funds ends its key, because Stripe would repeat
 * that answer for a day (TRU-136).
 */
export function refundCallOf(
  { id, attempt, amountMinor, currency }: Pick<Refund, 'id' | 'attempt' | 'amountMinor' | 'currency'>,
  payment: Payment,
): MoneyCallPlan {
  return {
    connectionId: payment.connectionId!,
    purpose: 'refund.create',
    objectId: id,
    amountMinor,
    currency,
    requestHash: `${payment.stripePaymentIntentId}|${amountMinor}`,
    idempotencyKey: keys.refund(id, attempt + 1),
  }
}
