/**
 * What the sandbox keeps, kind by kind: `object` is the wire shape of the pinned API version, exactly as a retrieve shows
 * it, `hidden` is what only the sandbox may know. Shapes come from the type declarations of the `stripe` package, so a
 * missing field is a compile error; nothing of that package runs here.
 */
import type Stripe from 'stripe'
import { connectIndexes } from '../connect/kinds.ts'
import type { ConnectKinds, Connection } from '../connect/kinds.ts'
import { debitIndexes } from '../debits/kinds.ts'
import type { DebitKinds } from '../debits/kinds.ts'
import { disputeIndexes } from '../disputes/kinds.ts'
import type { DisputeKinds } from '../disputes/kinds.ts'
import { invoicingIndexes } from '../invoicing/kinds.ts'
import type { InvoicingKinds } from '../invoicing/kinds.ts'
import { payoutIndexes } from '../payouts/kinds.ts'
import type { PayoutKinds } from '../payouts/kinds.ts'
import type { Mode } from '../views.ts'

/** Kinds without a Stripe object keep everything in `object`. */
type Nothing = Readonly<Record<string, never>>

export interface KeyRecord {
  readonly key: string
  readonly account: string
  readonly mode: Mode
  readonly kind: 'publishable' | 'secret' | 'restricted'
  readonly state: 'active' | 'revoked' | 'expired'
  /** Only for restricted keys: names such as 'payment_intent_write'. Write includes read. */
  readonly permissions: readonly string[]
}

export interface StoredAnswer {
  readonly key: string
  /** Digest of method, path and parameters. */
  readonly fingerprint: string
  readonly status: number
  readonly body: string
  readonly requestId: string
  readonly firstUsedAt: number
  /** Milliseconds after its first use at which the key means nothing any more. */
  readonly livesMs: number
}

export interface Timer {
  /** Milliseconds of sandbox time. */
  readonly dueAt: number
  /** Name in the table of timer actions. */
  readonly action: string
  /** What the action is about, usually an object's id. */
  readonly subject: string
}

export interface Challenge {
  readonly token: string
  readonly intentKind: 'payment_intent' | 'setup_intent'
  readonly intent: string
  readonly state: 'open' | 'done'
  readonly returnUrl: string | null
  /** Set when the challenge belongs to a hosted page: the browser goes back there. */
  readonly checkoutSession: string | null
}

export interface DeliveryTry {
  readonly at: number
  readonly status: number | null
  readonly answer: string
  readonly durationMs: number
  readonly signature: string
}

/** Stands in the space of its event; the endpoint may be another account's (a platform's) and of the other mode. */
export interface Delivery {
  readonly event: string
  readonly eventType: string
  readonly endpoint: string
  readonly endpointAccount: string
  readonly endpointMode: Mode
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly nextTryAt: number | null
  /** Automatic tries made so far; a resend by hand does not count. */
  readonly automaticTries: number
  readonly createdAt: number
  readonly tries: readonly DeliveryTry[]
}

export interface EndpointSecrets {
  /** Has the events of connected accounts instead of the account's own. */
  readonly isConnect: boolean
  readonly secret: string
  /** Rolled secrets that still sign, newest first; each until its instant in milliseconds, that instant excluded. */
  readonly olderSecrets: readonly { readonly secret: string; readonly endsAt: number }[]
  /** Since when every delivery failed, in milliseconds; null while it works or was not tried. */
  readonly failingSince: number | null
  /** Set for one made over v2, which v1 does not list. */
  readonly destination: EventDestination | null
}

/** What v2 knows of an event destination beyond what an endpoint has. */
export interface EventDestination {
  readonly name: string
  readonly payload: 'snapshot' | 'thin'
  readonly eventsFrom: readonly ('@self' | '@accounts')[]
  /** Milliseconds. */
  readonly updatedAt: number
}

/** Running sums per currency; available + pending always equals the net of all transactions (SBX-23). */
export interface BalanceSheet {
  readonly available: Readonly<Record<string, number>>
  readonly pending: Readonly<Record<string, number>>
  readonly total: Readonly<Record<string, number>>
}

export interface AccountSettings {
  /** What happens to a refund larger than the available balance (SBX-26). */
  readonly refundWithoutFunds: 'pend' | 'reject' | 'overdraw'
  /** When a charge learns of its balance transaction (SBX-44); at once unless set. */
  readonly balanceTransactionOnCharge?: 'at_once' | 'late'
  /** Whether automatic payment methods demand a return_url at the confirmation; no unless set. */
  readonly strictReturnUrl?: boolean
}

/** Of the whole sandbox; read with `settingsOf(world)`. */
export interface SandboxSettings {
  /** Any `sk_test_…` without "bad" or "revoked" in it acts for the platform account (SBX-7). */
  readonly openMode: boolean
  /** Stripe's rate limits count (SBX-19). */
  readonly rateLimits: boolean
  /** Seconds by which a search lags behind a write, 0 to 3600 (SBX-18). */
  readonly searchLagSeconds: number
}

/** What a provoked trouble of the console remembers (SBX-49); `kept` is what its Undo needs. */
export interface TroubleRecord {
  readonly name: string
  readonly variant: string
  readonly account: string
  readonly mode: Mode
  /** Milliseconds. */
  readonly at: number
  readonly kept: Readonly<Record<string, unknown>>
}

/** The kinds of the areas are declared in their folders, so that an area is read in one place. */
export interface Kinds extends ConnectKinds, DebitKinds, DisputeKinds, InvoicingKinds, PayoutKinds {
  account: {
    object: Stripe.Account
    hidden: {
      readonly name: string
      readonly isPlatform: boolean
      /** The platform that may act for it; null for accounts with keys of their own, and after deauthorisation. */
      readonly platform: string | null
      /** Null for accounts with keys of their own. */
      readonly connection: Connection | null
      readonly settings: AccountSettings
    }
  }
  key: { object: KeyRecord; hidden: Nothing }
  sandbox_settings: { object: SandboxSettings; hidden: Nothing }
  stored_answer: { object: StoredAnswer; hidden: Nothing }
  timer: { object: Timer; hidden: Nothing }
  trouble: { object: TroubleRecord; hidden: Nothing }
  challenge: { object: Challenge; hidden: Nothing }
  delivery: { object: Delivery; hidden: Nothing }
  balance_sheet: { object: BalanceSheet; hidden: Nothing }
  balance_transaction: {
    object: Stripe.BalanceTransaction
    hidden: {
      /** The automatic payout that took it, or 'open:aud' while none did; see money/books.ts. */
      readonly batch: string
    }
  }
  customer: { object: Stripe.Customer; hidden: { readonly isDeleted: boolean } }
  payment_method: {
    object: Stripe.PaymentMethod
    hidden: {
      /** Name of its row in the table of test cards; null for a bank account. */
      readonly card: string | null
      /** Name of its row in the table of test bank accounts; null for a card. */
      readonly bank: string | null
      /** The bank was satisfied once (a setup or a saved payment with a passed challenge). */
      readonly isSetUp: boolean
      /** It was used without a customer, or detached: Stripe refuses it from then on. */
      readonly isSpent: boolean
    }
  }
  payment_intent: {
    object: Stripe.PaymentIntent
    hidden: {
      readonly checkoutSession: string | null
      readonly challenge: string | null
      /** The last confirmation's return_url, used again by a later confirm without one. */
      readonly returnUrl: string | null
      readonly isOffSession: boolean
      /** The invoice it was made to pay; absent for every other intent. */
      readonly invoice?: string
    }
  }
  setup_intent: {
    object: Stripe.SetupIntent
    hidden: {
      readonly checkoutSession: string | null
      readonly challenge: string | null
      readonly returnUrl: string | null
    }
  }
  'checkout.session': {
    object: Stripe.Checkout.Session
    hidden: {
      readonly lines: readonly Stripe.LineItem[]
      readonly paymentIntentData: IntentTemplate
      readonly lastDecline: string | null
      readonly wantsCustomer: boolean
    }
  }
  charge: { object: Stripe.Charge; hidden: { readonly card: string | null } }
  refund: {
    object: Stripe.Refund
    hidden: {
      /** The currency in which it waits for funds; null when it does not. */
      readonly waitsFor: string | null
      /** The platform gives its share of the fee back when the money leaves the balance. */
      readonly refundsFee: boolean
    }
  }
  event: { object: Stripe.EventBase; hidden: Nothing }
  webhook_endpoint: { object: Stripe.WebhookEndpoint; hidden: EndpointSecrets }
}

/** What a Checkout Session was told to put on the intent it makes when the payer pays. */
export interface IntentTemplate {
  /** The platform's application that made the session for a connected account. */
  readonly application: string | null
  /** Minor units. */
  readonly applicationFee: number | null
  readonly captureMethod: 'automatic' | 'automatic_async' | 'manual'
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly receiptEmail: string | null
  readonly setupFutureUsage: 'on_session' | 'off_session' | null
  readonly shipping: Stripe.PaymentIntent.Shipping | null
  readonly statementDescriptor: string | null
  readonly statementDescriptorSuffix: string | null
}

export type Kind = keyof Kinds

export interface Row<K extends Kind = Kind> {
  readonly kind: K
  readonly id: string
  /** Grows with every insert of the whole sandbox: the order of lists, since `created` counts whole seconds only. */
  readonly sequence: number
  readonly object: Kinds[K]['object']
  readonly hidden: Kinds[K]['hidden']
}

/** Fields of `object`, or of `hidden` where written so, that lists filter by; each gets an index, so that a filter stays quick among 100 000 objects. */
export const indexedFields: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  balance_transaction: ['source', 'available_on', 'hidden.batch'],
  charge: ['payment_intent', 'customer'],
  'checkout.session': ['payment_intent', 'setup_intent', 'customer'],
  customer: ['email'],
  delivery: ['event', 'endpoint'],
  key: ['account'],
  payment_intent: ['customer'],
  payment_method: ['customer'],
  refund: ['charge', 'payment_intent', 'hidden.waitsFor'],
  setup_intent: ['customer', 'payment_method'],
  ...connectIndexes,
  ...debitIndexes,
  ...disputeIndexes,
  ...invoicingIndexes,
  ...payoutIndexes,
}
