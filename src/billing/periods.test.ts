import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, daysBetween, localDateAt } from '#kernel'
import type { Basis } from '#spaces'
import { eachVector } from '#test/golden'
import { datesOf, findAnchorFault, findPeriod, instantAt, listPeriods, planChange } from './periods.ts'
import type { Anchor, FirstInvoiceMode, Period, Plan, Timing } from './periods.ts'

type Wire = {
  op: string
  basis: Basis
  anchor: { kind: string; day?: number; month?: number | null; weekday?: number }
  start_on: string
  end_on: string | null
  count: number
  first_invoice: FirstInvoiceMode
  created_on: string
  timing: Record<string, string | number>
  date: string
  time: string
  time_zone: string
  instant: string
  invoiced_through: string
}

const anchorOf = (wire: Wire): Anchor => {
  const { month, ...rest } = wire.anchor
  return { ...rest, ...(typeof month === 'number' && { month }) } as Anchor
}

const planOf = (wire: Wire): Plan => ({
  basis: wire.basis,
  anchor: anchorOf(wire),
  startOn: wire.start_on,
  endOn: wire.end_on ?? undefined,
  firstInvoice: wire.first_invoice,
})

const timingOf = ({ timing }: Wire) =>
  Object.fromEntries(
    Object.entries(timing).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  ) as unknown as Timing

const wirePeriod = ({ start, end, days, isFull, reference }: Period) => ({
  start,
  end,
  days,
  full: isFull,
  reference: { ...reference, days: daysBetween(reference.start, reference.end) },
})

function schedule(wire: Wire) {
  const error = findAnchorFault(wire.basis, anchorOf(wire))
  if (error) return { error }
  const periods = listPeriods(planOf(wire), wire.count)
  return {
    periods: periods.map((period) => {
      const start = periods.find(({ invoice }) => invoice === period.invoice)!.start
      const isFirst = period.invoice === 1
      const dates = datesOf(timingOf(wire), { start, notBefore: wire.created_on, isFirst })
      const { issueOn, dueOn, chargeOn } = dates
      const wired = { n: period.n, ...wirePeriod(period), invoice: period.invoice }
      return { ...wired, issue_on: issueOn, due_on: dueOn, charge_on: chargeOn ?? null }
    }),
  }
}

function containing(wire: Wire) {
  const period = findPeriod(planOf(wire), wire.date)
  if (!period) return { period: null }
  const { n, start, end, days, isFull } = period
  return { period: { n, start, end, days, full: isFull } }
}

function change(wire: Wire) {
  const plan = planChange({ basis: wire.basis, anchor: anchorOf(wire), invoicedThrough: wire.invoiced_through })
  const bridge = plan.bridge ? wirePeriod(plan.bridge) : null
  const wired = new Map<string, unknown>([
    ['bridge', bridge],
    ['then', plan.following.map(wirePeriod)],
  ])
  return Object.fromEntries(wired)
}

eachVector<Wire>('billing/periods.json', (wire) => {
  if (wire.op === 'schedule') return schedule(wire)
  if (wire.op === 'containing') return containing(wire)
  if (wire.op === 'change') return change(wire)
  if (wire.op === 'local_date') return { date: localDateAt(new Date(wire.instant), wire.time_zone) }
  const instant = instantAt({ date: wire.date, time: wire.time, timeZone: wire.time_zone })
  return { instant: instant.toISOString().replace('.000Z', 'Z') }
})

const day = fc.integer({ min: 0, max: 4000 }).map((days) => addDays('2020-01-01', days))
const months = fc.constantFrom(1, 2, 3, 6, 12)
const mode = fc.constantFrom<FirstInvoiceMode>('stub', 'stub_plus_next', 'full_then_stub', 'auto')
const calendar = fc.record({
  basis: months.map((count): Basis => ({ kind: 'calendar', months: count })),
  anchor: fc.oneof(
    fc.constant<Anchor>({ kind: 'start_date' }),
    fc.integer({ min: 1, max: 31 }).map((number): Anchor => ({ kind: 'day_of_month', day: number })),
    fc.integer({ min: 1, max: 12 }).map((month): Anchor => ({ kind: 'day_of_month', day: 31, month })),
  ),
})
const counted = fc.record({
  basis: fc.integer({ min: 1, max: 366 }).map((days): Basis => ({ kind: 'day_count', days })),
  anchor: fc.constant<Anchor>({ kind: 'start_date' }),
})

const length = fc.integer({ min: 1, max: 900 })

test('BIL-31: periods tile the lease, none is empty and none is longer than its reference', () => {
  const plans = fc.record({ terms: fc.oneof(calendar, counted), startOn: day, firstInvoice: mode, length })
  fc.assert(
    fc.property(plans, ({ terms, startOn, firstInvoice, length: days }) => {
      const endOn = addDays(startOn, days)
      const periods = listPeriods({ ...terms, startOn, endOn, firstInvoice }, 2000)
      expect(periods.map(({ start }) => start)).toEqual([startOn, ...periods.slice(0, -1).map(({ end }) => end)])
      expect(periods.at(-1)?.end).toBe(endOn)
      for (const period of periods) {
        expect(period.days).toBe(daysBetween(period.start, period.end))
        expect(period.days).toBeGreaterThan(0)
        expect(period.days).toBeLessThanOrEqual(daysBetween(period.reference.start, period.reference.end))
      }
    }),
  )
})
