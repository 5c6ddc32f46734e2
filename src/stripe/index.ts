/**
 * Stripe: the only folder that imports the SDK (STR-1). It turns Stripe's objects into small checked shapes with amounts as
 * `bigint` minor units and currencies in upper case, and everything that can go wrong into one `StripeFault`. It decides nothing
 * about rent, keeps nothing, and never runs inside a transaction.
 */
import type { Mode, Scope } from '#kernel'
import type { Clock, Logs, ScopedHandle } from '#platform'
import { accountCalls } from './accounts.ts'
import { balanceCalls } from './balance.ts'
import { connectedAccountCalls } from './connected-accounts.ts'
import { createCall, type FullMetadata, type PlatformKeys } from './call.ts'
import { endpointCalls, eventCalls } from './endpoints.ts'
import { handshakeCalls } from './handshake.ts'
import { invoiceCalls } from './invoices.ts'
import { paymentIntentCalls, paymentIntentPages, paymentNewsCalls } from './payment-intents.ts'
import { paymentMethodCalls, setupCalls } from './payment-methods.ts'
import { payoutSettingsCalls, turnoverCalls } from './payout-settings.ts'
import { payoutCalls, payoutPages } from './payouts.ts'
import { refundCalls, refundPages } from './refunds.ts'
import { testCardCalls } from './test-card.ts'

export { PINNED_API_VERSION, type CallTrace, type PlatformKeys, type StripeScope } from './call.ts'
export { StripeFault } from './fault.ts'
export type { AccountSeen, BalanceTransactionSeen } from './accounts.ts'
export type { ArrivalSeen } from './balance.ts'
export type { AccountsApi, ConnectedAccountSeen, RequirementsSeen } from './connected-accounts.ts'
export type { StripeInvoiceSeen } from './invoices.ts'
export type { PaymentIntentSeen, PaymentSeen } from './payment-intents.ts'
export type { CheckoutSessionSeen, MandateSeen, PaymentMethodSeen, SetupIntentSeen } from './payment-methods.ts'
export type { BankSeen, PayoutSettingsSeen, SaleSeen, ScheduleSeen } from './payout-settings.ts'
export type { PayoutSeen } from './payouts.ts'
export type { FraudWarningSeen, RefundSeen } from './refunds.ts'
export type { HandshakeVerdict, Probe } from './handshake.ts'
export type { EndpointId, EndpointSeen, EventPage, EventSeen } from './endpoints.ts'
export {
  connectEndpointEvents,
  endpointEvents,
  eventPurposes,
  missingEvents,
  platformEndpointEvents,
  recommendedEvents,
  requiredEvents,
  type ConnectEvent,
  type PlatformEvent,
  type RecommendedEvent,
  type RequiredEvent,
} from './event-names.ts'
export { judgeDecline } from './declines.ts'
export { platformFeeOf, platformFeeWords, type PlatformFee } from './platform-fee.ts'
export { minimumAmountMinor } from './shape.ts'

export type StripeOptions = {
  /** `https://api.stripe.com`, or the sandbox's address. */
  readonly apiBase: string
  readonly logs: Logs
  readonly clock: Clock
  /** The installation's own id; stands in the metadata of everything we create (STR-10). */
  readonly installation: string
  /** Of the installation's own account, with which it acts for accounts connected to it (STR-2). */
  readonly platformKeys?: PlatformKeys
}

export type StripeGateway = ReturnType<typeof createStripe>

/** Every method takes the scope first and throws `StripeFault`; every write takes its own idempotency key. */
export function createStripe(options: StripeOptions) {
  const call = createCall(options)
  const metadata = metadataFor(options.installation)
  return {
    /** Where this gateway talks to. */
    apiBase: options.apiBase,
    /** Whether accounts can be connected in this mode at all. */
    hasPlatformKey: (mode: Mode): boolean => options.platformKeys?.[mode] !== undefined,
    ...accountCalls(call),
    ...balanceCalls(call),
    ...connectedAccountCalls(call, metadata),
    ...handshakeCalls(call, metadata),
    ...paymentMethodCalls(call, metadata),
    ...setupCalls(call, metadata),
    ...testCardCalls(call, metadata),
    ...paymentIntentCalls(call, metadata),
    ...paymentIntentPages(call),
    ...refundCalls(call, metadata),
    ...refundPages(call),
    ...paymentNewsCalls(call),
    ...payoutSettingsCalls(call),
    ...turnoverCalls(call),
    ...payoutCalls(call, metadata),
    ...payoutPages(call),
    ...invoiceCalls(call),
    ...endpointCalls(call, metadata),
    ...eventCalls(call),
  }
}

/** The gateway adds installation and operator to the ids of each object. */
function metadataFor(installation: string): FullMetadata {
  return (scope, ids) => ({ rentroll_installation: installation, rentroll_operator: scope.operatorId, ...ids })
}

/**
 * `foreign`: the object is none of ours (STR-67). `park`: it is ours, and our row is not there yet (STR-68). `quarantine`: what it
 * says about its owner contradicts where it came from (STR-63). `ignore`: nothing can be done with it here, such as when a restricted
 * key may not read it. The texts are shown to the operator.
 */
export type ReactionVerdict =
  | 'done'
  | 'foreign'
  | { readonly park: string }
  | { readonly quarantine: string }
  | { readonly ignore: string }

/**
 * What news about one Stripe object means for us, in two halves (architecture §8). The type stands here because reactions live in modules
 * below the inbox that runs them.
 */
export type Reaction<Observed> = {
  /** The object as Stripe has it now, or undefined when Stripe does not know it. @throws StripeFault when Stripe did not answer. */
  read(scope: Scope, connectionId: string, objectId: string): Promise<Observed | undefined>
  /** Runs in the transaction that also ends the inbox rows. Being told twice, late or out of order must change nothing. */
  apply(rows: ScopedHandle, connectionId: string, observed: Observed): Promise<ReactionVerdict>
  /** Left out where objects are applied one transaction each. */
  readonly sets?: SetReaction<Observed>
}

/** Several objects of one operator in one transaction (PERF-53): everything is locked before anything is written, in one order. */
export type SetReaction<Observed> = {
  /** Whether this one may stand in a set. */
  fits(observed: Observed): boolean
  /** As `apply` for each. @returns the verdicts in the order of the news. */
  apply(rows: ScopedHandle, news: readonly SetNews<Observed>[]): Promise<readonly ReactionVerdict[]>
}

export type SetNews<Observed> = { readonly connectionId: string; readonly observed: Observed }
