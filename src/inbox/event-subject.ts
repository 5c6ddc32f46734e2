/**
 * Which of our things an event was about, for the screen that tells what it changed (UI-153). Looked up by Stripe's ids in our own rows,
 * never read out of the event.
 */
import { findPayment, findPaymentByIntent, type Payment } from '#payments'
import type { ScopedHandle } from '#platform'
import { findRefundByStripeId } from '#refunds'
import { findSetupByIntent } from '#renters'

export type EventSubject = {
  /** What facts about it name. */
  readonly ids: Readonly<Record<string, string>>
  readonly renterId: string
  readonly invoiceId: string | undefined
}

type About = { readonly objectKind: string; readonly objectId: string; readonly connectionId: string | null }

/** @returns undefined when no row of ours knows the object. */
export async function findEventSubject(rows: ScopedHandle, about: About): Promise<EventSubject | undefined> {
  const { objectKind, objectId, connectionId } = about
  if (connectionId === null) return undefined
  const intent = { connectionId, intentId: objectId }
  if (objectKind === 'payment_intent') return ofPayment(await findPaymentByIntent(rows, intent))
  if (objectKind === 'setup_intent') {
    const setup = await findSetupByIntent(rows, intent)
    return setup && { ids: { setup: setup.id }, renterId: setup.renterId, invoiceId: undefined }
  }
  return objectKind === 'refund' ? ofRefund(rows, objectId) : undefined
}

function ofPayment(payment: Payment | undefined): EventSubject | undefined {
  return payment && { ids: { payment: payment.id }, renterId: payment.renterId, invoiceId: payment.invoiceId }
}

async function ofRefund(rows: ScopedHandle, stripeId: string): Promise<EventSubject | undefined> {
  const refund = await findRefundByStripeId(rows, stripeId as `re_${string}`)
  const subject = refund && ofPayment(await findPayment(rows, refund.paymentId))
  return subject && { ...subject, ids: { refund: refund.id } }
}
