import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'
import { refusalOf, startBench } from '../test-bench.ts'
import { Idempotency, forgetStoredAnswers } from './idempotency.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

const post = (key: string, body: string, path = '/v1/customers'): ReturnType<Bench['raw']> =>
  bench.raw(path, { method: 'POST', body, headers: { 'idempotency-key': key } })

describe('SBX-14: idempotency keys', () => {
  test('the same call again gives the same answer, says so, and does nothing', async () => {
    const first = await post('k1', 'name=Kim')
    const second = await post('k1', 'name=Kim')

    expect(second.body).toStrictEqual(first.body)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.headers.get('idempotency-key')).toBe('k1')
    expect(second.headers.get('original-request')).toBe(first.headers.get('request-id'))
    const state = await bench.control('GET', '/state')
    expect(state.body.counts.customer).toBe(1)
  })

  test('the same key with other parameters, or on another path, is an idempotency error', async () => {
    await post('k2', 'name=Kim')

    const otherBody = await post('k2', 'name=Lee')
    const otherPath = await post('k2', 'name=Kim', '/v1/setup_intents')

    expect(otherBody).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
    expect(otherPath).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
  })

  test('a declined payment is replayed as declined and charged once', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'aud' })
    const confirm = (): ReturnType<Bench['raw']> =>
      post(
        'k3',
        'payment_method=pm_card_chargeDeclined&return_url=https://example.com',
        `/v1/payment_intents/${intent.id}/confirm`,
      )

    const first = await confirm()
    const second = await confirm()

    expect([first.status, second.status]).toStrictEqual([402, 402])
    expect(second.body).toStrictEqual(first.body)
    const charges = await stripe.charges.list({ payment_intent: intent.id })
    expect(charges.data).toHaveLength(1)
  })

  test('a refusal by the operation is kept, a refused parameter, key or fault is not', async () => {
    const missingCustomer = await post('k4', 'customer=cus_none', '/v1/setup_intents')
    const replayed = await post('k4', 'customer=cus_none', '/v1/setup_intents')
    const badParameter = await post('k5', 'nickname=x')
    const corrected = await post('k5', 'name=x')
    await bench.control('POST', '/faults', { where: 'api', effect: { kind: 'status_before', status: 500 }, times: 1 })
    const failed = await post('k6', 'name=y')
    const retried = await post('k6', 'name=y')

    expect([missingCustomer.status, replayed.headers.get('idempotent-replayed')]).toStrictEqual([400, 'true'])
    expect([badParameter.status, corrected.status]).toStrictEqual([400, 200])
    expect([failed.status, failed.headers.get('stripe-should-retry'), retried.status]).toStrictEqual([500, 'true', 200])
  })

  test('a key whose first call still runs is in use', async () => {
    await bench.control('POST', '/faults', {
      where: 'api',
      effect: { kind: 'delay', ms: 400, when: 'before' },
      times: 1,
    })

    const [first, second] = await Promise.all([post('k7', 'name=Kim'), post('k7', 'name=Kim')])

    const statuses = [first.status, second.status].toSorted((one, other) => one - other)
    const busy = first.status === 409 ? first : second
    expect(statuses).toStrictEqual([200, 409])
    expect(busy.body.error.code).toBe('idempotency_key_in_use')
    expect(busy.headers.get('stripe-should-retry')).toBe('true')
    await expect(post('k7', 'name=Kim')).resolves.toMatchObject({ status: 200 })
  })

  test('keys belong to one account and mode, and to nobody for reading', async () => {
    const ours = await post('k8', 'name=Kim')
    const theirs = await bench.raw('/v1/customers', {
      method: 'POST',
      body: 'name=Lee',
      key: bench.keys('Keystone').secret,
      headers: { 'idempotency-key': 'k8' },
    })
    const reading = await bench.raw('/v1/balance', { headers: { 'idempotency-key': 'k8' } })

    expect([ours.status, theirs.status, reading.status]).toStrictEqual([200, 200, 200])
    expect(theirs.body.id).not.toBe(ours.body.id)
  })

  test('a key longer than 255 characters is refused', async () => {
    const refusal = await refusalOf(stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) }))

    expect(refusal).toMatchObject({ statusCode: 400, code: undefined, type: 'StripeInvalidRequestError' })
  })

  test('a key is forgotten after 24 hours of sandbox time, not before', async () => {
    const first = await post('k9', 'name=Kim')
    bench.clock.advance(24 * 3_600_000 - 1000)
    const dayOld = await post('k9', 'name=Kim')
    bench.clock.advance(2000)
    const forgotten = await post('k9', 'name=Lee')

    expect(dayOld.body.id).toBe(first.body.id)
    expect(forgotten).toMatchObject({ status: 200, body: { name: 'Lee' } })
  })

  test('all keys can be forgotten at once', async () => {
    const first = await post('k10', 'name=Kim')

    const { body } = await bench.control('POST', '/idempotency/forget')
    const second = await post('k10', 'name=Kim')

    expect(body.forgotten).toBeGreaterThan(0)
    expect(second.body.id).not.toBe(first.body.id)
  })
})

describe('SBX-14: keys of both APIs', () => {
  const day = 24 * 3_600_000
  let nowMs = Date.parse('2026-11-02T09:00:00Z')
  const world = new World({ now: () => new Date(nowMs), seed: 'keys' })
  const space = world.space('acct_1', 'test')
  const keys = new Idempotency()
  const keep = (key: string, api: 'v1' | 'v2', status: number) => {
    const call = { space, key, fingerprint: 'same', api }
    world.transaction(() => keys.keep(call, { status, body: '{}', requestId: 'req_1' }))
    return call
  }

  test('a key lives 24 hours under /v1 and 30 days under /v2; what is over is swept', () => {
    const [one, two] = [keep('one', 'v1', 200), keep('two', 'v2', 200)]
    const seen = (): boolean[] => [one, two].map((call) => keys.find(call) !== undefined)
    nowMs += day - 1
    const beforeDay = seen()
    nowMs += 1
    const afterDay = seen()
    const swept = forgetStoredAnswers(world, 'old')
    nowMs += 29 * day - 1
    const beforeMonth = seen()
    nowMs += 1

    expect([beforeDay, afterDay, beforeMonth, seen()]).toStrictEqual([
      [true, true],
      [false, true],
      [false, true],
      [false, false],
    ])
    expect([swept, forgetStoredAnswers(world, 'old')]).toStrictEqual([1, 1])
  })

  test('what failed is kept under /v1 and tried again under /v2', () => {
    const kept = [keep('failed', 'v1', 402), keep('failed2', 'v2', 400)].map((call) => keys.find(call)?.status)

    expect(kept).toStrictEqual([402, undefined])
  })
})
