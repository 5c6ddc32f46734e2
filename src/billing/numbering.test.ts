import { expect, test } from 'vitest'
import { eachVector } from '#test/golden'
import { judgeAction, type InvoiceAction, type InvoiceState } from './invoice-state.ts'
import { bucketOf, findPatternFault, isColliding, seriesOf, writeNumber, type Reset, type Series } from './numbering.ts'

type WireSeries = { pattern: string; reset: Reset; first_seq: number; fiscal_start_month?: number; location?: string }
type Step = { op: string; doc: string; series?: string; issued_on?: string }
type Wire = { series: Record<string, WireSeries>; steps: Step[] }

const seriesFrom = (wire: WireSeries): Series => ({
  pattern: wire.pattern,
  reset: wire.reset,
  ...(wire.fiscal_start_month !== undefined && { fiscalStartMonth: wire.fiscal_start_month }),
  ...(wire.location !== undefined && { location: wire.location }),
})

function settingsFault({ series }: Wire) {
  const all = Object.entries(series)
  for (const [name, wire] of all) {
    const error = findPatternFault(wire)
    if (error) return { error, series: name }
  }
  const known = all.map(([, wire]) => seriesFrom(wire))
  const collides = known.some((one, index) => known.slice(index + 1).some((other) => isColliding(one, other)))
  return collides ? { error: 'series_collide' } : undefined
}

// The counter row of the database, played by a map; a rolled-back finalise leaves it as it was.
function runSteps(wire: Wire) {
  const counters = new Map<string, bigint>()
  const documents = new Map<string, { series: string; state: InvoiceState; number: string | null }>()
  const refused: { doc: string; op: string; error: string }[] = []
  for (const step of wire.steps) {
    if (step.op === 'draft') {
      documents.set(step.doc, { series: step.series!, state: 'draft', number: null })
      continue
    }
    const document = documents.get(step.doc)!
    const action = step.op.replace('_rolled_back', '') as InvoiceAction
    const error = judgeAction(document.state, action)
    if (error) refused.push({ doc: step.doc, op: step.op, error })
    else if (action === 'delete') document.state = 'deleted'
    else if (action === 'void') document.state = 'void'
    else if (step.op === 'finalise') {
      const settings = wire.series[document.series]!
      const series = seriesFrom(settings)
      const counter = `${document.series} ${bucketOf(series, step.issued_on!)}`
      const isFirstBucket = [...counters.keys()].every((known) => !known.startsWith(`${document.series} `))
      const seq = counters.get(counter) ?? (isFirstBucket ? BigInt(settings.first_seq) : 1n)
      counters.set(counter, seq + 1n)
      document.state = 'open'
      document.number = writeNumber(series, { seq, issuedOn: step.issued_on! })
    }
  }
  const each = <Part>(part: (of: { state: InvoiceState; number: string | null }) => Part) =>
    Object.fromEntries([...documents].map(([doc, document]) => [doc, part(document)]))
  return { numbers: each(({ number }) => number), states: each(({ state }) => state), refused }
}

eachVector<Wire>('billing/numbering.json', (wire) => settingsFault(wire) ?? runSteps(wire))

test('BIL-60: test mode says so in the number, and our own patterns are sound', () => {
  const issued = { seq: 1_000_000n, issuedOn: '2026-07-01' }
  expect([
    writeNumber(seriesOf('invoice', 'live'), issued),
    writeNumber(seriesOf('credit_note', 'test'), { ...issued, seq: 7n }),
  ]).toEqual(['INV-1000000', 'TEST-CN-000007'])
  expect(findPatternFault(seriesOf('invoice', 'test'))).toBeUndefined()
})
