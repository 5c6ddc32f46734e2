/**
 * Which event leads where: one line per type we subscribe to (STR-45, STR-147). The same list creates the endpoint at Stripe, so a
 * type that is sent to us and stands here without a decision does not compile; docs/stripe-events.md is printed from it. An ignored
 * type says why in the operator's words; the inbox shows that sentence. What surprises: everything that happens to one payment, to its
 * charge, its refunds or its hosted page, leads to its PaymentIntent, so that one read tells of all of it (PERF-51). Only ids are taken
 * from what was sent, and they stand in the same place in every version of Stripe's events.
 */
import type { ConnectEvent, PlatformEvent, Reaction, RecommendedEvent, RequiredEvent } from '#stripe'
import { wordIn, type StripeEvent } from './parse-event.ts'

/** The kinds of object that are re-read, and the form of their ids (STR-154). */
const subjectIds = {
  payment_intent: /^pi_[A-Za-z0-9_]+$/,
  setup_intent: /^seti_[A-Za-z0-9_]+$/,
  refund: /^(re|pyr)_[A-Za-z0-9_]+$/,
  charge: /^(ch|py)_[A-Za-z0-9_]+$/,
  checkout_session: /^cs_(test|live)_[A-Za-z0-9_]+$/,
  payment_method: /^(pm|card|src|ba)_[A-Za-z0-9_]+$/,
  customer: /^cus_[A-Za-z0-9_]+$/,
  mandate: /^mandate_[A-Za-z0-9_]+$/,
  fraud_warning: /^issfr_[A-Za-z0-9_]+$/,
  stripe_invoice: /^in_[A-Za-z0-9_]+$/,
  payout: /^po_[A-Za-z0-9_]+$/,
  account: /^acct_[A-Za-z0-9_]+$/,
  account_left: /^acct_[A-Za-z0-9_]+$/,
  balance: /^balance$/,
} as const

export type SubjectKind = keyof typeof subjectIds

/** Supplied by the wiring as closures over gateway and keys, one per kind of object; each stands in the module it belongs to. */
export type Reactions = Readonly<Partial<Record<SubjectKind, Reaction<unknown>>>>

export type Subject = { readonly kind: SubjectKind; readonly id: string }
type Found = Subject | { readonly ignored: string } | { readonly foreign: string }

/** Where an event leads and what comes of it, or why nothing does. */
export type Route =
  | { readonly find: (event: StripeEvent) => Found; readonly effect: string }
  | { readonly ignored: string }

/** The object the event is about. */
const its = (kind: SubjectKind, effect: string): Route => ({
  find: ({ objectId }) => subjectOf(kind, objectId) ?? lacking(kind),
  effect,
})

/** The one object of its kind that an account has, so it carries no id. */
const itsOne = (kind: 'balance', effect: string): Route => ({ find: () => ({ kind, id: kind }), effect })

/** The payment behind the object, whose id is in it; the object itself where it does not say. */
const paymentOf = (kind: 'charge' | 'refund', effect: string): Route => ({
  find({ sent, objectId }) {
    if (kind === 'charge' && sent['payment_intent'] === null) return { foreign: withoutPayment }
    return subjectOf('payment_intent', wordIn(sent, 'payment_intent')) ?? subjectOf(kind, objectId) ?? lacking(kind)
  },
  effect,
})

/** The setup or the payment a hosted page ended in; the page itself where none is named. */
const intentOf = (effect: string): Route => ({
  find({ sent, objectId }) {
    const setup = subjectOf('setup_intent', wordIn(sent, 'setup_intent'))
    const payment = subjectOf('payment_intent', wordIn(sent, 'payment_intent'))
    const page = subjectOf('checkout_session', objectId)
    return setup ?? payment ?? page ?? { ignored: 'The session took no payment and saved no method.' }
  },
  effect,
})

/** An object of which one field names what is re-read. */
const namedBy = (field: string, kind: SubjectKind, effect: string): Route => ({
  find: ({ sent }) => subjectOf(kind, wordIn(sent, field)) ?? lacking(kind),
  effect,
})

/** The connected account the event came from; the object in it is something else. */
const sendersAccount = (kind: 'account' | 'account_left', effect: string): Route => ({
  find: ({ account }) => subjectOf(kind, account) ?? lacking('account'),
  effect,
})

const withoutPayment = 'It is about a charge made without a PaymentIntent. Rentroll makes none of those.'
const refunded = 'The refund is brought in or moves on; one made in Stripe’s Dashboard appears once.'
const described = 'Charge, receipt, Stripe’s booking of it and the fee are filled in at the payment.'
const paidThere =
  'An invoice issued in Stripe whose metadata `rentroll_invoice` names one of ours: its payment is settled here, once; paid by other means, it is recorded as received by hand.'
const notedThere = 'Noted in the story of the linked invoice; ours stays as it is.'
const pausing = 'The method is charged no more; was it the default, automatic charges wait and say why.'
const disputes = { ignored: 'Disputes are not processed here yet. Answer them in Stripe.' }
const reviews = { ignored: 'Reviews by rules of Radar are not shown here yet. Decide them in Stripe.' }
const payoutMoves = 'The payout is read again and shown with its state.'
const platformFees = {
  ignored: 'A fee of the installation is booked with the payment it is taken of; its own income is seen in Stripe.',
}
const accounts = 'What Stripe allows the account is read again and stands on the connection.'

export const routes = {
  'charge.refunded': paymentOf('charge', 'Each refund of the charge is brought in; the event books no amount itself.'),
  'charge.refund.updated': paymentOf('refund', refunded),
  'invoice.payment_succeeded': its('stripe_invoice', paidThere),
  'invoice.payment_failed': its('stripe_invoice', notedThere),
  'payment_intent.succeeded': its(
    'payment_intent',
    'The payment is settled: booked, put on its invoice, receipt told.',
  ),
  'payment_intent.payment_failed': its('payment_intent', 'The attempt failed, with its reason; the invoice stays due.'),
  'payment_intent.requires_action': its('payment_intent', 'The renter gets the link to confirm with their bank.'),
  'refund.created': paymentOf('refund', refunded),
  'refund.updated': paymentOf('refund', refunded),
  'setup_intent.succeeded': its('setup_intent', 'The method is saved, and what is due is tried with it.'),

  'payment_intent.processing': its('payment_intent', 'The bank takes its time; a second charge is held meanwhile.'),
  'payment_intent.canceled': its('payment_intent', 'The payment ended without money; the invoice is free again.'),
  'payment_intent.partially_funded': its(
    'payment_intent',
    'The payment is read again; part of the money books nothing.',
  ),
  'payment_intent.amount_capturable_updated': its('payment_intent', 'The payment is authorised and not captured.'),
  'refund.failed': paymentOf('refund', 'The renter is owed again, from where the money came.'),
  'setup_intent.setup_failed': its('setup_intent', 'The reason is shown; the page lets the renter try another card.'),
  'setup_intent.requires_action': its('setup_intent', 'The setup waits for the renter.'),
  'setup_intent.canceled': its('setup_intent', 'The setup is over.'),
  'checkout.session.completed': intentOf('The setup or payment the page ended in is read and applied.'),
  'checkout.session.async_payment_succeeded': intentOf('The payment the page ended in is read and settled.'),
  'checkout.session.async_payment_failed': intentOf('The payment the page ended in is read; the attempt failed.'),
  'checkout.session.expired': its('checkout_session', 'The link is over; a new one is made when it is asked for.'),
  'charge.succeeded': paymentOf('charge', described),
  'charge.failed': paymentOf('charge', described),
  'charge.pending': paymentOf('charge', described),
  'charge.updated': paymentOf('charge', described),
  'charge.dispute.created': disputes,
  'charge.dispute.updated': disputes,
  'charge.dispute.closed': disputes,
  'charge.dispute.funds_withdrawn': disputes,
  'charge.dispute.funds_reinstated': disputes,
  'radar.early_fraud_warning.created': its(
    'fraud_warning',
    'The payment is flagged, and its invoice suggests a refund.',
  ),
  'review.opened': reviews,
  'review.closed': reviews,
  'mandate.updated': its('mandate', `No longer allowed by the payer: ${pausing}`),
  'payment_method.attached': its('payment_method', 'Brand, digits and expiry date of the saved method are refreshed.'),
  'payment_method.detached': its('payment_method', pausing),
  'payment_method.updated': its('payment_method', 'Brand, digits and expiry date of the saved method are refreshed.'),
  'payment_method.automatically_updated': its(
    'payment_method',
    'The new card’s digits and expiry date take the old ones’ place.',
  ),
  'customer.deleted': its('customer', `Every method of that customer: ${pausing}`),
  'payout.created': its('payout', payoutMoves),
  'payout.updated': its('payout', payoutMoves),
  'payout.paid': its('payout', payoutMoves),
  'payout.failed': its(
    'payout',
    'The payout failed, also after it was paid: its cause is told in words, once by mail, and it is seen to on the next business day.',
  ),
  'payout.canceled': its('payout', 'The payout was stopped before it left; the money is back in the balance.'),
  'payout.reconciliation_completed': { ignored: 'Payouts are not matched to their payments here yet.' },
  'balance.available': itsOne('balance', 'Refunds that wait for funds are looked at again, the oldest first.'),
  'balance_settings.updated': { ignored: 'The schedule of payouts is not kept here. See it in Stripe.' },
  'invoice.paid': its('stripe_invoice', paidThere),
  'invoice.payment_action_required': its(
    'stripe_invoice',
    'The linked invoice is read; the payer confirms on Stripe’s own page.',
  ),
  'invoice.voided': its('stripe_invoice', notedThere),
  'invoice.marked_uncollectible': its('stripe_invoice', notedThere),
  'invoice_payment.paid': namedBy('invoice', 'stripe_invoice', paidThere),
  'account.updated': its('account', accounts),
  'account.external_account.created': namedBy('account', 'account', accounts),
  'account.external_account.updated': namedBy('account', 'account', accounts),
  'account.external_account.deleted': namedBy('account', 'account', accounts),
  'account.application.authorized': sendersAccount('account', accounts),
  'account.application.deauthorized': sendersAccount(
    'account_left',
    'The account has left: nothing is charged through it any more, and nothing is asked about it.',
  ),
  'capability.updated': namedBy('account', 'account', accounts),
  'person.created': namedBy('account', 'account', accounts),
  'person.updated': namedBy('account', 'account', accounts),
  'person.deleted': namedBy('account', 'account', accounts),
  'application_fee.created': platformFees,
  'application_fee.refunded': platformFees,
  'application_fee.refund.updated': platformFees,
} as const satisfies Record<RequiredEvent | RecommendedEvent | ConnectEvent | PlatformEvent, Route>

/** What has to be re-read because of this event, or why nothing is. */
export function findSubject(event: StripeEvent): Found {
  const route: Route | undefined = Object.hasOwn(routes, event.type)
    ? routes[event.type as keyof typeof routes]
    : undefined
  if (!route) return { ignored: `Rentroll does not use events of the type ${event.type}.` }
  return 'ignored' in route ? route : route.find(event)
}

function subjectOf(kind: SubjectKind, id: string | undefined): Subject | undefined {
  return id !== undefined && subjectIds[kind].test(id) ? { kind, id } : undefined
}

function lacking(kind: SubjectKind): Found {
  return { ignored: `It carries no ${words(kind)} to look at.` }
}

/** `setup_intent` as it is said: `setup intent`. */
export function words(kind: string): string {
  return kind.replaceAll('_', ' ')
}

export function reactionFor(reactions: Reactions, kind: string): Reaction<unknown> | undefined {
  return Object.hasOwn(reactions, kind) ? reactions[kind as SubjectKind] : undefined
}
