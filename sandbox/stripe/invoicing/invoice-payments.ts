/**
 * How an invoice is paid: with its finalization it gets a PaymentIntent and the record that joins the two; whatever happens
 * to the intent, by the invoice's own `pay` or by somebody who confirms it, is followed here.
 */
import type Stripe from 'stripe'
import { invoiceActionIsFailure } from '../facts.ts'
import { cancelPaymentIntent, createPaymentIntent } from '../money/payment-intents.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { changeInvoice } from './drafts.ts'

/** Makes the intent over what is due and the invoice's default payment, which is open. */
export function openPayment(space: Space, invoice: Row<'invoice'>): Row<'invoice_payment'> {
  const { object } = invoice
  const chosen = object.payment_settings.payment_method_types
  const intent = createPaymentIntent(space, {
    amount: object.amount_due,
    currency: object.currency,
    customer: idOf(object.customer),
    captureMethod: 'automatic',
    description: null,
    metadata: {},
    receiptEmail: null,
    setupFutureUsage: null,
    statementDescriptor: object.statement_descriptor,
    statementDescriptorSuffix: null,
    methodTypes: chosen ?? ['card'],
    allowedTypes: null,
    automatic: null,
    checkoutSession: null,
    invoice: invoice.id,
  })
  const id = space.world.ids.id('inpay')
  const payment: Stripe.InvoicePayment = {
    id,
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: object.amount_due,
    created: space.world.nowSeconds(),
    currency: object.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: space.isLive,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  }
  return space.insert('invoice_payment', id, { object: payment, hidden: {} })
}

/** The invoice's default payment; undefined while it is a draft and when nothing was due. */
export function findPayment(space: Space, invoice: string): Row<'invoice_payment'> | undefined {
  const [payment] = space.oldestFirst('invoice_payment', { by: ['invoice', invoice] })
  return payment
}

/** The intent behind the invoice. */
export function findIntent(space: Space, invoice: string): Row<'payment_intent'> | undefined {
  const intent = idOf(findPayment(space, invoice)?.object.payment.payment_intent)
  return intent === null ? undefined : space.find('payment_intent', intent)
}

/** Ends the payment of an invoice that is not to be paid through Stripe any more. Throws when the money is on its way. */
export function closePayment(space: Space, invoice: string): void {
  const payment = findPayment(space, invoice)
  const intent = findIntent(space, invoice)
  if (payment === undefined || intent === undefined || payment.object.status !== 'open') return
  cancelPaymentIntent(space, intent, 'void_invoice')
  space.update('invoice_payment', payment.id, {
    object: { status: 'canceled', status_transitions: { canceled_at: space.world.nowSeconds(), paid_at: null } },
  })
}

/** The invoice is paid, through its intent, outside of Stripe, or because nothing was due. */
export function markPaid(space: Space, before: Row<'invoice'>, isOutOfBand: boolean): Row<'invoice'> {
  const { amount_due: due, status_transitions: steps } = before.object
  const row = changeInvoice(space, before, {
    status: 'paid',
    amount_paid: due,
    amount_remaining: 0,
    attempted: true,
    attempt_count: Math.max(before.object.attempt_count, isOutOfBand ? 0 : 1),
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...steps, paid_at: space.world.nowSeconds() },
    ...(isOutOfBand && { amount_paid_off_stripe: due }),
  })
  emit(space, { type: 'invoice.paid', object: row.object })
  if (!isOutOfBand) emit(space, { type: 'invoice.payment_succeeded', object: row.object })
  return row
}

function followSuccess(space: Space, intentId: string): void {
  const invoice = findInvoice(space, intentId)
  const payment = invoice === undefined ? undefined : findPayment(space, invoice.id)
  if (invoice === undefined || payment === undefined || payment.object.status !== 'open') return
  const paid = space.update('invoice_payment', payment.id, {
    object: {
      status: 'paid',
      amount_paid: space.get('payment_intent', intentId).object.amount_received,
      status_transitions: { canceled_at: null, paid_at: space.world.nowSeconds() },
    },
  })
  markPaid(space, invoice, false)
  emit(space, { type: 'invoice_payment.paid', object: paid.object })
}

function followAttempt(space: Space, intentId: string, events: readonly string[]): void {
  const invoice = findInvoice(space, intentId)
  if (invoice === undefined) return
  const row = changeInvoice(space, invoice, {
    attempted: true,
    attempt_count: Math.max(invoice.object.attempt_count, 1),
    next_payment_attempt: null,
  })
  for (const type of events) emit(space, { type, object: row.object })
}

function findInvoice(space: Space, intentId: string): Row<'invoice'> | undefined {
  const invoice = space.find('payment_intent', intentId)?.hidden.invoice
  return invoice === undefined ? undefined : space.find('invoice', invoice)
}

const waitingEvents = [...(invoiceActionIsFailure ? ['invoice.payment_failed'] : []), 'invoice.payment_action_required']

export const paymentListeners: Readonly<Record<string, TimerAction>> = {
  'payment_intent.succeeded': followSuccess,
  'payment_intent.payment_failed': (space, intent) => followAttempt(space, intent, ['invoice.payment_failed']),
  'payment_intent.requires_action': (space, intent) => followAttempt(space, intent, waitingEvents),
  'payment_intent.processing': (space, intent) => followAttempt(space, intent, []),
}
