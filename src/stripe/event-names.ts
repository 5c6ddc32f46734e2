/**
 * The one list of events (STR-145): the required ten in the order of the screen (UI-128), and the recommended ones. Routes, the
 * endpoint we create, the set-up guide and the check of missing events all read it, so none can drift from another.
 */
export const requiredEvents = [
  'charge.refunded',
  'charge.refund.updated',
  'invoice.payment_succeeded',
  'invoice.payment_failed',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'refund.created',
  'refund.updated',
  'setup_intent.succeeded',
] as const

export type RequiredEvent = (typeof requiredEvents)[number]

export const eventPurposes: Readonly<Record<RequiredEvent, string>> = {
  'charge.refunded': 'A refund was made, here or in Stripe',
  'charge.refund.updated': 'A refund of a charge changed',
  'invoice.payment_succeeded': 'An invoice kept at Stripe was paid',
  'invoice.payment_failed': 'An invoice kept at Stripe could not be paid',
  'payment_intent.succeeded': 'A payment arrived: the invoice turns Paid',
  'payment_intent.payment_failed': 'A payment was declined',
  'payment_intent.requires_action': 'The renter must confirm with their bank',
  'refund.created': 'A refund was started',
  'refund.updated': 'A refund arrived, failed or waits',
  'setup_intent.succeeded': 'A renter saved a card or bank account',
}

export const recommendedEvents = [
  'payment_intent.processing',
  'payment_intent.canceled',
  'payment_intent.partially_funded',
  'payment_intent.amount_capturable_updated',
  'refund.failed',
  'setup_intent.setup_failed',
  'setup_intent.requires_action',
  'setup_intent.canceled',
  'checkout.session.completed',
  'checkout.session.expired',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'charge.succeeded',
  'charge.failed',
  'charge.pending',
  'charge.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'radar.early_fraud_warning.created',
  'review.opened',
  'review.closed',
  'mandate.updated',
  'payment_method.attached',
  'payment_method.detached',
  'payment_method.updated',
  'payment_method.automatically_updated',
  'customer.deleted',
  'payout.created',
  'payout.updated',
  'payout.paid',
  'payout.failed',
  'payout.canceled',
  'payout.reconciliation_completed',
  'balance.available',
  'balance_settings.updated',
  'invoice.paid',
  'invoice.payment_action_required',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'invoice_payment.paid',
  'account.updated',
  'account.external_account.created',
  'account.external_account.updated',
  'account.external_account.deleted',
] as const

export type RecommendedEvent = (typeof recommendedEvents)[number]

/** What connected accounts send beside all of that. */
export const connectEvents = [
  'account.application.authorized',
  'account.application.deauthorized',
  'capability.updated',
  'person.created',
  'person.updated',
  'person.deleted',
] as const

export type ConnectEvent = (typeof connectEvents)[number]

/** What the installation's own account tells of itself. */
export const platformEndpointEvents = [
  'account.updated',
  'application_fee.created',
  'application_fee.refunded',
  'application_fee.refund.updated',
  'balance.available',
  'payout.created',
  'payout.updated',
  'payout.paid',
  'payout.failed',
  'payout.canceled',
  'payout.reconciliation_completed',
] as const

export type PlatformEvent = (typeof platformEndpointEvents)[number]

/** What an endpoint of ours is created with. */
export const endpointEvents: readonly (RequiredEvent | RecommendedEvent)[] = [...requiredEvents, ...recommendedEvents]

/** What the installation's endpoint for all connected accounts is created with. */
export const connectEndpointEvents: readonly string[] = [...endpointEvents, ...connectEvents]

/** Which of the wanted events an endpoint would not send. `*` covers all that need no explicit selection, which are all of ours. */
export function missingEvents(enabled: readonly string[], wanted: readonly string[]): readonly string[] {
  if (enabled.includes('*')) return []
  return wanted.filter((event) => !enabled.includes(event))
}
