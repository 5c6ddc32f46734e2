/** What is kept of connected accounts: their people, capabilities, bank accounts and links. */
import type Stripe from 'stripe'
import type { Mode } from '../views.ts'

/** Something Stripe asks for beyond what every account of the country and business type must give. */
export interface Demand {
  /** As it stands in `requirements`, such as 'person_x.verification.document'. */
  readonly requirement: string
  /** Seconds; until then it stands in `future_requirements`. */
  readonly startsAt: number
  /** Seconds; from then on it is past due. Null: due without a date. */
  readonly dueAt: number | null
  /** Shown in `requirements.errors` while it is due. */
  readonly error: { readonly code: string; readonly reason: string } | null
}

/** How an account hangs on the platform that made it. */
export interface Connection {
  readonly platform: string
  /** The mode of the key that made it: a connected account exists in this mode only. */
  readonly mode: Mode
  /** A link to the hosted form was made: from then on the platform may change less. */
  readonly hasStarted: boolean
  /** The form was sent off, or everything was given over the API where the platform collects it. */
  readonly isSubmitted: boolean
  readonly demands: readonly Demand[]
  readonly pendingVerification: readonly string[]
  /** Set by Stripe or the platform rather than by what is missing: charges and payouts are off. */
  readonly disabledReason: string | null
}

export interface AccountLinkRecord {
  readonly token: string
  readonly type: 'account_onboarding' | 'account_update'
  readonly refreshUrl: string
  readonly returnUrl: string
  /** Ask for what will be due at some time as well. */
  readonly asksEventually: boolean
  readonly asksFuture: boolean
  /** Milliseconds. */
  readonly expiresAt: number
  /** The visit that opened the link; null while nobody did. */
  readonly visit: string | null
}

export interface LoginLinkRecord {
  readonly token: string
  /** Milliseconds. */
  readonly expiresAt: number
  readonly isUsed: boolean
}

type Nothing = Readonly<Record<string, never>>

export interface ConnectKinds {
  account_link: { object: AccountLinkRecord; hidden: Nothing }
  capability: { object: Stripe.Capability; hidden: Nothing }
  external_account: {
    object: Stripe.BankAccount
    hidden: { /** As typed; the object shows the last four only. */ readonly number: string }
  }
  login_link: { object: LoginLinkRecord; hidden: Nothing }
  person: { object: Stripe.Person; hidden: Nothing }
}

/** Fields that lists of these kinds filter by. */
export const connectIndexes = { account_link: ['visit'] } as const
