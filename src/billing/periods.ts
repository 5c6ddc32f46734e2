/**
 * The periods of a lease and the four dates of each invoice (BIL-29 to BIL-33, BIL-39). Pure; everything is a half-open span of local
 * dates. What surprises: boundaries are computed from the original anchor and never from the one before, so a lease of the 31st comes
 * back to the 31st after a short month.
 */
import { addDays, daysBetween, type LocalDate } from '#kernel'
import type { Basis } from '#spaces'
import type { Span } from './proration.ts'

export type Anchor =
  | { readonly kind: 'start_date' }
  /** 31 means the last day; `month` fixes the cycle to months such as January, April, July, October. */
  | { readonly kind: 'day_of_month'; readonly day: number; readonly month?: number }
  /** 1 is Monday. */
  | { readonly kind: 'weekday'; readonly weekday: number }

export type FirstInvoiceMode = 'stub' | 'stub_plus_next' | 'full_then_stub' | 'auto'

export type Plan = {
  readonly basis: Basis
  readonly anchor: Anchor
  readonly startOn: LocalDate
  /** Exclusive. */
  readonly endOn?: LocalDate | undefined
  readonly firstInvoice: FirstInvoiceMode
}

export type Period = Span & {
  /** Counted from 1. */
  readonly n: number
  readonly days: number
  /** False when it is a part of its reference and priced as one. */
  readonly isFull: boolean
  readonly reference: Span
  /** Which invoice it is billed on, counted from 1. */
  readonly invoice: number
}

export type AnchorFault =
  | 'anchor_not_for_basis'
  | 'weekday_anchor_needs_whole_weeks'
  | 'anchor_month_needs_divisor_of_12'

/** What is wrong with an anchor for this basis (CR1), or undefined. */
export function findAnchorFault(basis: Basis, anchor: Anchor): AnchorFault | undefined {
  if (anchor.kind === 'start_date') return undefined
  if (anchor.kind === 'weekday') {
    if (basis.kind === 'calendar') return 'anchor_not_for_basis'
    return basis.days % 7 === 0 ? undefined : 'weekday_anchor_needs_whole_weeks'
  }
  if (basis.kind === 'day_count') return 'anchor_not_for_basis'
  return anchor.month === undefined || 12 % basis.months === 0 ? undefined : 'anchor_month_needs_divisor_of_12'
}

/** Day thresholds of `auto` (BIL-30): up to the first a stub, up to the second full first, after it stub and next together. */
const autoDays = [10, 20] as const

/** The first `count` periods, fewer when the lease ends before. */
export function listPeriods(plan: Plan, count: number): readonly Period[] {
  const periods: Period[] = []
  for (const period of walkPeriods(plan)) {
    if (periods.length === count) break
    periods.push(period)
  }
  return periods
}

/** The period that holds a date, or undefined outside the lease. */
export function findPeriod(plan: Plan, date: LocalDate): Period | undefined {
  if (date < plan.startOn || (plan.endOn !== undefined && date >= plan.endOn)) return undefined
  for (const period of walkPeriods(plan)) if (date < period.end) return period
  return undefined
}

/** New terms from the end of what was invoiced (BIL-89): the bridge to the first new boundary, if any, and what follows. */
export function planChange(change: Pick<Plan, 'basis' | 'anchor'> & { readonly invoicedThrough: LocalDate }) {
  const periods = listPeriods({ ...change, startOn: change.invoicedThrough, firstInvoice: 'stub' }, 4)
  const bridge = periods[0]?.isFull === false ? periods[0] : undefined
  return { bridge, following: bridge ? periods.slice(1) : periods.slice(0, 3) }
}

type Boundaries = (index: number) => LocalDate

function* walkPeriods(plan: Plan): Generator<Period> {
  const { startOn, endOn } = plan
  const mode = modeOf(plan)
  let n = 0
  for (const span of walkSpans(plan, mode)) {
    if (endOn !== undefined && span.start >= endOn) return
    n += 1
    const end = endOn !== undefined && span.end > endOn ? endOn : span.end
    const isFull = span.start === span.reference.start && end === span.reference.end
    const invoice = mode === 'stub_plus_next' && startOn !== boundariesOf(plan)(0) && n > 1 ? n - 1 : n
    yield { n, start: span.start, end, days: daysBetween(span.start, end), isFull, reference: span.reference, invoice }
  }
}

function modeOf({ firstInvoice, anchor, startOn }: Plan): Exclude<FirstInvoiceMode, 'auto'> {
  if (firstInvoice !== 'auto') return firstInvoice
  if (anchor.kind !== 'day_of_month') return 'stub'
  const day = dayOf(startOn)
  if (day <= autoDays[0]) return 'stub'
  return day <= autoDays[1] ? 'full_then_stub' : 'stub_plus_next'
}

/** Spans without an end: first what leads up to the boundaries, then boundary to boundary. */
function* walkSpans(plan: Plan, mode: FirstInvoiceMode): Generator<Span & { readonly reference: Span }> {
  const boundary = boundariesOf(plan)
  let index = 0
  let start = plan.startOn
  if (start !== boundary(0) && mode === 'full_then_stub') {
    const reference = { start, end: oneLength(plan.basis, start) }
    yield { ...reference, reference }
    start = reference.end
    while (boundary(index) < start) index += 1
  }
  if (start !== boundary(index)) {
    const reference = { start: boundary(index - 1), end: boundary(index) }
    yield { start, end: reference.end, reference }
  }
  for (; ; index += 1) {
    const reference = { start: boundary(index), end: boundary(index + 1) }
    yield { ...reference, reference }
  }
}

function boundariesOf({ basis, anchor, startOn }: Plan): Boundaries {
  const first = firstBoundary(anchor, startOn, basis)
  if (basis.kind === 'day_count') return (index) => addDays(first, index * basis.days)
  const day = anchor.kind === 'day_of_month' ? anchor.day : dayOf(startOn)
  return (index) => inMonth(monthOf(first) + index * basis.months, day)
}

/** The first boundary on or after the start (BIL-29). */
function firstBoundary(anchor: Anchor, startOn: LocalDate, basis: Basis): LocalDate {
  if (anchor.kind === 'start_date') return startOn
  if (anchor.kind === 'weekday') return addDays(startOn, (anchor.weekday - weekdayOf(startOn) + 7) % 7)
  const cycle = basis.kind === 'calendar' ? basis.months : 1
  const fixed = anchor.month
  const isInCycle = (month: number) => fixed === undefined || (((month - (fixed - 1)) % cycle) + cycle) % cycle === 0
  let month = monthOf(startOn)
  while (!isInCycle(month) || inMonth(month, anchor.day) < startOn) month += 1
  return inMonth(month, anchor.day)
}

function oneLength(basis: Basis, start: LocalDate): LocalDate {
  return basis.kind === 'day_count' ? addDays(start, basis.days) : inMonth(monthOf(start) + basis.months, dayOf(start))
}

/** Months counted from year 0, so that adding them needs no carrying. */
function monthOf(date: LocalDate): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1
}

function dayOf(date: LocalDate): number {
  return Number(date.slice(8, 10))
}

/** The day of that month, or its last day when the month is shorter. */
function inMonth(month: number, day: number): LocalDate {
  const first = (counted: number) =>
    `${String(Math.floor(counted / 12)).padStart(4, '0')}-${String((counted % 12) + 1).padStart(2, '0')}-01`
  const lastDay = daysBetween(first(month), first(month + 1))
  return addDays(first(month), Math.min(day, lastDay) - 1)
}

/** 1 is Monday; 1 January 2024 was one. */
function weekdayOf(date: LocalDate): number {
  return (((daysBetween('2024-01-01', date) % 7) + 7) % 7) + 1
}

/** When an invoice is issued, due and charged; live policy, not frozen in the lease (BIL-28). */
export type Timing = {
  readonly leadDays: number
  readonly dueFrom: 'issue' | 'period_start'
  readonly termsDays: number
  readonly firstTermsDays: number
  readonly chargeFrom: 'issue' | 'period_start' | 'due' | 'off'
  readonly chargeOffsetDays: number
  readonly autopayNoticeDays: number
}

/** The storage preset (BIL-28), in force until an operator can choose another. */
export const storageTiming: Timing = {
  leadDays: 0,
  dueFrom: 'issue',
  termsDays: 30,
  firstTermsDays: 0,
  chargeFrom: 'due',
  chargeOffsetDays: 0,
  autopayNoticeDays: 0,
}

export type InvoiceDates = { readonly issueOn: LocalDate; readonly dueOn: LocalDate; readonly chargeOn?: LocalDate }

/** The dates of one invoice (BIL-39). @param invoice `notBefore` is the check-out day, or today on a late run. */
export function datesOf(
  timing: Timing,
  invoice: { readonly start: LocalDate; readonly notBefore: LocalDate; readonly isFirst: boolean },
): InvoiceDates {
  const { start, notBefore, isFirst } = invoice
  if (isFirst) {
    const dueOn = addDays(notBefore, timing.firstTermsDays)
    return { issueOn: notBefore, dueOn, ...(timing.chargeFrom !== 'off' && { chargeOn: dueOn }) }
  }
  const issueOn = later(addDays(start, -timing.leadDays), notBefore)
  const dueOn = later(addDays(timing.dueFrom === 'issue' ? issueOn : start, timing.termsDays), issueOn)
  if (timing.chargeFrom === 'off') return { issueOn, dueOn }
  const base = { issue: issueOn, period_start: start, due: dueOn }[timing.chargeFrom]
  const chargeOn = later(addDays(base, timing.chargeOffsetDays), addDays(issueOn, timing.autopayNoticeDays))
  return { issueOn, dueOn, chargeOn }
}

function later(one: LocalDate, other: LocalDate): LocalDate {
  return one > other ? one : other
}

/** The instant of a wall time at a place: in a gap later by the gap, in a repeated hour the first (BIL-71). */
export function instantAt(wall: { readonly date: LocalDate; readonly time: string; readonly timeZone: string }): Date {
  const zoned = Temporal.PlainDateTime.from(`${wall.date}T${wall.time}`).toZonedDateTime(wall.timeZone)
  return new Date(zoned.epochMilliseconds)
}
