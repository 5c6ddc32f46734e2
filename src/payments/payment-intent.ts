/**
 * PaymentIntents at Stripe beside the charge itself: read again, belonging to an invoice the operator issued there (STR-147), and the one
 * way to end one. All settle what Stripe says the intent is, and nothing else.
 */
import type { PaymentIntentId, Scope } from '#kernel'
import { lockInvoice } from '#billing'
import { getConnection, isJoined, stripeScopeOf } from '#connections'
import { inScope, newId, type ScopedHandle } from '#platform'
import { findCustomerId } from '#renters'
import { platformFeeOf, StripeFault, type PaymentIntentSeen, type ReactionVerdict } from '#stripe'
import { findMoneyCall, planMoneyCall, updateMoneyCall } from './money-call-store.ts'
import { keys, type MoneyCall, type MoneyGround, type Payment } from './payment.ts'
import { isOpen, stateOfIntent, type PaymentState } from './payment-state.ts'
import { endPayment, settle } from './settle.ts'
import { findOpenPayment, findPayment, findPaymentByIntent, insertPayment, lockPayment } from './store.ts'

/**
 * Marks the creation of an intent as sent. With its first call it is decided what the installation takes of the charge, of a connected
 * account only; the same key asks for the same for ever, whatever is set by then (STR-16).
 * @returns the call as it was before, with its fee.
 */
export async function startCreation(
  rows: ScopedHandle,
  ground: MoneyGround,
  { call, payment }: { readonly call: MoneyCall; readonly payment: Payment },
): Promise<MoneyCall> {
  const isFirst = call.state === 'created'
  const isConnect = isFirst && (await getConnection(rows, call.connectionId)).kind === 'connect'
  const fee = isConnect ? platformFeeOf(payment, ground.platformFee) : call.applicationFeeMinor
  await updateMoneyCall(rows, call.idempotencyKey, {
    state: 'sent',
    ...(isFirst && fee !== undefined && { application_fee_minor: fee.toString() }),
  })
  return { ...call, applicationFeeMinor: fee }
}

/** Undefined when this account has no such intent. @throws StripeFault when Stripe did not answer. */
export async function readIntent(
  ground: MoneyGround,
  about: { scope: Scope; connectionId: string; intentId: PaymentIntentId },
): Promise<PaymentIntentSeen | undefined> {
  const connection = await inScope(ground.database, about.scope, (rows) => getConnection(rows, about.connectionId))
  return ground.stripe.findPaymentIntent(stripeScopeOf(ground.box, connection), about.intentId)
}

/** The invoice at Stripe, and ours that it was issued for. */
export type StripeInvoiceNews = {
  readonly connectionId: string
  readonly observed: PaymentIntentSeen
  readonly invoiceId: string
  readonly stripeInvoiceId: string
  readonly reference: string
}

/**
 * Settles a PaymentIntent that belongs to an invoice issued in Stripe (STR-147). Its money is booked for our invoice once, as far as that
 * is owed; the rest stays the renter's credit. An intent without money yet leaves no row, because nothing of it is ours to follow.
 * @throws when there is no such invoice.
 */
export async function settleStripeInvoice(rows: ScopedHandle, news: StripeInvoiceNews): Promise<ReactionVerdict> {
  const { connectionId, observed } = news
  const invoice = await lockInvoice(rows, news.invoiceId)
  // Looked for under the lock: of two events at once the second finds what the first wrote.
  if (!(await findPaymentByIntent(rows, { connectionId, intentId: observed.id }))) {
    const state = stateOfIntent(observed)
    if (state !== 'succeeded' && state !== 'processing') return 'done'
    if (observed.currency !== invoice.currency)
      return { quarantine: `Its currency is ${observed.currency}, the invoice it names is in ${invoice.currency}.` }
    // Our own attempt is under way; what comes of this one is told again.
    if (state === 'processing' && (await findOpenPayment(rows, invoice.id))) return 'done'
    await insertPayment(rows, {
      id: newId(rows.clock),
      renterId: invoice.renterId,
      invoiceId: invoice.id,
      connectionId,
      method: 'card',
      methodLabel: 'Stripe invoice',
      // Only until settle() moves it, and it may go anywhere from here; an open state could meet an open payment of ours.
      state: 'failed',
      amountMinor: observed.amountMinor,
      currency: observed.currency,
      reference: news.reference,
      requestedBy: 'stripe',
      stripePaymentIntentId: observed.id,
      stripeInvoiceId: news.stripeInvoiceId,
    })
  }
  return settle(rows, { connectionId, observed, actor: 'stripe' })
}

/**
 * Ends the PaymentIntent of a payment at Stripe, so that it can never charge. Asking again, from anywhere, is safe: the key is the same
 * for ever, and what Stripe has afterwards is settled, even if that is a success (STR-78, STR-100).
 * @returns the state of the payment now. @throws StripeFault when Stripe did not answer usefully.
 */
export async function cancelIntent(
  ground: MoneyGround,
  scope: Scope,
  wish: { paymentId: string; actor: string },
): Promise<PaymentState | undefined> {
  const key = keys.cancelPayment(wish.paymentId)
  const found = await inScope(ground.database, scope, async (rows) => {
    const payment = await findPayment(rows, wish.paymentId)
    const { connectionId, stripePaymentIntentId: intentId } = payment ?? {}
    const connection = connectionId && (await getConnection(rows, connectionId))
    // Without its key nothing can be asked of that account any more, and a declined intent charges nothing by itself.
    if (!payment || !intentId || !connection || !isJoined(connection)) return undefined
    await planMoneyCall(rows, {
      connectionId: connection.id,
      purpose: 'payment.cancel',
      objectId: payment.id,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      requestHash: intentId,
      idempotencyKey: key,
    })
    await updateMoneyCall(rows, key, { state: 'sent' })
    return { intentId, connection }
  })
  if (!found) return undefined
  const { intentId, connection } = found
  const stripeScope = stripeScopeOf(ground.box, connection)
  const observed = await ground.stripe
    .cancelPaymentIntent(stripeScope, intentId, { idempotencyKey: key })
    .catch((error: unknown) => {
      // It can no longer be cancelled: then what it has become counts.
      const isOver = error instanceof StripeFault && (error.kind === 'invalid' || error.kind === 'missing')
      if (isOver) return ground.stripe.findPaymentIntent(stripeScope, intentId)
      throw error
    })
  return inScope(ground.database, scope, async (rows) => {
    if (observed) await settle(rows, { connectionId: connection.id, observed, actor: wish.actor })
    await updateMoneyCall(rows, key, { state: 'succeeded', provider_id: intentId })
    return (await findPayment(rows, wish.paymentId))?.state
  })
}

/** Long after the longest a call may take: what Stripe's list does not show by then never arrived. */
const answerLostMs = 10 * 60_000

/**
 * Ends a payment that nobody has confirmed, because its account takes no new money (STR-26). What Stripe has is read first: what a bank
 * already works on goes on, and what succeeded is booked. @throws StripeFault when Stripe did not answer usefully.
 */
export async function withdrawPayment(
  ground: MoneyGround,
  scope: Scope,
  wish: { paymentId: string; actor: string },
): Promise<void> {
  const found = await inScope(ground.database, scope, async (rows) => {
    const payment = await findPayment(rows, wish.paymentId)
    if (!payment?.connectionId) return undefined
    const { renterId, connectionId } = payment
    const connection = await getConnection(rows, connectionId)
    return { payment, connection, customer: await findCustomerId(rows, { renterId, connectionId }) }
  })
  if (!found || !isJoined(found.connection)) return
  const { payment, connection, customer } = found
  const stripeScope = stripeScopeOf(ground.box, connection)
  const { stripePaymentIntentId: known } = payment
  const createdSince = new Date(payment.createdAt.getTime() - 3_600_000)
  if (!known && (await inScope(ground.database, scope, (rows) => endUnsent(rows, payment.id)))) return
  const observed = known
    ? await ground.stripe.findPaymentIntent(stripeScope, known)
    : customer &&
      (await ground.stripe.listPaymentIntents(stripeScope, { customer, createdSince })).find(
        ({ metadata }) => metadata['rentroll_payment'] === payment.id,
      )
  if (observed) {
    const news = { connectionId: connection.id, observed, actor: wish.actor }
    const verdict = await inScope(ground.database, scope, (rows) => settle(rows, news))
    if (verdict === 'done' && isUnconfirmed(observed)) await cancelIntent(ground, scope, wish)
  } else if (!known) await inScope(ground.database, scope, (rows) => endUnsent(rows, payment.id, answerLostMs))
}

function isUnconfirmed({ status }: PaymentIntentSeen): boolean {
  return status.startsWith('requires_')
}

/** What never left the house, or never arrived, ends here. @returns whether it has ended. */
async function endUnsent(rows: ScopedHandle, paymentId: string, lostAfterMs = Infinity): Promise<boolean> {
  const payment = await findPayment(rows, paymentId)
  if (payment?.invoiceId) await lockInvoice(rows, payment.invoiceId)
  const current = await lockPayment(rows, paymentId)
  const key = keys.createPayment(paymentId)
  const call = await findMoneyCall(rows, key)
  if (!current || !isOpen(current.state) || current.stripePaymentIntentId) return false
  const sentAt = (call?.sentAt ?? current.createdAt).getTime()
  const isUnsent = call?.state === 'created' || rows.clock.now().getTime() - sentAt > lostAfterMs
  if (isUnsent) await endPayment(rows, current, { state: 'canceled', key, code: 'disconnected' })
  return isUnsent
}
