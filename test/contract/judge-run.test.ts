/** SBX-50: what a whole run's traffic is judged by: whose request it was, how it was answered, and what a fault bent on purpose. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RecordedExchange, RecordedLine } from '../../sandbox/traffic-record.ts'
import { judgeRun } from './run/judge-run.ts'

const product = { 'user-agent': 'Stripe/v1 NodeBindings/23.1.0 Rentroll/0.1.0', 'stripe-version': '2026-10-28.endive' }
const envelope = '{"error": {"type": "invalid_request_error", "message": "Received unknown parameter: limits"}}'
const empty = '{"object": "list", "url": "/v1/refunds", "has_more": false, "data": []}'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'judge-run-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function call(changes: Partial<RecordedExchange> = {}, answer: Partial<RecordedExchange['answer']> = {}): RecordedLine {
  const headers = { 'request-id': 'req_1', 'stripe-version': '2026-10-28.endive' }
  return {
    kind: 'exchange',
    method: 'GET',
    path: '/v1/refunds?limit=3',
    operation: 'GET /v1/refunds',
    request: { headers: {}, body: '' },
    answer: { status: 200, headers, body: empty, ...answer },
    faults: [],
    label: 'some.test.ts > some test',
    ...changes,
  }
}

async function judge(...lines: (RecordedLine | string)[]): Promise<{ report: string; isClean: boolean }> {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(join(folder, '1-a.jsonl'), texts.join('\n'))
  return judgeRun(folder, { isWhole: false })
}

test('a run without a sandbox says nothing', async () => {
  expect(await judgeRun(folder, { isWhole: true })).toEqual({ report: '', isClean: true })
})

test('a clean run says what was checked', async () => {
  const { report, isClean } = await judge(call(), call({ request: { headers: product, body: '' } }))

  expect(isClean).toBe(true)
  expect(report).toContain('2 requests, 2 answers, 0 events and 0 deliveries checked, 0 bent by faults, 0 findings')
})

test('a wrong request of the product is a finding, though it was refused', async () => {
  const wrong = { path: '/v1/refunds?limits=3', request: { headers: product, body: '' } }
  const { report, isClean } = await judge(call(wrong, { status: 400, body: envelope }))

  expect(isClean).toBe(false)
  expect(report).toContain(
    '1 x request: GET /v1/refunds /limits is a field the contract does not know (some.test.ts > some test)',
  )
})

test('a wrong request of a test is none when it was refused, and is one when it was taken', async () => {
  const path = '/v1/refunds?limits=3'
  const refused = await judge(call({ path }, { status: 400, body: envelope }))
  const taken = await judge(call({ path }))

  expect([refused.isClean, taken.isClean]).toEqual([true, false])
})

test('the product speaks the version of the contract', async () => {
  const headers = { ...product, 'stripe-version': '2026-08-26.dahlia' }
  const { report } = await judge(
    call({ request: { headers, body: '' } }, { headers: { 'request-id': 'req_1', ...headers } }),
  )

  expect(report).toContain('Stripe-Version is 2026-08-26.dahlia')
})

test('an answer that a fault bent is counted and left alone, and one that was only late is judged', async () => {
  const answer = { body: '{}' }
  const bent = await judge(call({ faults: ['empty_200'] }, answer))
  const late = await judge(call({ faults: ['delay'] }, answer))

  expect(bent.report).toContain('1 bent by faults, 0 findings')
  expect(late.isClean).toBe(false)
})

test('equal findings are one line, whatever the place in a list', async () => {
  const refund = (id: string): unknown => ({ object: 'refund', id })
  const body = JSON.stringify({ ...JSON.parse(empty), data: [refund('re_1'), refund('re_2')] })
  const { report } = await judge(call({}, { body }))

  expect(report.split('\n').filter((line) => line.includes('/amount is missing'))).toHaveLength(1)
  expect(report).toContain('2 x answer: GET /v1/refunds /data/0/amount is missing')
})

test('an event is judged where it happened, and half a last line is passed over', async () => {
  const { report, isClean } = await judge(
    { kind: 'event', event: { object: 'event', type: 'refund.done' }, label: 'a' },
    '{"kind": "exch',
  )

  expect(isClean).toBe(false)
  expect(report).toContain('event: refund.done /type is a type of event the contract does not know')
})
