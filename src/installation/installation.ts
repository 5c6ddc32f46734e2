/**
 * The noun: the installation itself, with its own Stripe account in each mode, and the two webhook endpoints that serve every operator
 * (STR-41). No row of it is an operator's.
 */
import { isPublicAddress } from '#connections'
import type { Mode, Uuid } from '#kernel'
import type { Database, Logs, SecretBox } from '#platform'
import type { EndpointId, StripeGateway, StripeScope } from '#stripe'

export const modes = ['test', 'live'] as const
export const installationKinds = ['platform', 'connect'] as const
export type InstallationKind = (typeof installationKinds)[number]

export type InstallationGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
  /** Base of every address, without a slash at its end. */
  readonly publicUrl: string
}

/** What the last look at Stripe found of one endpoint. */
export type EndpointLook = {
  readonly checkedAt: string
  readonly isFound: boolean
  readonly isEnabled: boolean
  readonly missing: readonly string[]
}

export type InstallationEndpointRow = {
  readonly id: Uuid
  readonly mode: Mode
  readonly kind: InstallationKind
  readonly url: string
  readonly stripeEndpointId: EndpointId | null
  readonly sealed: string | null
  readonly fingerprint: string
  readonly last4: string
  /** From when its secret no longer takes part; null for the present one. */
  readonly notAfter: Date | null
  /** The one whose place it is to take, or took. */
  readonly replaces: Uuid | null
  readonly tookOverAt: Date | null
  readonly lastVerifiedAt: Date | null
  readonly seen: EndpointLook | null
  readonly problem: string
  readonly createdAt: Date
}

/** What is known of deliveries and of Stripe in one mode (STR-106). */
export type InstallationWatch = {
  readonly mode: Mode
  readonly refusedAt: Date | null
  readonly verifiedAt: Date | null
  readonly askedAt: Date | null
  readonly suspectOperator: Uuid | null
  readonly suspectConnection: Uuid | null
  readonly suspectedAt: Date | null
  readonly unseenSince: Date | null
  readonly unseenAccount: string
  readonly endpointCount: number | null
  readonly keyProblem: string
}

/** Calls of the installation for itself; no operator and no account is named. */
export function installationScope(mode: Mode): StripeScope {
  return { credential: 'platform', mode, operatorId: '', connectionId: `installation:${mode}` }
}

/** Stripe delivers to public https addresses alone; the sandbox delivers to wherever it is told. */
export function isReachable({ stripe, publicUrl }: Pick<InstallationGround, 'stripe' | 'publicUrl'>): boolean {
  return new URL(stripe.apiBase).hostname !== 'api.stripe.com' || isPublicAddress(publicUrl)
}

/** Where Stripe delivers what is for the whole installation. */
export function sharedAddress(publicUrl: string): string {
  return `${publicUrl}/api/stripe/webhook`
}
