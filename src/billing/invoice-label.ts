/**
 * The one label of an invoice and the facts beside it (BIL-56, BIL-57, UI-56, UI-57). Pure. What surprises: a failed payment outranks
 * "overdue" in the label, while filters and jobs go by the facts, which stay true side by side.
 */
import { addDays, daysBetween, formatMoney, type LocalDate } from '#kernel'
import type { InvoiceState } from './invoice-state.ts'
import type { Invoice } from './invoice.ts'

/** The newest attempt to pay: `none` also once money arrived after a failure; `submitted` is one whose call is running. */
export type LatestAttempt =
  | 'none'
  | 'created'
  | 'submitted'
  | 'unknown'
  | 'processing'
  | 'authorized'
  | 'requires_action'
  | 'succeeded'
  | 'failed'
  | 'canceled'

export type Label =
  | 'Draft'
  | 'Sent'
  | 'Payment Due'
  | 'Payment Overdue'
  | 'Payment Pending'
  | 'Payment Failed'
  | 'Paid'
  | 'Partial Paid'
  | 'Voided'
  | 'Uncollectable'

export type Tone = 'grey' | 'yellow' | 'red' | 'blue' | 'green' | 'orange' | 'purple'

export type InvoiceFact = 'action_required' | 'failed' | 'overdue' | 'partial' | 'credited' | 'disputed'

export type LabelQuestion = {
  readonly status: InvoiceState
  readonly today: LocalDate
  /** Undefined on a draft without dates. */
  readonly dueOn: LocalDate | undefined
  readonly dueWindowDays: number
  readonly totalMinor: bigint
  /** Payments, other documents' credit and deposit put on it. */
  readonly allocatedMinor: bigint
  /** What its own credit notes took off. */
  readonly creditedMinor: bigint
  readonly latestAttempt: LatestAttempt
  readonly isDisputed: boolean
}

export type LabelAnswer = {
  readonly label: Label
  readonly openMinor: bigint
  readonly daysPastDue: number
  readonly facts: readonly InvoiceFact[]
}

const ofDocument: Partial<Record<InvoiceState, Label>> = {
  draft: 'Draft',
  deleted: 'Draft',
  void: 'Voided',
  uncollectible: 'Uncollectable',
  paid: 'Paid',
}

const pending: readonly LatestAttempt[] = ['submitted', 'unknown', 'processing', 'authorized', 'requires_action']

/** The first label that holds, what is owed, and every fact in its fixed order. */
export function labelOf(question: LabelQuestion): LabelAnswer {
  const { status, today, dueOn, latestAttempt } = question
  const isOwing = status === 'open' || status === 'uncollectible'
  const openMinor = isOwing ? question.totalMinor - question.allocatedMinor - question.creditedMinor : 0n
  const late = dueOn === undefined ? 0 : Math.max(0, daysBetween(dueOn, today))
  const daysPastDue = isOwing ? late : 0
  const isOverdue = daysPastDue > 0 && openMinor > 0n
  const facts: Record<InvoiceFact, boolean> = {
    action_required: status === 'open' && latestAttempt === 'requires_action',
    failed: status === 'open' && latestAttempt === 'failed',
    overdue: isOverdue,
    partial: isOwing && question.allocatedMinor > 0n && openMinor > 0n,
    credited: question.creditedMinor > 0n,
    disputed: question.isDisputed,
  }
  const listed = (Object.keys(facts) as InvoiceFact[]).filter((fact) => facts[fact])
  return { label: ofDocument[status] ?? openLabel(question, facts), openMinor, daysPastDue, facts: listed }
}

function openLabel(question: LabelQuestion, facts: Readonly<Record<InvoiceFact, boolean>>): Label {
  if (pending.includes(question.latestAttempt)) return 'Payment Pending'
  if (facts.failed) return 'Payment Failed'
  if (facts.overdue) return 'Payment Overdue'
  if (facts.partial) return 'Partial Paid'
  const isDue = question.dueOn !== undefined && question.today >= addDays(question.dueOn, -question.dueWindowDays)
  return isDue ? 'Payment Due' : 'Sent'
}

const tones: Record<Label, Tone> = {
  Draft: 'grey',
  Sent: 'grey',
  'Payment Due': 'yellow',
  'Payment Overdue': 'red',
  'Payment Pending': 'blue',
  'Payment Failed': 'red',
  Paid: 'green',
  'Partial Paid': 'orange',
  Voided: 'red',
  Uncollectable: 'purple',
}

export type InvoiceDescription = LabelAnswer & {
  readonly tone: Tone
  /** What stands beside the badge: `action needed`, `$40.00 of $120.00 paid`. */
  readonly detail?: string
}

/** The storage preset's `due_window_days`. */
const dueWindowDays = 7

/**
 * The label of a stored invoice as screens show it. A paid invoice owes nothing whatever was credited afterwards, so there all its credit
 * notes count for the fact; on an open one only what lowered the balance.
 */
export function describeInvoice(
  invoice: Invoice,
  moment: { readonly today: LocalDate; readonly latestAttempt: LatestAttempt; readonly locale?: string },
): InvoiceDescription {
  const answer = labelOf({
    ...invoice,
    ...moment,
    dueWindowDays,
    creditedMinor: invoice.status === 'paid' ? invoice.creditedMinor : invoice.appliedCreditMinor,
    isDisputed: false,
  })
  const detail = detailOf(invoice, { ...answer, ...moment })
  return { ...answer, tone: tones[answer.label], ...(detail !== undefined && { detail }) }
}

function detailOf(invoice: Invoice, { label, facts, locale }: LabelAnswer & { readonly locale?: string }) {
  if (label === 'Payment Pending' && facts.includes('action_required')) return 'action needed'
  if (!facts.includes('partial')) return undefined
  const money = (amountMinor: bigint) => formatMoney({ amountMinor, currency: invoice.currency }, locale)
  return `${money(invoice.allocatedMinor)} of ${money(invoice.totalMinor)} paid`
}
