/**
 * What the sandbox shows to its own pages, to its control API and to tests. These are views: plain values copied out of
 * the sandbox's state, in our words (amounts as integer minor units, instants as Date), never Stripe's wire objects,
 * except where a field is called `object` or `body`.
 */

import type { HostedOnboarding } from './connect/onboarding-views.ts'

export type Mode = 'test' | 'live'

export interface KeySet {
  readonly publishable: string
  readonly secret: string
  /** Has the permissions a product that takes payments is told to ask for; see facts.ts. */
  readonly restricted: string
}

export interface AccountView {
  readonly id: string
  readonly name: string
  readonly country: string
  readonly defaultCurrency: string
  readonly isPlatform: boolean
  /** The platform that made it and the one mode it exists in; such an account has no keys. Null for all others. */
  readonly connectedTo: { readonly platform: string; readonly mode: Mode } | null
  readonly keys: Readonly<Record<Mode, KeySet>>
}

export interface CardFields {
  /** As typed; spaces and dashes are ignored. A number outside the test table is refused: "Use a test card". */
  readonly number: string
  readonly expMonth: number
  readonly expYear: number
  readonly cvc: string
}

/** One line of the table of test cards (SBX-43), for the chips of the hosted page. */
export interface TestCard {
  /** '4242424242424242' */
  readonly number: string
  /** '4242 4242 4242 4242' */
  readonly spaced: string
  readonly brand: string
  /** The ready-made method of the same behaviour, such as 'pm_card_visa'. */
  readonly paymentMethod: string
  /** What happens, in a few words: 'Declined: insufficient funds'. */
  readonly behaviour: string
}

export interface CheckoutLineView {
  readonly description: string
  readonly quantity: number
  readonly unitAmountMinor: number
  readonly amountMinor: number
}

/** One kind of bank debit a hosted page offers. */
export interface DebitTab {
  /** Stripe's name: 'au_becs_debit'. */
  readonly type: string
  readonly name: string
  /** What the payer agrees to. */
  readonly mandateText: string
  readonly asksAddress: boolean
  /** Whether the account can be verified by small deposits instead of at once. */
  readonly offersDeposits: boolean
  /** The test accounts of this kind. */
  readonly accounts: readonly { readonly number: string; readonly behaviour: string }[]
}

export interface DebitFields {
  readonly type: string
  /** One of the tab's accounts. */
  readonly account: string
  readonly holder: string
  /** Only asked for where the tab says so. */
  readonly address?: string
  readonly verifiesByDeposits?: boolean
}

export interface CheckoutView {
  readonly id: string
  readonly accountId: string
  /** Name of the business the payer deals with. */
  readonly accountName: string
  readonly isLive: boolean
  readonly kind: 'payment' | 'setup'
  readonly status: 'open' | 'complete' | 'expired'
  readonly currency: string | null
  readonly amountMinor: number | null
  readonly lines: readonly CheckoutLineView[]
  /** Known e-mail of the customer; null means the page asks for it. */
  readonly email: string | null
  /** When true the page shows "Save this card for later" (payment mode, saved_payment_method_options.payment_method_save). */
  readonly offersSave: boolean
  readonly offersCard: boolean
  readonly debits: readonly DebitTab[]
  /** Methods the customer saved before and may pay with in one click. */
  readonly savedMethods: readonly {
    readonly id: string
    readonly brand: string
    readonly last4: string
    readonly expMonth: number
    readonly expYear: number
  }[]
  readonly cancelUrl: string | null
  /** Where a finished session leads, with {CHECKOUT_SESSION_ID} already replaced. */
  readonly successUrl: string | null
  readonly expiresAt: Date
  /** Text of the last decline, for a page that is opened again. */
  readonly lastDecline: string | null
  /** Set while a 3-D Secure step of this session waits: '/3ds/{token}'. */
  readonly challengePath: string | null
}

export type SubmitCheckout = {
  readonly sessionId: string
  readonly saveForLater?: boolean
  readonly email?: string
} & ({ readonly card: CardFields } | { readonly debit: DebitFields } | { readonly paymentMethod: string })

export type SubmitOutcome =
  /** Paid, or saved: send the browser to redirectUrl. */
  | { readonly outcome: 'complete'; readonly redirectUrl: string }
  /** Send the browser to redirectUrl, which is this sandbox's /3ds/{token}. */
  | { readonly outcome: 'requires_action'; readonly redirectUrl: string }
  /** Show message at the card form and let the payer try again. `field` names the input at fault, when there is one. */
  | { readonly outcome: 'declined'; readonly message: string; readonly field?: 'number' | 'expiry' | 'cvc' | 'email' }
  | { readonly outcome: 'expired'; readonly message: string }
  | { readonly outcome: 'already_complete'; readonly redirectUrl: string | null; readonly message: string }
  | { readonly outcome: 'unknown'; readonly message: string }

export interface ChallengeView {
  readonly token: string
  readonly accountName: string
  readonly kind: 'payment' | 'setup'
  readonly amountMinor: number | null
  readonly currency: string | null
  readonly cardBrand: string
  readonly cardLast4: string
  /** True once it was completed, failed or made pointless (intent canceled or confirmed anew): show "already done". */
  readonly isDone: boolean
  /** Where the payer goes on from a challenge that is done; null without return_url. */
  readonly returnUrl: string | null
}

export interface RequestView {
  readonly id: string
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly accountId: string | null
  readonly mode: Mode | null
  readonly status: number
  readonly durationMs: number
  readonly idempotencyKey: string | null
  readonly isReplay: boolean
  readonly apiVersion: string | null
  /** Secrets are replaced by dots in both bodies. */
  readonly requestBody: string
  readonly responseBody: string
  /** Names of the faults that touched this request. */
  readonly faults: readonly string[]
}

export interface EventView {
  readonly id: string
  readonly type: string
  readonly createdAt: Date
  readonly accountId: string
  readonly mode: Mode
  readonly objectId: string
  readonly pendingWebhooks: number
  readonly object: Readonly<Record<string, unknown>>
}

export interface DeliveryTryView {
  readonly at: Date
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null
  /** First 2 kB of the answer, or the reason there was none. */
  readonly answer: string
  readonly durationMs: number
  readonly requestBody: string
  readonly signature: string
}

export interface DeliveryView {
  readonly id: string
  readonly eventId: string
  readonly eventType: string
  readonly endpointId: string
  readonly url: string
  readonly accountId: string
  readonly mode: Mode
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly nextTryAt: Date | null
  readonly tries: readonly DeliveryTryView[]
}

export interface EndpointView {
  readonly id: string
  readonly accountId: string
  readonly mode: Mode
  readonly url: string
  readonly status: 'enabled' | 'disabled'
  readonly enabledEvents: readonly string[]
  readonly apiVersion: string | null
  readonly description: string | null
  /** Gets the events of connected accounts instead of the account's own. */
  readonly isConnect: boolean
  /** For the "reveal" button of the console; Stripe's API shows it once only. */
  readonly secret: string
  /** Rolled secrets that still sign, newest first. */
  readonly olderSecrets: readonly { readonly secret: string; readonly endsAt: Date }[]
  readonly createdAt: Date
}

export interface HealthView {
  readonly ok: boolean
  /** Sandbox time. */
  readonly now: Date
  /** One sentence per broken invariant (SBX-23) or loss (a torn journal); empty when all is well. */
  readonly problems: readonly string[]
  readonly activeFaults: number
  readonly objects: number
  /** "POST /v1/payouts" and how often it was asked: known to Stripe, not to this sandbox (SBX-6). */
  readonly unsupportedCalls: readonly { readonly operation: string; readonly times: number }[]
}

/** Kinds that `listObjects` knows; these are Stripe's own `object` names. */
export type ObjectKind =
  | 'customer'
  | 'payment_method'
  | 'payment_intent'
  | 'setup_intent'
  | 'checkout.session'
  | 'charge'
  | 'refund'
  | 'balance_transaction'
  | 'payout'
  | 'event'
  | 'webhook_endpoint'

export interface StripeSandbox {
  /** The address browsers reach the sandbox at, without a trailing slash. */
  readonly publicUrl: string
  /** Sandbox time: the clock given at the start. */
  now(): Date
  accounts(): readonly AccountView[]

  /** Finds a session of any account by its id, open or not; null when there is none. Does not expire it: status is up to date. */
  findCheckoutSession(sessionId: string): CheckoutView | null
  /** Presses the button of the hosted page. Never throws for what a payer can type. */
  submitCheckout(submission: SubmitCheckout): SubmitOutcome
  /** Address behind the *Back* link: the session stays open, as at Stripe. Null for an unknown session or one without cancel_url. */
  cancelCheckout(sessionId: string): string | null

  findChallenge(token: string): ChallengeView | null
  /**
   * Ends a 3-D Secure step. 'complete' and 'fail' return where the browser goes next (for a Checkout Session that was
   * failed: back to the hosted page); 'close' changes nothing at all, as a person who shuts the window. redirectUrl is
   * null when the intent was confirmed without return_url. The same token twice gives alreadyDone.
   */
  finishChallenge(finish: { readonly token: string; readonly outcome: 'complete' | 'fail' | 'close' }): {
    readonly alreadyDone: boolean
    readonly redirectUrl: string | null
  }

  /** The hosted onboarding form of connected accounts, and their login links. */
  readonly onboarding: HostedOnboarding

  /** The table of SBX-43. */
  testCards(): readonly TestCard[]

  /** The lists are newest first and cut at `limit` (default 100). */
  listRequests(limit?: number): readonly RequestView[]
  findRequest(requestId: string): RequestView | null
  listEvents(limit?: number): readonly EventView[]
  listDeliveries(limit?: number): readonly DeliveryView[]
  listEndpoints(): readonly EndpointView[]
  /** Stripe's wire objects of one account and mode. */
  listObjects(accountId: string, mode: Mode, kind: ObjectKind): readonly Readonly<Record<string, unknown>>[]
  health(): HealthView

  /** Sends the event of this delivery once more, now; false for an unknown delivery. Automatic tries go on (SBX-37). */
  resendDelivery(deliveryId: string): boolean
  /** Drops every stored idempotency key, as Stripe does after 24 hours. Returns how many. */
  forgetIdempotencyKeys(): number

  /** Earliest instant at which something happens by itself (delivery retry, expiry, refund outcome, funds available). */
  nextDueAt(): Date | null
  /** Runs everything due at or before now, in order, and resolves when no delivery is in flight. */
  runDue(): Promise<void>
}
