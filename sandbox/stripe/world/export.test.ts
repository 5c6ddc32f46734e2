import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver } from '../test-bench.ts'
import type { Bench, RawAnswer } from '../test-bench.ts'

let folder: string
const benches: Bench[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close()
  rmSync(folder, { recursive: true })
})

async function open(options: Parameters<typeof startBench>[0] = {}): Promise<Bench> {
  const bench = await startBench(options)
  benches.push(bench)
  return bench
}

function pay(stripe: Stripe, key: string): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create(
    { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://example.com' },
    { idempotencyKey: key },
  )
}

async function exported(bench: Bench): Promise<string> {
  return (await fetch(`${bench.sandbox.url}/_sandbox/export`)).text()
}

async function imported(bench: Bench, file: string): Promise<RawAnswer> {
  const response = await fetch(`${bench.sandbox.url}/_sandbox/import`, { method: 'POST', body: file })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Everything the API shows of an account. */
async function shown(stripe: Stripe): Promise<unknown> {
  const lists = await Promise.all([
    stripe.paymentIntents.list({ limit: 100 }),
    stripe.charges.list({ limit: 100 }),
    stripe.refunds.list({ limit: 100 }),
    stripe.balanceTransactions.list({ limit: 100 }),
    stripe.events.list({ limit: 100 }),
    stripe.webhookEndpoints.list({ limit: 100 }),
  ])
  return lists.map(({ data }) => data)
}

describe('SBX-4: export and import', () => {
  test('another sandbox goes on exactly where the first one stood', async () => {
    const first = await open({ seed: 'one' })
    const stripe = first.sdk('Harbour')
    const intent = await pay(stripe, 'once')
    await stripe.refunds.create({ payment_intent: intent.id, amount: 100 }, { idempotencyKey: 'back' })
    const second = await open({ seed: 'two' })

    const { status, body } = await imported(second, await exported(first))
    const there = second.sdkWithKey(first.keys('Harbour').secret)

    expect([status, body.exportedAt]).toStrictEqual([200, '2026-11-02T09:00:00.000Z'])
    expect(await shown(there)).toStrictEqual(await shown(stripe))
    expect((await pay(there, 'once')).id).toBe(intent.id)
    expect((await there.customers.create({})).id).toBe((await stripe.customers.create({})).id)
    expect((await second.control('GET', '/health')).body.ok).toBe(true)
  })

  test('what waits comes due there: a delivery is tried again, funds arrive', async () => {
    const receiver = await startReceiver()
    receiver.answerWith(500)
    const first = await open({ seed: 'one' })
    const stripe = first.sdk('Harbour')
    await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['payment_intent.succeeded'] })
    await pay(stripe, 'once')
    await first.sandbox.stripe.runDue()
    const file = await exported(first)
    await first.control('POST', '/reset')
    receiver.answerWith(200)
    const second = await open({ seed: 'two' })

    await imported(second, file)
    await second.control('POST', '/clock', { advance: 'P4D' })

    const balance = await second.sdkWithKey(first.keys('Harbour').secret).balance.retrieve()
    expect(receiver.received).toHaveLength(2)
    expect(balance.pending[0]?.amount).toBe(0)
    await receiver.close()
  })

  test('an imported state survives a restart', async () => {
    const first = await open({ seed: 'one' })
    await pay(first.sdk('Harbour'), 'once')
    const second = await open({ seed: 'two', folder })
    await imported(second, await exported(first))
    await second.close()
    benches.pop()

    const again = await open({ folder })

    expect(await shown(again.sdkWithKey(first.keys('Harbour').secret))).toStrictEqual(await shown(first.sdk('Harbour')))
  })

  test('an export is the same after an import', async () => {
    const first = await open({ seed: 'one' })
    await pay(first.sdk('Harbour'), 'once')
    const file = await exported(first)

    const second = await open({ seed: 'two' })
    await imported(second, file)

    const withoutStarts = (text: string): string => text.replaceAll(/"start":\d+/g, '')
    expect(withoutStarts(await exported(second))).toBe(withoutStarts(file))
  })
})

describe('SBX-48: a file that is not taken', () => {
  const spoil: readonly (readonly [string, (file: string) => string, string])[] = [
    [
      'another version',
      (file) => file.replace(/"version":\d+/, '"version":99'),
      'This export is of version 99; this sandbox reads version 2.',
    ],
    ['a cut file', (file) => file.slice(0, file.lastIndexOf('\n', file.length - 2) + 1), 'it was cut'],
    ['a cut line', (file) => file.slice(0, -20), 'is not a record of a sandbox'],
    ['a stranger in it', (file) => file.replace('"puts":[[', '"puts":[[7,'), 'Line 3 is not a record'],
    ['another file', () => '{"hello":"world"}\n', 'This is no export of a Stripe sandbox.'],
    ['no JSON', () => 'hello', 'This is no export of a Stripe sandbox.'],
    ['nothing', () => '', 'This is no export of a Stripe sandbox.'],
  ]

  test.each(spoil)('%s is refused and the state stays', async (_, change, words) => {
    const bench = await open()
    const stripe = bench.sdk('Harbour')
    await pay(stripe, 'once')
    const before = await shown(stripe)

    const { status, body } = await imported(bench, change(await exported(bench)))

    expect([status, body.error]).toStrictEqual([400, expect.stringContaining(words)])
    expect(await shown(stripe)).toStrictEqual(before)
  })

  test('a journal of another version is set aside and said aloud', async () => {
    const path = join(folder, 'stripe.journal')
    const old = '{"drawn":0,"sequence":0,"seed":"old","start":1}\n'
    writeFileSync(path, old)

    const bench = await open({ folder })
    const { body } = await bench.control('GET', '/health')

    expect(body.problems).toStrictEqual([expect.stringContaining('of version 1, this sandbox reads version 2')])
    expect(readFileSync(`${path}.version-1`, 'utf8')).toBe(old)
    expect(existsSync(path)).toBe(true)
  })
})

describe('SBX-4: the same seed, the same calls, the same clock', () => {
  test('give the same ids, secrets, events and request ids, after a reset too', async () => {
    const run = async (bench: Bench): Promise<unknown> => {
      const stripe = bench.sdk('Harbour')
      const endpoint = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['*'] })
      const intent = await pay(stripe, 'k')
      await stripe.refunds.create({ payment_intent: intent.id, amount: 100 }, { idempotencyKey: 'r' })
      return [endpoint, intent, (await stripe.events.list({ limit: 100 })).data, await stripe.balance.retrieve()]
    }
    const one = await open({ seed: 'same', publicUrl: 'http://sandbox.example' })
    const other = await open({ seed: 'same', publicUrl: 'http://sandbox.example' })
    await pay(other.sdk('Harbour'), 'something else')

    for (const bench of [one, other]) await bench.control('POST', '/reset', { seed: 'again' })

    expect(await run(other)).toStrictEqual(await run(one))
  })
})
