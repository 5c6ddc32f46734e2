/** What only the console and the dashboards ask for, beyond the views everybody reads. */
import type { DeliveryView, EventView, Mode } from '../views.ts'

export interface KeyView {
  readonly key: string
  readonly mode: Mode
  readonly kind: 'publishable' | 'secret' | 'restricted'
  readonly state: 'active' | 'revoked' | 'expired'
  readonly permissions: readonly string[]
}

/** How the deliveries of an event stand: 'unwanted' means that no endpoint asked for it. */
export type DeliveryState = 'delivered' | 'pending' | 'failed' | 'unwanted'

export interface EventFilter {
  readonly account?: string
  readonly mode?: string
  readonly type?: string
  readonly state?: string
  /** Part of the id of the event or of its object. */
  readonly id?: string
  readonly limit: number
}

export interface EventWithDeliveries {
  readonly event: EventView
  readonly deliveries: readonly DeliveryView[]
}

/** One restricted-key permission, such as `payment_intent`, and which of its two halves any operation here asks for. */
export interface PermissionView {
  readonly resource: string
  readonly canRead: boolean
  readonly canWrite: boolean
}

export interface AccountRecord {
  /** Stripe's own object, as `GET /v1/accounts/{id}` answers it. */
  readonly object: WireObject
  /** The platform it is connected to. */
  readonly platform: string | null
  readonly settings: Readonly<Record<string, unknown>>
}

/** One of Stripe's own objects, as the API shows it. */
export type WireObject = Readonly<Record<string, unknown>>

/** Where objects are: an account in one of its modes. */
export interface Place {
  readonly account: string
  readonly mode: Mode
}

export interface ObjectSelection {
  readonly limit: number
  /** An indexed field and the value it must have. */
  readonly by?: readonly [field: string, value: string] | undefined
}

export interface BalanceView {
  readonly currency: string
  readonly availableMinor: number
  readonly pendingMinor: number
}
