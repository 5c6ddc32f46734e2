/**
 * A lease and the terms frozen at check-out (BIL-14). `leases` stands below `billing`, so what it needs from there at check-out it
 * declares here and is handed in the wiring (ARC-4): a check-out that forgets to start billing does not compile.
 */
import type { LocalDate, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { IntervalCode, Location } from '#spaces'
import type { LeaseState } from './lease-state.ts'

/** What does not change while the lease lives, other than by a new agreement between the two. */
export type LeaseTerms = {
  readonly priceBasis: 'daily_rate' | 'period_price'
  /** Exact decimal of minor units per day; only with `daily_rate`. */
  readonly dailyRate?: string
  readonly anchor: { readonly kind: 'start_date' } | { readonly kind: 'day_of_month'; readonly day: number }
  readonly firstInvoice: 'stub'
  readonly proration: 'actual_days'
  readonly moveOutDayCharged: boolean
  readonly unusedRent: 'credit'
  readonly depositChoice: 'standard' | 'none' | 'custom'
  /** Set when the price is not the category's. */
  readonly override?: { readonly listPriceMinor: string; readonly reason: string }
}

export type Lease = {
  readonly id: Uuid
  readonly draftId: Uuid
  readonly spaceId: Uuid
  readonly spaceNumber: string
  readonly renterId: Uuid
  readonly renterName: string
  readonly locationId: Uuid
  readonly state: LeaseState
  readonly startOn: LocalDate
  /** Exclusive; absent while the lease is open-ended. */
  readonly endOn?: LocalDate
  readonly interval: IntervalCode
  readonly priceMinor: bigint
  readonly currency: string
  readonly depositMinor: bigint
  readonly taxRateId?: Uuid
  readonly agreementVersionId: Uuid
  readonly terms: LeaseTerms
  readonly createdAt: Date
  /** Until when an unpaid first invoice holds the space. */
  readonly heldUntil?: Date
}

/** When its first day begins there: midnight, or the first moment after it where the clock leaps over midnight. */
export function beginsAt({ startOn }: Pick<Lease, 'startOn'>, { timeZone }: Pick<Location, 'timeZone'>): Date {
  return new Date(Temporal.PlainDate.from(startOn).toZonedDateTime(timeZone).epochMilliseconds)
}

/** What billing needs to know of a lease, before or after it is written. */
export type LeaseOnOffer = Pick<
  Lease,
  | 'spaceNumber'
  | 'renterId'
  | 'locationId'
  | 'startOn'
  | 'endOn'
  | 'interval'
  | 'priceMinor'
  | 'currency'
  | 'depositMinor'
  | 'taxRateId'
  | 'terms'
>

/** Makes and finalises the check-out invoice in the same transaction; billing supplies it. */
export type FirstInvoice = (
  rows: ScopedHandle,
  lease: LeaseOnOffer & { readonly id: Uuid; readonly actor: string },
) => Promise<{ readonly invoiceId: Uuid; readonly isPaid: boolean }>

/**
 * Voids the check-out invoice nobody paid and ends its lease as abandoned, under the invoice's lock. Nothing happens while a payment of it
 * may still succeed, or when money is on it. Billing and payments supply it, because neither is known here.
 */
export type VoidUnpaid = (rows: ScopedHandle, leaseId: Uuid) => Promise<VoidedUnpaid>
export type VoidedUnpaid = 'voided' | 'kept' | 'no_invoice'

/** The four dates of an invoice and what it comes to (BIL-39). */
export type PlannedInvoice = {
  readonly periodStart: LocalDate
  readonly periodEnd: LocalDate
  readonly issueOn: LocalDate
  readonly dueOn: LocalDate
  readonly chargeOn?: LocalDate
  readonly totalMinor: bigint
}

export type PreviewedLine = {
  readonly kind: string
  readonly description: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly taxName: string
  /** Percent as decimal text. */
  readonly taxPercent: string
  /** How the amount came about, as a sentence. */
  readonly formula?: string
}

export type PreviewedInvoice = {
  readonly currency: string
  readonly lines: readonly PreviewedLine[]
  readonly subtotalMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly issueOn: LocalDate
  readonly dueOn: LocalDate
  readonly chargeOn?: LocalDate
  readonly next: readonly PlannedInvoice[]
}

/** The same invoice without writing anything, with the three that follow; billing supplies it. */
export type PreviewFirstInvoice = (rows: ScopedHandle, lease: LeaseOnOffer) => Promise<PreviewedInvoice>

/**
 * Whether this renter can be charged by itself (BIL-8): by a usable saved method in the connection that takes payments. The wiring
 * supplies it, because a check-out that never asked would rent out spaces nobody pays for.
 */
export type ReadPaymentReadiness = (rows: ScopedHandle, renterId: Uuid) => Promise<PaymentReadiness>
export type PaymentReadiness = 'ready' | 'no_method' | 'not_connected'
