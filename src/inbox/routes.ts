/**
 * Which event leads where: one line per type we subscribe to (STR-45, STR-147). The same list creates the endpoint at Stripe, so a
 * type that is sent to us and stands here without a decision does not compile. An ignored type says why in the operator's words;
 * the inbox shows that sentence.
 */
import type { Reaction, RecommendedEvent, RequiredEvent } from '#stripe'
import { wordIn, type StripeEvent } from './parse-event.ts'

/** The kinds of object that are re-read, and the form of their ids (STR-154). */
const subjectIds = {
  payment_intent: /^pi_[A-Za-z0-9_]+$/,
  setup_intent: /^seti_[A-Za-z0-9_]+$/,
  refund: /^(re|pyr)_[A-Za-z0-9_]+$/,
  charge: /^(ch|py)_[A-Za-z0-9_]+$/,
} as const

export type SubjectKind = keyof typeof subjectIds

/** Supplied by the wiring as closures over gateway and keys; each stands in the module it belongs to. */
export type Reactions = {
  readonly paymentIntent: Reaction<unknown>
  readonly setupIntent: Reaction<unknown>
  readonly refund: Reaction<unknown>
  /** For `charge.refunded`, which names the charge: reads and applies all its refunds. */
  readonly charge: Reaction<unknown>
}

export type Route =
  | { readonly object: SubjectKind }
  | { readonly object: 'intent_of_session' }
  | { readonly ignored: string }

const paymentIntent = { object: 'payment_intent' } as const
const setupIntent = { object: 'setup_intent' } as const
const refund = { object: 'refund' } as const
const intentOfSession = { object: 'intent_of_session' } as const

const stripeInvoices = { ignored: 'Invoices kept at Stripe are not linked to invoices here yet.' }
const chargeDetails = { ignored: 'The events of its payment say the same, and those are processed.' }
const disputes = { ignored: 'Disputes are not processed here yet. Answer them in Stripe.' }
const warnings = { ignored: 'Fraud warnings and reviews are not shown here yet. See them in Stripe.' }
const methods = {
  ignored: 'Changes made to a saved method in Stripe are not followed yet; a charge finds out by itself.',
}
const payouts = { ignored: 'Payouts are not matched here yet. See them in Stripe.' }
const balances = { ignored: 'Balances are asked for when they are needed.' }
const accounts = { ignored: 'The account is read again by Test Connection.' }

export const routes = {
  'charge.refunded': { object: 'charge' },
  'charge.refund.updated': refund,
  'invoice.payment_succeeded': stripeInvoices,
  'invoice.payment_failed': stripeInvoices,
  'payment_intent.succeeded': paymentIntent,
  'payment_intent.payment_failed': paymentIntent,
  'payment_intent.requires_action': paymentIntent,
  'refund.created': refund,
  'refund.updated': refund,
  'setup_intent.succeeded': setupIntent,

  'payment_intent.processing': paymentIntent,
  'payment_intent.canceled': paymentIntent,
  'payment_intent.partially_funded': paymentIntent,
  'payment_intent.amount_capturable_updated': paymentIntent,
  'refund.failed': refund,
  'setup_intent.setup_failed': setupIntent,
  'setup_intent.requires_action': setupIntent,
  'setup_intent.canceled': setupIntent,
  'checkout.session.completed': intentOfSession,
  'checkout.session.async_payment_succeeded': intentOfSession,
  'checkout.session.async_payment_failed': intentOfSession,
  'checkout.session.expired': {
    ignored: 'A hosted page nobody used has ended. A new one is made when it is asked for.',
  },
  'charge.succeeded': chargeDetails,
  'charge.failed': chargeDetails,
  'charge.pending': chargeDetails,
  'charge.updated': chargeDetails,
  'charge.dispute.created': disputes,
  'charge.dispute.updated': disputes,
  'charge.dispute.closed': disputes,
  'charge.dispute.funds_withdrawn': disputes,
  'charge.dispute.funds_reinstated': disputes,
  'radar.early_fraud_warning.created': warnings,
  'review.opened': warnings,
  'review.closed': warnings,
  'mandate.updated': methods,
  'payment_method.attached': methods,
  'payment_method.detached': methods,
  'payment_method.updated': methods,
  'payment_method.automatically_updated': methods,
  'customer.deleted': methods,
  'payout.created': payouts,
  'payout.updated': payouts,
  'payout.paid': payouts,
  'payout.failed': payouts,
  'payout.canceled': payouts,
  'payout.reconciliation_completed': payouts,
  'balance.available': balances,
  'balance_settings.updated': balances,
  'invoice.paid': stripeInvoices,
  'invoice.payment_action_required': stripeInvoices,
  'invoice.voided': stripeInvoices,
  'invoice.marked_uncollectible': stripeInvoices,
  'invoice_payment.paid': stripeInvoices,
  'account.updated': accounts,
  'account.external_account.created': accounts,
  'account.external_account.updated': accounts,
  'account.external_account.deleted': accounts,
} as const satisfies Record<RequiredEvent, Route> & Record<RecommendedEvent, Route>

export type Subject = { readonly kind: SubjectKind; readonly id: string }

/** What has to be re-read because of this event, or why nothing is. */
export function findSubject(event: StripeEvent): Subject | { readonly ignored: string } {
  const route: Route | undefined = Object.hasOwn(routes, event.type)
    ? routes[event.type as keyof typeof routes]
    : undefined
  if (!route) return { ignored: `Rentroll does not use events of the type ${event.type}.` }
  if ('ignored' in route) return route
  if (route.object === 'intent_of_session') return intentOf(event)
  return subjectOf(route.object, event.objectId) ?? { ignored: `It carries no ${words(route.object)} to look at.` }
}

/** A session ends in a setup or a payment; free ones have neither. */
function intentOf({ sent }: StripeEvent): Subject | { readonly ignored: string } {
  const setup = subjectOf('setup_intent', wordIn(sent, 'setup_intent'))
  const payment = subjectOf('payment_intent', wordIn(sent, 'payment_intent'))
  return setup ?? payment ?? { ignored: 'The session took no payment and saved no method.' }
}

function subjectOf(kind: SubjectKind, id: string | undefined): Subject | undefined {
  return id !== undefined && subjectIds[kind].test(id) ? { kind, id } : undefined
}

/** `setup_intent` as it is said: `setup intent`. */
export function words(kind: string): string {
  return kind.replaceAll('_', ' ')
}

export function reactionFor(reactions: Reactions, kind: string): Reaction<unknown> | undefined {
  const names: Readonly<Record<SubjectKind, keyof Reactions>> = {
    payment_intent: 'paymentIntent',
    setup_intent: 'setupIntent',
    refund: 'refund',
    charge: 'charge',
  }
  return Object.hasOwn(names, kind) ? reactions[names[kind as SubjectKind]] : undefined
}
