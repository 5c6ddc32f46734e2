/** What the API answers about the connection with Stripe. */
import type { Mode } from '#kernel'
import type { Tone } from '#web/ui'

export type Mark = 'selected' | 'missing' | 'not_checked'

export type Webhook = {
  readonly state: 'missing' | 'waiting_first_event' | 'partial' | 'disabled' | 'healthy'
  readonly addresses: { readonly own?: string | undefined; readonly shared?: string | undefined }
  readonly addressNotice?: string | undefined
  readonly secrets: readonly {
    readonly last4: string
    readonly fingerprint: string
    readonly source: 'created' | 'pasted' | 'environment'
    readonly createdBy: string
    readonly validFrom: string
    readonly validUntil?: string | undefined
  }[]
  readonly firstVerifiedAt?: string | undefined
  readonly lastVerifiedAt?: string | undefined
  readonly lastRefusedAt?: string | undefined
  readonly endpoint?:
    | {
        readonly checkedAt: string
        readonly isFound: boolean
        readonly isEnabled: boolean
        readonly isOurs: boolean
        readonly apiVersion?: string | undefined
        readonly endpointCount: number
      }
    | undefined
  readonly events: readonly { readonly name: string; readonly purpose: string; readonly atStripe: Mark }[]
  readonly recommendedEvents: readonly { readonly name: string; readonly atStripe: Mark }[]
}

export type Connection = {
  readonly id?: string | undefined
  readonly mode: Mode
  readonly state: string
  readonly badges: readonly { readonly tone: Tone; readonly label: string; readonly sentence: string }[]
  readonly account?:
    | {
        readonly id?: string | undefined
        readonly name: string
        readonly country: string
        readonly currency: string
        readonly chargesEnabled: boolean
        readonly payoutsEnabled: boolean
        readonly notice?: string | undefined
      }
    | undefined
  readonly publishableKey: string
  readonly accountId: string
  readonly secretKey?:
    | {
        readonly last4: string
        readonly fingerprint: string
        readonly kind: 'secret' | 'restricted'
        readonly changedAt: string
      }
    | undefined
  readonly webhook: Webhook
  readonly lastTestedAt?: string | undefined
  readonly apiVersion: string
  readonly restrictedKeyPermissions: readonly { readonly name: string; readonly access: 'read' | 'write' }[]
}

/** Whether keys are stored, so that the rest of the page has something to show. */
export function hasKeys(connection: Connection): boolean {
  return connection.secretKey !== undefined
}

export const stripePath = '/connections/stripe'
