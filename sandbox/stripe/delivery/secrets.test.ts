import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver } from '../test-bench.ts'
import type { Bench, RawAnswer, Receiver } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
let receiver: Receiver
let endpoint: Stripe.WebhookEndpoint
const hour = 3_600_000

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  receiver = await startReceiver()
  stripe = bench.sdk('Harbour')
  endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
})

afterEach(() => receiver.close())

afterAll(() => bench.close())

function roll(expiresInHours?: unknown): Promise<RawAnswer> {
  return bench.control('POST', `/endpoints/${endpoint.id}/roll`, { expiresInHours })
}

/** Which of these secrets the SDK accepts for the next delivery. */
async function accepted(...secrets: readonly string[]): Promise<boolean[]> {
  await stripe.customers.create({})
  await bench.sandbox.stripe.runDue()
  const { body, signature } = receiver.received.at(-1) ?? { body: '', signature: '' }
  return secrets.map((secret) => {
    try {
      stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, bench.clock.now().getTime())
      return true
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
      throw error
    }
  })
}

function signaturesOfLast(): number {
  return receiver.received.at(-1)?.signature.match(/v1=/g)?.length ?? 0
}

describe('SBX-35: a rolled secret', () => {
  test('signs beside the new one until its hour, to the second', async () => {
    const old = endpoint.secret ?? ''

    const { status, body } = await roll(24)
    const together = await accepted(old, body.secret)
    const parts = signaturesOfLast()
    bench.clock.advance(24 * hour - 1000)
    const lastSecond = await accepted(old, body.secret)
    bench.clock.advance(1000)
    const afterwards = await accepted(old, body.secret)

    expect(status).toBe(200)
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9]{32}$/)
    expect([together, parts]).toStrictEqual([[true, true], 2])
    expect(lastSecond).toStrictEqual([true, true])
    expect([afterwards, signaturesOfLast()]).toStrictEqual([[false, true], 1])
  })

  test('ends at once when asked, and when nothing is asked', async () => {
    const old = endpoint.secret ?? ''
    const second = await roll(0)
    const third = await roll()

    expect(await accepted(old, second.body.secret, third.body.secret)).toStrictEqual([false, false, true])
    expect(third.body.olderSecrets).toStrictEqual([])
  })

  test('rolled twice, three sign', async () => {
    const second = await roll(24)
    const third = await roll(1)

    const all = await accepted(endpoint.secret ?? '', second.body.secret, third.body.secret)

    expect([all, signaturesOfLast()]).toStrictEqual([[true, true, true], 3])
  })

  test('a retry is signed with the secrets that are valid then', async () => {
    receiver.answerWith(500)
    await accepted()
    await roll(0)
    const { body } = await bench.control('GET', '/endpoints')
    bench.clock.advance(hour)
    await bench.sandbox.stripe.runDue()

    const { body: sent, signature } = receiver.received.at(-1) ?? { body: '', signature: '' }
    const event = stripe.webhooks.constructEvent(
      sent,
      signature,
      body[0].secret,
      300,
      undefined,
      bench.clock.now().getTime(),
    )
    expect(event.type).toBe('customer.created')
    expect(receiver.received).toHaveLength(2)
  })

  test('is revealed with its end, and shown by no API call', async () => {
    const { body } = await roll(2)

    const [view] = (await bench.control('GET', '/endpoints')).body
    const retrieved = await stripe.webhookEndpoints.retrieve(endpoint.id)

    expect(view).toMatchObject({
      id: endpoint.id,
      secret: body.secret,
      olderSecrets: [
        { secret: endpoint.secret, endsAt: new Date(bench.clock.now().getTime() + 2 * hour).toISOString() },
      ],
    })
    expect(JSON.stringify(retrieved)).not.toContain('whsec_')
  })

  test.each([-1, 25, 1.5, '1'])('%s hours are refused, and nothing changes', async (hours) => {
    const { status, body } = await roll(hours)

    expect([status, body.error]).toStrictEqual([400, 'expiresInHours must be a whole number from 0 to 24.'])
    expect(await accepted(endpoint.secret ?? '')).toStrictEqual([true])
  })

  test('an unknown endpoint is 404', async () => {
    expect((await bench.control('POST', '/endpoints/we_none/roll', {})).status).toBe(404)
  })
})
