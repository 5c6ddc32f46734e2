/**
 * A charge begins here: one transaction that locks the invoice, makes sure nothing else is paying it, writes payment, attempt and the
 * intent of the call, and enqueues the work (STR-75 step 1). Nothing has left the house when it commits.
 */
import { noteAudit } from '#audit'
import { done, publicId, type Outcome } from '#kernel'
import { findInvoice, lockInvoice, type Invoice } from '#billing'
import { findChargingConnection, type Connection } from '#connections'
import { holdRequestKey, newId, recordFact, type ScopedHandle } from '#platform'
import { findDefaultMethod, findMethod, methodLabel, type SavedMethod } from '#renters'
import { idsOf, findCardMisfit, keys, type Payment } from './payment.ts'
import { refuse, type PaymentRefusal } from './problems.ts'
import { planMoneyCall, recordAttempts } from './money-call-store.ts'
import {
  findOpenPayment,
  findPaymentByRequestKey,
  insertPayment,
  listPaymentsOfInvoice,
  updatePayment,
} from './store.ts'

export type ChargeRequest = {
  readonly invoiceId: string
  /** The renter's default method when not given. */
  readonly savedMethodId?: string | undefined
  /** Made with the form or by the schedule: asking again with the same key is the same charge (UI-36). */
  readonly requestKey: string
  readonly actor: string
}

/** @returns the payment that will be sent; the caller sees its end through the invoice. */
export async function requestCharge(
  rows: ScopedHandle,
  request: ChargeRequest,
): Promise<Outcome<{ paymentId: string }, PaymentRefusal>> {
  if (!(await findInvoice(rows, request.invoiceId))) return refuse('invoice_not_open')
  const invoice = await lockInvoice(rows, request.invoiceId)
  await holdRequestKey(rows, request.requestKey)
  const before = await findPaymentByRequestKey(rows, request.requestKey)
  if (before) {
    // What was recorded by hand went through no account.
    const isCharge = before.connectionId !== undefined && before.invoiceId === invoice.id
    return isCharge ? done({ paymentId: before.id }) : refuse('request_key_reused')
  }
  if (invoice.status !== 'open' || invoice.openMinor <= 0n) return refuse('invoice_not_open')
  if (await findOpenPayment(rows, invoice.id)) return refuse('payment_running')
  const chosen = await choose(rows, invoice, request.savedMethodId)
  if (!chosen.ok) return chosen
  const paymentId = await plan(rows, { invoice, request, ...chosen.value })
  await rows.enqueue({ name: 'payments.drive', id: paymentId })
  noteAudit(rows, {
    action: 'payment.charge_requested',
    object: { kind: 'payment', id: publicId('payment', paymentId) },
    after: { invoice: publicId('invoice', invoice.id) },
  })
  return done({ paymentId })
}

type Chosen = { readonly connection: Connection; readonly method: SavedMethod }

async function choose(
  rows: ScopedHandle,
  invoice: Invoice,
  savedMethodId: string | undefined,
): Promise<Outcome<Chosen, PaymentRefusal>> {
  const connection = await findChargingConnection(rows)
  if (!connection || connection.state === 'disconnected' || connection.state === 'disconnecting')
    return refuse('no_connection')
  if (connection.writesFrozenReason) return refuse('writes_frozen')
  const method = savedMethodId
    ? await findMethod(rows, savedMethodId)
    : await findDefaultMethod(rows, { renterId: invoice.renterId, connectionId: connection.id })
  if (!method || method.renterId !== invoice.renterId || method.connectionId !== connection.id || method.unusableReason)
    return refuse('no_method')
  const misfit = findCardMisfit(invoice)
  return misfit ? refuse(misfit) : done({ connection, method })
}

type Plan = Chosen & { readonly invoice: Invoice; readonly request: ChargeRequest }

/** Writes attempt, intent of the confirmation and fact; the payment itself is a fresh one or the declined one again. */
async function plan(rows: ScopedHandle, about: Plan): Promise<string> {
  const { invoice, method, request } = about
  const declined = (await listPaymentsOfInvoice(rows, invoice.id)).find((payment) => mayTryAgain(payment, about))
  const attempt = (declined?.attempt ?? 0) + 1
  const paymentId = declined
    ? await tryAgain(rows, { ...about, paymentId: declined.id, attempt })
    : await beginPayment(rows, { ...about, attempt })
  const idempotencyKey = keys.confirmPayment(paymentId, attempt)
  await planMoneyCall(rows, { ...intentOf(about), purpose: 'payment.confirm', objectId: paymentId, idempotencyKey })
  const { requestKey } = request
  const label = methodLabel(method)
  await recordAttempts(rows, [{ paymentId, attempt, methodLabel: label, outcome: 'created', requestKey }])
  const ids = idsOf({ id: paymentId, renterId: invoice.renterId, invoiceId: invoice.id })
  await recordFact(rows, { name: 'payment.requested', ids, actor: request.actor })
  return paymentId
}

/** A declined payment of the same amount is tried again on its own PaymentIntent, which succeeds at most once (STR-78). */
async function tryAgain(rows: ScopedHandle, about: Plan & { paymentId: string; attempt: number }): Promise<string> {
  await updatePayment(rows, about.paymentId, {
    state: 'created',
    attempt: about.attempt,
    saved_method_id: about.method.id,
    method_label: methodLabel(about.method),
    is_off_session: true,
    failure_code: null,
    decline_code: null,
    advice_code: null,
    polls: 0,
  })
  return about.paymentId
}

async function beginPayment(rows: ScopedHandle, about: Plan & { attempt: number }): Promise<string> {
  const { invoice, connection, method, request, attempt } = about
  const id = newId(rows.clock)
  await insertPayment(rows, {
    id,
    renterId: invoice.renterId,
    invoiceId: invoice.id,
    connectionId: connection.id,
    savedMethodId: method.id,
    method: method.kind === 'card' ? 'card' : 'bank_debit',
    methodLabel: methodLabel(method),
    state: 'created',
    amountMinor: invoice.openMinor,
    currency: invoice.currency,
    attempt,
    requestedBy: request.actor,
  })
  const idempotencyKey = keys.createPayment(id)
  await planMoneyCall(rows, { ...intentOf(about), purpose: 'payment.create', objectId: id, idempotencyKey })
  return id
}

/** A PaymentIntent takes the kind of method it was made for; a bank debit that failed begins anew. */
function mayTryAgain(payment: Payment, { invoice, connection, method }: Plan): boolean {
  return (
    payment.state === 'failed' &&
    payment.method === 'card' &&
    method.kind === 'card' &&
    // One that Stripe refused to make has nothing to confirm, and its key would only repeat the refusal.
    payment.stripePaymentIntentId !== undefined &&
    payment.stripeInvoiceId === undefined &&
    payment.connectionId === connection.id &&
    payment.amountMinor === invoice.openMinor
  )
}

function intentOf({ invoice, connection, method }: Chosen & { invoice: Invoice }) {
  return {
    connectionId: connection.id,
    amountMinor: invoice.openMinor,
    currency: invoice.currency,
    requestHash: [
      publicId('invoice', invoice.id),
      invoice.openMinor,
      invoice.currency,
      method.stripePaymentMethodId,
    ].join('|'),
  }
}
