/**
 * The life of an invoice after the draft: finalized, sent, paid, void, written off. An invoice that advances by itself is
 * finalized an hour after it was made and then charged or sent; failed payments are not tried again by themselves, because
 * the schedule of those tries is a setting of the real account.
 */
import { getCard } from '../cards.ts'
import { StripeRefusal, notSupported, refuse } from '../errors.ts'
import { minimumCharge, minimumChargeElsewhere } from '../facts.ts'
import { confirmPayment } from '../money/confirm-payment.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { advanceTimerOf, changeInvoice, finalizesAt } from './drafts.ts'
import { closePayment, findIntent, markPaid, openPayment } from './invoice-payments.ts'

/** Makes a draft final: it gets a number and, when something is due, a PaymentIntent. Throws for what is no draft. */
export function finalizeInvoice(space: Space, draft: Row<'invoice'>, advancesItself?: boolean): Row<'invoice'> {
  if (draft.object.status !== 'draft') {
    throw refuse("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
      code: 'invoice_not_editable',
    })
  }
  checkTotal(draft)
  const now = space.world.nowSeconds()
  const advances = advancesItself ?? draft.object.auto_advance ?? false
  const isCharged = draft.object.collection_method === 'charge_automatically'
  space.world.cancelTimer(space, advanceTimerOf(draft.id))
  const row = changeInvoice(space, draft, {
    status: 'open',
    number: draft.object.number ?? takeNumber(space, idOf(draft.object.customer) ?? ''),
    auto_advance: advances,
    automatically_finalizes_at: null,
    effective_at: draft.object.effective_at ?? now,
    ending_balance: 0,
    next_payment_attempt: advances && isCharged ? finalizesAt(now) : null,
    status_transitions: { ...draft.object.status_transitions, finalized_at: now },
  })
  emit(space, { type: 'invoice.finalized', object: row.object })
  if (row.object.amount_due === 0) return markPaid(space, row, false)
  openPayment(space, row)
  if (advances) scheduleCollection(space, row)
  return row
}

export interface Payment {
  readonly method: Row<'payment_method'> | undefined
  /** The payer is not there. A bank that wants to see them stops the payment, but the intent stays and waits. */
  readonly isOffSession: boolean
}

/** Charges what is due, after finalizing a draft. Throws StripeRefusal: 400 for a wrong state, 402 for a decline. */
export function payInvoice(space: Space, invoice: Row<'invoice'>, payment: Payment): Row<'invoice'> {
  const open = makeOpen(space, invoice)
  if (open.object.status === 'paid') return open
  const method = payment.method ?? getDefaultMethod(space, open)
  const intent = findIntent(space, open.id)
  if (intent === undefined) throw new Error(`The invoice ${open.id} has no payment.`)
  const after = confirmPayment(space, intent.id, {
    method,
    isOffSession: payment.isOffSession && !needsPayer(method),
    returnUrl: null,
    wantsChallenge: false,
    refusesAction: false,
    checkoutSession: null,
  })
  if (after.object.status === 'requires_action') {
    const message =
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.'
    const code = 'invoice_payment_intent_requires_action'
    throw new StripeRefusal(402, { type: 'card_error', code, message, payment_intent: after.object }, true)
  }
  return space.get('invoice', open.id)
}

/** Somebody paid by other means: no charge is made and the intent is canceled. */
export function payOutOfBand(space: Space, invoice: Row<'invoice'>): Row<'invoice'> {
  const open = makeOpen(space, invoice)
  if (open.object.status === 'paid') return open
  closePayment(space, open.id)
  return markPaid(space, space.get('invoice', open.id), true)
}

/** Sends an invoice, after finalizing a draft. Nothing leaves the sandbox but the event. */
export function sendInvoice(space: Space, invoice: Row<'invoice'>): Row<'invoice'> {
  if (invoice.object.collection_method !== 'send_invoice')
    throw refuse("You can only manually send an invoice if its collection method is 'send_invoice'.")
  if (invoice.object.status === 'void' || invoice.object.status === 'uncollectible')
    throw refuse(`You can not send an invoice with the status ${invoice.object.status}.`)
  const row = invoice.object.status === 'draft' ? finalizeInvoice(space, invoice) : invoice
  emit(space, { type: 'invoice.sent', object: row.object })
  return row
}

export function voidInvoice(space: Space, invoice: Row<'invoice'>): Row<'invoice'> {
  checkStatus(invoice, ['open', 'uncollectible'], 'voided')
  closePayment(space, invoice.id)
  const { status_transitions: steps } = invoice.object
  return leave(space, invoice, {
    status: 'void',
    transitions: { ...steps, voided_at: space.world.nowSeconds() },
    event: 'invoice.voided',
  })
}

/** Written off; it can still be paid or voided. */
export function markUncollectible(space: Space, invoice: Row<'invoice'>): Row<'invoice'> {
  checkStatus(invoice, ['open'], 'marked uncollectible')
  const { status_transitions: steps } = invoice.object
  return leave(space, invoice, {
    status: 'uncollectible',
    transitions: { ...steps, marked_uncollectible_at: space.world.nowSeconds() },
    event: 'invoice.marked_uncollectible',
  })
}

export const collectionTimers: Readonly<Record<string, TimerAction>> = {
  'invoice.advance': (space, id) => {
    const invoice = space.get('invoice', id)
    const { status, collection_method: how } = invoice.object
    if (status !== 'draft' && status !== 'open') return
    if (how === 'send_invoice') sendInvoice(space, invoice)
    else tryToPay(space, invoice)
    space.world.cancelTimer(space, advanceTimerOf(id))
    changeInvoice(space, space.get('invoice', id), { next_payment_attempt: null })
  },
}

/** A decline is no failure of the timer: what it leaves behind was written. */
function tryToPay(space: Space, invoice: Row<'invoice'>): void {
  const open = invoice.object.status === 'draft' ? finalizeInvoice(space, invoice) : invoice
  if (open.object.status !== 'open' || findDefaultMethod(space, open) === undefined) return
  try {
    payInvoice(space, open, { method: undefined, isOffSession: true })
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
  }
}

function leave(
  space: Space,
  invoice: Row<'invoice'>,
  end: { status: string; transitions: Row<'invoice'>['object']['status_transitions']; event: string },
): Row<'invoice'> {
  space.world.cancelTimer(space, advanceTimerOf(invoice.id))
  const row = changeInvoice(space, invoice, {
    status: end.status as 'void',
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: end.transitions,
  })
  emit(space, { type: end.event, object: row.object })
  return row
}

function scheduleCollection(space: Space, invoice: Row<'invoice'>): void {
  const dueAt = finalizesAt(space.world.nowSeconds()) * 1000
  const timer = { dueAt, action: 'invoice.advance', subject: invoice.id }
  space.world.schedule(space, timer, advanceTimerOf(invoice.id))
}

function makeOpen(space: Space, invoice: Row<'invoice'>): Row<'invoice'> {
  const { status } = invoice.object
  if (status === 'paid') throw refuse('Invoice is already paid')
  checkStatus(invoice, ['draft', 'open', 'uncollectible'], 'paid')
  return status === 'draft' ? finalizeInvoice(space, invoice) : invoice
}

function checkStatus(invoice: Row<'invoice'>, allowed: readonly string[], deed: string): void {
  const { status } = invoice.object
  if (allowed.includes(String(status))) return
  throw refuse(`An invoice with the status ${status} cannot be ${deed}; it must be ${allowed.join(' or ')}.`)
}

/** Sums that Stripe carries over to the customer's balance, which is not kept here. */
function checkTotal(draft: Row<'invoice'>): void {
  const { total, currency } = draft.object
  const least = minimumCharge[currency] ?? minimumChargeElsewhere
  if (total < 0) throw notSupported('finalizing invoices with a negative total')
  if (total > 0 && total < least) throw notSupported('finalizing invoices below the smallest charge')
}

/** The customer's next number, such as 'ABCDEFGH-0001'. */
function takeNumber(space: Space, customer: string): string {
  const before = space.get('customer', customer)
  const next = before.object.next_invoice_sequence ?? 1
  const row = space.update('customer', customer, { object: { next_invoice_sequence: next + 1 } })
  emit(space, { type: 'customer.updated', object: row.object, before: before.object })
  return `${before.object.invoice_prefix}-${String(next).padStart(4, '0')}`
}

function findDefaultMethod(space: Space, invoice: Row<'invoice'>): Row<'payment_method'> | undefined {
  const customer = space.get('customer', idOf(invoice.object.customer) ?? '').object
  const method = idOf(invoice.object.default_payment_method) ?? idOf(customer.invoice_settings.default_payment_method)
  return method === null ? undefined : space.find('payment_method', method)
}

function getDefaultMethod(space: Space, invoice: Row<'invoice'>): Row<'payment_method'> {
  const method = findDefaultMethod(space, invoice)
  if (method !== undefined) return method
  const message =
    'There is no `default_payment_method` set on this Customer or Invoice. Please set a `default_payment_method`, or pass a `payment_method`.'
  throw refuse(message, { param: 'payment_method' })
}

/** Whether the bank will want to see the payer. */
function needsPayer(method: Row<'payment_method'>): boolean {
  if (method.hidden.card === null) return false
  const { authentication } = getCard(method.hidden.card)
  return authentication === 'always' || (authentication === 'unless_set_up' && !method.hidden.isSetUp)
}
