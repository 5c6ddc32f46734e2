/**
 * Stripe: the only folder that imports the SDK (STR-1). It turns Stripe's objects into small checked shapes with amounts as
 * `bigint` minor units and currencies in upper case, and everything that can go wrong into one `StripeFault`. It decides nothing
 * about rent, keeps nothing, and never runs inside a transaction.
 */
import type { Clock, Logs } from '#platform'
import { accountCalls } from './accounts.ts'
import { createCall, type FullMetadata } from './call.ts'
import { endpointCalls, eventCalls } from './endpoints.ts'
import { handshakeCalls } from './handshake.ts'
import { invoiceCalls } from './invoices.ts'
import { paymentIntentCalls, paymentIntentPages, paymentNewsCalls } from './payment-intents.ts'
import { paymentMethodCalls, setupCalls } from './payment-methods.ts'
import { payoutSettingsCalls, turnoverCalls } from './payout-settings.ts'
import { refundCalls, refundPages } from './refunds.ts'

export { PINNED_API_VERSION, type CallTrace, type StripeScope } from './call.ts'
export { StripeFault } from './fault.ts'
export type { AccountSeen, BalanceTransactionSeen } from './accounts.ts'
export type { StripeInvoiceSeen } from './invoices.ts'
export type { PaymentIntentSeen, PaymentSeen } from './payment-intents.ts'
export type { CheckoutSessionSeen, MandateSeen, PaymentMethodSeen, SetupIntentSeen } from './payment-methods.ts'
export type { BankSeen, PayoutSeen, PayoutSettingsSeen, SaleSeen, ScheduleSeen } from './payout-settings.ts'
export type { FraudWarningSeen, RefundSeen } from './refunds.ts'
export type { HandshakeVerdict, Probe } from './handshake.ts'
export type { EndpointId, EndpointSeen, EventPage, EventSeen } from './endpoints.ts'
export {
  endpointEvents,
  eventPurposes,
  missingEvents,
  recommendedEvents,
  requiredEvents,
  type RecommendedEvent,
  type RequiredEvent,
} from './event-names.ts'
export { judgeDecline } from './declines.ts'
export { minimumAmountMinor } from './shape.ts'
export type { Reaction, ReactionVerdict } from './reaction.ts'

export type StripeOptions = {
  /** `https://api.stripe.com`, or the sandbox's address. */
  readonly apiBase: string
  readonly logs: Logs
  readonly clock: Clock
  /** The installation's own id; stands in the metadata of everything we create (STR-10). */
  readonly installation: string
}

export type StripeGateway = ReturnType<typeof createStripe>

/** Every method takes the scope first and throws `StripeFault`; every write takes its own idempotency key. */
export function createStripe(options: StripeOptions) {
  const call = createCall(options)
  const metadata = metadataFor(options.installation)
  return {
    /** Where this gateway talks to. */
    apiBase: options.apiBase,
    ...accountCalls(call),
    ...handshakeCalls(call, metadata),
    ...paymentMethodCalls(call, metadata),
    ...setupCalls(call, metadata),
    ...paymentIntentCalls(call, metadata),
    ...paymentIntentPages(call),
    ...refundCalls(call, metadata),
    ...refundPages(call),
    ...paymentNewsCalls(call),
    ...payoutSettingsCalls(call),
    ...turnoverCalls(call),
    ...invoiceCalls(call),
    ...endpointCalls(call, metadata),
    ...eventCalls(call),
  }
}

/** The gateway adds installation and operator to the ids of each object. */
function metadataFor(installation: string): FullMetadata {
  return (scope, ids) => ({ rentroll_installation: installation, rentroll_operator: scope.operatorId, ...ids })
}
