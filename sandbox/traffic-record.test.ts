import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startBench, startReceiver, until } from './stripe/test-bench.ts'
import type { RecordedLine } from './traffic-record.ts'

const before = { folder: process.env['SANDBOX_RECORD'] ?? '', label: process.env['SANDBOX_RECORD_LABEL'] ?? '' }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'traffic-record-'))
})

afterEach(() => {
  process.env['SANDBOX_RECORD'] = before.folder
  process.env['SANDBOX_RECORD_LABEL'] = before.label
  rmSync(folder, { recursive: true })
})

async function charge(): Promise<void> {
  const bench = await startBench()
  const receiver = await startReceiver()
  const stripe = bench.sdk('Harbour')
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
  bench.running.faults.clear()
  await bench.control('POST', '/faults', {
    where: 'api',
    match: { path: '/v1/balance' },
    effect: { kind: 'delay', ms: 1, when: 'before' },
  })
  await stripe.customers.create({ name: 'Ada' })
  await stripe.balance.retrieve()
  await until(() => receiver.received.length === 1)
  await receiver.close()
  await bench.close()
}

function lines(): RecordedLine[] {
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as RecordedLine)
}

test('calls, events and deliveries are written whole, with the label and without the key', async () => {
  process.env['SANDBOX_RECORD'] = folder
  process.env['SANDBOX_RECORD_LABEL'] = 'a test'
  await charge()
  await until(() => lines().length === 5)
  const written = lines()
  const calls = written.filter((line) => line.kind === 'exchange')
  const create = calls.find(({ operation }) => operation === 'POST /v1/customers')
  const [delivery] = written.filter((line) => line.kind === 'delivery')

  expect(new Set(written.map(({ label }) => label))).toEqual(new Set(['a test']))
  expect(calls.map(({ operation }) => operation)).toEqual([
    'POST /v1/webhook_endpoints',
    'POST /v1/customers',
    'GET /v1/balance',
  ])
  expect(create?.request.body).toBe('name=Ada')
  expect(JSON.parse(create?.answer.body ?? '')).toMatchObject({ object: 'customer', name: 'Ada' })
  expect(create?.answer.headers['request-id']).toMatch(/^req_/)
  expect(calls.map(({ faults }) => faults)).toEqual([[], [], ['delay']])
  expect(written.filter((line) => line.kind === 'event')).toHaveLength(1)
  expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ type: 'customer.created' })
  expect(delivery?.secrets[0]).toMatch(/^whsec_/)
  expect(JSON.stringify(written)).not.toContain('sk_test_')
})

test('nothing is written when no folder is named', async () => {
  process.env['SANDBOX_RECORD'] = ''
  await charge()
  await new Promise((resolve) => setTimeout(resolve, 20))

  expect(readdirSync(folder)).toEqual([])
})
