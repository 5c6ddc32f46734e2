import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from '#kernel'
import { eachVector } from '#test/golden'
import { describeInvoice, labelOf, type LatestAttempt } from './invoice-label.ts'
import { invoiceStates, type InvoiceState } from './invoice-state.ts'
import type { Invoice } from './invoice.ts'

type Wire = {
  document_status: InvoiceState
  today: string
  due_on: string | null
  due_window_days: number
  total_minor: string
  allocated_minor: string
  credited_minor: string
  latest_attempt: LatestAttempt
  disputed: boolean
}

eachVector<Wire>('billing/labels.json', (wire) => {
  const answer = labelOf({
    status: wire.document_status,
    today: wire.today,
    dueOn: wire.due_on ?? undefined,
    dueWindowDays: wire.due_window_days,
    latestAttempt: wire.latest_attempt,
    isDisputed: wire.disputed,
    totalMinor: BigInt(wire.total_minor),
    allocatedMinor: BigInt(wire.allocated_minor),
    creditedMinor: BigInt(wire.credited_minor),
  })
  const { label, openMinor, daysPastDue, facts } = answer
  return { label, open_minor: String(openMinor), days_past_due: daysPastDue, facts }
})

const attempts: LatestAttempt[] = [
  ...(['none', 'created', 'submitted', 'unknown', 'processing', 'authorized', 'requires_action'] as const),
  ...(['succeeded', 'failed', 'canceled'] as const),
]

// Read across: the document stands in the row, its newest attempt in the column. Half is paid, and it is overdue.
const drawing = `
document       none            created         submitted       unknown         processing      authorized      requires_action succeeded       failed          canceled
draft          Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft
open           Payment_Overdue Payment_Overdue Payment_Pending Payment_Pending Payment_Pending Payment_Pending Payment_Pending Payment_Overdue Payment_Failed  Payment_Overdue
paid           Paid            Paid            Paid            Paid            Paid            Paid            Paid            Paid            Paid            Paid
void           Voided          Voided          Voided          Voided          Voided          Voided          Voided          Voided          Voided          Voided
uncollectible  Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable   Uncollectable
deleted        Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft           Draft
`

const openLabels = ['Payment Pending', 'Payment Failed', 'Payment Overdue', 'Partial Paid', 'Payment Due', 'Sent']
const halfPaid = { totalMinor: 100n, allocatedMinor: 50n, creditedMinor: 0n, isDisputed: false, dueWindowDays: 7 }

test('BIL-56: every document state meets every attempt', () => {
  const drawn = drawing.trim().split('\n')
  const late = { ...halfPaid, today: '2026-08-01', dueOn: '2026-07-01' }
  const judged = invoiceStates.map((status) => [
    status,
    ...attempts.map((latestAttempt) => labelOf({ ...late, status, latestAttempt }).label.replaceAll(' ', '_')),
  ])
  expect([['document', ...attempts], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('BIL-106: an open invoice has one label whatever its figures, and owes what is left of its total', () => {
  const amount = fc.bigInt({ min: 0n, max: 1000n })
  const figures = fc.record({ paid: amount, more: amount, latestAttempt: fc.constantFrom(...attempts) })
  fc.assert(
    fc.property(figures, fc.integer({ min: 0, max: 60 }), ({ paid, more, latestAttempt }, days) => {
      const moment = { status: 'open', today: addDays('2026-06-01', days), dueOn: '2026-07-01', latestAttempt } as const
      const answer = labelOf({ ...halfPaid, ...moment, totalMinor: paid + more, allocatedMinor: paid })
      expect(answer.openMinor).toBe(more)
      expect(openLabels).toContain(answer.label)
      expect(answer.facts.includes('overdue')).toBe(moment.today > moment.dueOn && more > 0n)
    }),
  )
})

test('UI-57: what stands beside the badge', () => {
  const invoice = {
    status: 'open',
    currency: 'USD',
    dueOn: '2026-07-01',
    totalMinor: 12_000n,
    allocatedMinor: 4000n,
    creditedMinor: 0n,
    appliedCreditMinor: 0n,
  } as Invoice
  const beside = (latestAttempt: LatestAttempt) => {
    const { label, tone, detail } = describeInvoice(invoice, { today: '2026-08-01', latestAttempt })
    return [label, tone, detail]
  }
  expect(beside('none')).toEqual(['Payment Overdue', 'red', '$40.00 of $120.00 paid'])
  expect(beside('requires_action')).toEqual(['Payment Pending', 'blue', 'action needed'])
})
