import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
  await bench.control('POST', '/settings', { rateLimits: true })
})

// Each test begins in a second, and an hour, of its own.
beforeEach(() => bench.clock.advance(3_600_000))

afterAll(() => bench.close())

async function askTimes(count: number, key = bench.keys('Harbour').secret): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let asked = 0; asked < count; asked += 1) {
    const { status } = await bench.raw('/v1/balance', { key })
    counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

describe('SBX-19: rate limits', () => {
  test('are off until asked for', async () => {
    const other = await startBench()
    const answers = await Promise.all(Array.from({ length: 60 }, () => other.raw('/v1/balance')))
    await other.close()

    expect(new Set(answers.map(({ status }) => status))).toStrictEqual(new Set([200]))
  })

  test('25 calls a second in test mode, per account; a second later it goes on', async () => {
    const first = await askTimes(27)
    const other = await askTimes(1, bench.keys('Keystone').secret)
    bench.clock.advance(999)
    const early = await askTimes(1)
    bench.clock.advance(1)
    const later = await askTimes(1)

    expect([first, other, early, later]).toStrictEqual([{ 200: 25, 429: 2 }, { 200: 1 }, { 429: 1 }, { 200: 1 }])
  })

  test('100 calls a second in live mode, counted apart from test mode', async () => {
    const live = bench.keys('Harbour', 'live').secret

    expect(await askTimes(103, live)).toStrictEqual({ 200: 100, 429: 3 })
    expect(await askTimes(1)).toStrictEqual({ 200: 1 })
  })

  test('1,000 updates an hour of one PaymentIntent; reading and other intents go on', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => stripe.paymentIntents.create({ amount: 900, currency: 'aud' })),
    )
    const touch = (intent: Stripe.PaymentIntent | undefined): ReturnType<Bench['raw']> =>
      bench.raw(`/v1/payment_intents/${intent?.id}`, { method: 'POST', body: 'description=x' })
    const statuses: number[] = []
    for (let made = 0; made < 1001; made += 1) {
      if (made % 20 === 0) bench.clock.advance(1000)
      statuses.push((await touch(one)).status)
    }
    bench.clock.advance(1000)
    const elsewhere = [(await touch(other)).status, (await bench.raw(`/v1/payment_intents/${one?.id}`)).status]
    bench.clock.advance(3_600_000)
    const nextHour = await touch(one)

    expect(statuses.slice(0, 1000).every((status) => status === 200)).toBe(true)
    expect([statuses[1000], elsewhere, nextHour.status]).toStrictEqual([429, [200, 200], 200])
  })

  test('the refusal comes before idempotency: it has a code, asks to be repeated, and is not kept under the key', async () => {
    await askTimes(25)
    const post = (): ReturnType<Bench['raw']> =>
      bench.raw('/v1/customers', { method: 'POST', body: 'name=Kim', headers: { 'idempotency-key': 'limited' } })

    const limited = await post()
    bench.clock.advance(1000)
    const made = await post()

    expect(limited).toMatchObject({
      status: 429,
      body: { error: { code: 'rate_limit', type: 'invalid_request_error' } },
    })
    expect(limited.headers.get('stripe-should-retry')).toBe('true')
    expect([made.status, made.headers.get('idempotent-replayed')]).toStrictEqual([200, null])
  })

  test.each([
    [{ rateLimits: 'yes' }, 'rateLimits must be true or false.'],
    [{ openMode: 1 }, 'openMode must be true or false.'],
    [{ searchLagSeconds: 3601 }, 'searchLagSeconds must be a whole number from 0 to 3600.'],
  ])('a wrong setting is refused: %j', async (settings, error) => {
    expect(await bench.control('POST', '/settings', settings)).toMatchObject({ status: 400, body: { error } })
  })
})
