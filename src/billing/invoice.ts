/**
 * An invoice, its lines and the questions asked of its figures. Pure. What surprises: what an invoice is owed goes down by money and by
 * applied credit alike, while credit notes written after it was paid leave its balance alone and are refunded instead (BIL-63).
 */
import { addDays, formatMoney, type LocalDate, type PaymentIntentId, type Uuid } from '#kernel'
import type { Account } from '#ledger'
import type { ScopedHandle } from '#platform'
import type { InvoiceState } from './invoice-state.ts'

export type LineKind =
  | 'rent'
  | 'add_on'
  | 'one_off'
  | 'booking'
  | 'deposit'
  | 'deposit_retained'
  | 'damage'
  | 'late_fee'
  | 'adjustment'
  | 'discount'
  | 'refund'
  | 'other'

export type TaxTreatment = 'taxable' | 'zero_rated' | 'exempt' | 'out_of_scope' | 'reverse_charge'

/** How a rent line came about, kept so that it can be explained and recomputed (BIL-37). */
export type LineFormula = {
  readonly priceMinor: string
  readonly days: number
  readonly referenceDays: number
  readonly method: string
}

export type InvoiceLine = {
  readonly lineNo: number
  readonly kind: LineKind
  readonly description: string
  /** Decimal text. */
  readonly quantity: string
  readonly unitMinor: bigint
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly taxRateId?: Uuid
  readonly taxName: string
  /** Percent as decimal text. */
  readonly taxPercent: string
  readonly taxTreatment: TaxTreatment
  readonly leaseId?: Uuid
  readonly serviceStart?: LocalDate
  /** Exclusive. */
  readonly serviceEnd?: LocalDate
  readonly formula?: LineFormula
}

/** Who issued the invoice and to whom, as they were on that day; later changes do not reach it (BIL-102). */
export type Party = {
  readonly name: string
  readonly businessName?: string
  readonly email?: string
  readonly phone?: string
  readonly address?: string
  readonly taxNumber?: string
}

export type InvoiceKind = 'check_out' | 'rent' | 'check_in' | 'manual' | 'booking' | 'late_fee' | 'transfer' | 'test'

export type Invoice = {
  readonly id: Uuid
  readonly kind: InvoiceKind
  readonly status: InvoiceState
  /** Absent on drafts. */
  readonly number?: string
  readonly renterId: Uuid
  readonly renterName: string
  readonly leaseId?: Uuid
  readonly spaceId?: Uuid
  readonly spaceNumber?: string
  readonly locationId: Uuid
  readonly currency: string
  readonly issueOn: LocalDate
  readonly dueOn: LocalDate
  readonly chargeOn?: LocalDate
  readonly subtotalMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  /** The part of the total that stands on deposit lines. */
  readonly depositMinor: bigint
  /** Money allocated to it, reversals taken off. */
  readonly allocatedMinor: bigint
  /** The part of `allocatedMinor` that fell on deposit lines. */
  readonly allocatedDepositMinor: bigint
  /** Credit applied to it: what it is owed went down by this. */
  readonly appliedCreditMinor: bigint
  /** The total of its own credit notes, whether they lowered the balance or were paid back. */
  readonly creditedMinor: bigint
  /** What is still owed: 0 unless it is open or written off. */
  readonly openMinor: bigint
  readonly seller: Party
  readonly buyer: Party
  readonly stripePaymentIntentId?: PaymentIntentId
  readonly finalisedAt?: Date
  readonly version: number
}

/** A document before it is finalised: no number, nothing owed, nothing posted. */
export type InvoiceDraft = Pick<Invoice, 'id' | 'kind' | 'renterId' | 'leaseId' | 'locationId' | 'currency'> &
  Pick<Invoice, 'issueOn' | 'dueOn' | 'chargeOn' | 'subtotalMinor' | 'taxMinor' | 'totalMinor'> & {
    readonly lines: readonly InvoiceLine[]
  }

/** Money put on an invoice; a reversal is an allocation of its own with the sign turned. */
export type Allocation = {
  readonly id: Uuid
  readonly paymentId: Uuid
  readonly invoiceId: Uuid
  readonly amountMinor: bigint
  readonly depositMinor: bigint
  readonly reversesId?: Uuid
  readonly isReversed: boolean
  readonly createdAt: Date
}

export type CreditNote = {
  readonly id: Uuid
  readonly number: string
  readonly origin: CreditOrigin
  readonly reason: string
  readonly status: 'open' | 'settled' | 'void'
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly issueOn: LocalDate
  readonly createdAt: Date
}

export type CreditOrigin =
  | 'unused_rent'
  | 'correction'
  | 'cancellation'
  | 'overpayment_conversion'
  | 'refund_failed'
  | 'goodwill'
  | 'fee_waived'

export type InvoiceFilter = {
  /** Part of the number, or of the renter's name, business name or e-mail address. */
  readonly text?: string | undefined
  readonly renterId?: Uuid | undefined
  readonly leaseId?: Uuid | undefined
  readonly statuses?: readonly InvoiceState[] | undefined
  /** Only invoices that were due before this date and still owe something. */
  readonly overdueOn?: LocalDate | undefined
}

export type InvoicePage = InvoiceFilter & {
  /** The last row seen: due date and id. */
  readonly after?: { readonly dueOn: LocalDate; readonly id: Uuid } | undefined
  readonly limit: number
}

/** What is owed in one currency, and the part of it that is late. */
export type Owed = { readonly currency: string; readonly outstandingMinor: bigint; readonly overdueMinor: bigint }

/** What one credit note takes off one line of its invoice. */
export type CreditLine = {
  readonly invoiceLineNo: number
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
}

export type NewDeposit = {
  readonly id: Uuid
  readonly leaseId: Uuid
  readonly invoiceId: Uuid
  readonly currency: string
  readonly requiredMinor: bigint
}

export type NewCreditNote = Omit<CreditNote, 'createdAt'> & {
  readonly numberSeq: bigint
  readonly invoiceId: Uuid
  readonly renterId: Uuid
  readonly currency: string
  readonly createdBy: string
}

/** What the void command asks of the books (ARC-4, MON-52): a path that voids without telling them does not compile. */
export type Books = {
  readonly recordVoid: (
    rows: ScopedHandle,
    invoice: Invoice,
  ) => Promise<{ readonly booksStep: string; readonly outboxId?: Uuid }>
}

/** The books of an operator without accounting, or of a document that was never sent there. */
export function noBooks(reason: 'not_connected' | 'not_pushed'): Books {
  return { recordVoid: async () => ({ booksStep: reason }) }
}

/** Which income a line of this kind is (money.md 1.2); a deposit is none. */
export const incomeOf: Readonly<Record<Exclude<LineKind, 'deposit'>, Account>> = {
  rent: 'income.rent',
  booking: 'income.booking',
  add_on: 'income.add_on',
  late_fee: 'income.late_fee',
  deposit_retained: 'income.deposit_retained',
  damage: 'income.damage',
  discount: 'income.discount',
  one_off: 'income.other',
  adjustment: 'income.other',
  refund: 'income.other',
  other: 'income.other',
}

/** What a credit note may still take off this invoice, in minor units with tax; deposits are returned, never credited (BIL-48). */
export function creditableMinor(invoice: Pick<Invoice, 'totalMinor' | 'depositMinor' | 'creditedMinor'>): bigint {
  return invoice.totalMinor - invoice.depositMinor - invoice.creditedMinor
}

/** What is owed on lines that are no deposit; money fills these first (BIL-65). */
export function openBeforeDepositMinor(invoice: Invoice): bigint {
  const paid = invoice.allocatedMinor - invoice.allocatedDepositMinor + invoice.appliedCreditMinor
  const left = invoice.totalMinor - invoice.depositMinor - paid
  return left > 0n ? left : 0n
}

/** How an amount of rent came about, as a sentence: `17 of 31 days × $100.00`. */
export function explainFormula(formula: LineFormula, currency: string, locale = 'en'): string {
  const price = formatMoney({ amountMinor: BigInt(formula.priceMinor), currency }, locale)
  const { days, referenceDays } = formula
  return days === referenceDays ? `${days} days at ${price}` : `${days} of ${referenceDays} days × ${price}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A span as people read it, its last day included: `15–31 Mar 2026`, `1 Jan – 2 Mar 2026`. */
export function spanText(span: { readonly start: LocalDate; readonly end: LocalDate }): string {
  const [from, to] = [span.start, addDays(span.end, -1)].map((date) => ({
    day: Number(date.slice(8, 10)),
    month: months[Number(date.slice(5, 7)) - 1],
    year: date.slice(0, 4),
  })) as [Day, Day]
  const end = `${to.day} ${to.month} ${to.year}`
  if (from.year !== to.year) return `${from.day} ${from.month} ${from.year} – ${end}`
  if (from.month !== to.month) return `${from.day} ${from.month} – ${end}`
  return from.day === to.day ? end : `${from.day}–${end}`
}

type Day = { readonly day: number; readonly month: string; readonly year: string }
