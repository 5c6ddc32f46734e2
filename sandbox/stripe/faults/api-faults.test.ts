import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterEach(() => bench.control('DELETE', '/faults'))

afterAll(() => bench.close())

const arm = (effect: object | string, more: object = {}): ReturnType<Bench['control']> =>
  bench.control('POST', '/faults', { where: 'api', effect, times: 1, ...more })

async function countCharges(): Promise<number> {
  return (await bench.control('GET', '/state')).body.counts.charge as number
}

function pay(key: string): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create(
    { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://example.com' },
    { idempotencyKey: key },
  )
}

describe('SBX-47: faults of the API', () => {
  test('status_before leaves nothing; the same key then pays once', async () => {
    await arm({ kind: 'status_before', status: 503 })
    const before = await countCharges()

    const refusal = await refusalOf(pay('before'))
    const after = await countCharges()
    await pay('before')

    expect(refusal).toMatchObject({ statusCode: 503, type: 'StripeAPIError' })
    expect([after, await countCharges()]).toStrictEqual([before, before + 1])
  })

  test('status_after charges, answers 500 and keeps answering it under the key', async () => {
    await arm({ kind: 'status_after', status: 500 })
    const before = await countCharges()

    const first = await refusalOf(pay('after'))
    const second = await refusalOf(pay('after'))

    expect([first.statusCode, second.statusCode]).toStrictEqual([500, 500])
    expect(second.headers?.['idempotent-replayed']).toBe('true')
    expect(await countCharges()).toBe(before + 1)
  })

  test('drop_after charges and loses the answer; the same key gets it', async () => {
    // The SDK itself tries once more when a connection is reset, so the answer has to be lost twice.
    await arm('drop_after', { times: 2 })
    const before = await countCharges()

    const lost = await refusalOf(pay('lost'))
    const found = await pay('lost')

    expect(lost.type).toBe('StripeConnectionError')
    expect(found.status).toBe('succeeded')
    expect(await countCharges()).toBe(before + 1)
  })

  test('drop_before loses the call itself', async () => {
    await arm('drop_before', { times: 2 })
    const before = await countCharges()

    const lost = await refusalOf(pay('never'))

    expect(lost.type).toBe('StripeConnectionError')
    expect(await countCharges()).toBe(before)
  })

  test('empty_200 charges and answers {}', async () => {
    await arm('empty_200')
    const before = await countCharges()

    const answer = await bench.raw('/v1/payment_intents', {
      method: 'POST',
      body: 'amount=900&currency=aud&payment_method=pm_card_visa&confirm=true&return_url=https://example.com',
    })

    expect([answer.status, answer.body]).toStrictEqual([200, {}])
    expect(await countCharges()).toBe(before + 1)
  })

  test('delay waits', async () => {
    await arm({ kind: 'delay', ms: 120, when: 'after' })
    const startedAt = performance.now()

    await stripe.balance.retrieve()

    expect(performance.now() - startedAt).toBeGreaterThan(110)
  })

  test('a fault waits for its method, path, account and nth call, and is used up', async () => {
    await arm(
      { kind: 'status_before', status: 429 },
      { match: { method: 'GET', path: '^/v1/balance$', account: bench.keys('Harbour').accountId, nth: 2 } },
    )

    const others = await Promise.all([
      stripe.customers.list(),
      bench.sdk('Keystone').balance.retrieve(),
      bench.sdk('Keystone').balance.retrieve(),
    ])
    await stripe.balance.retrieve()
    const listed = await bench.control('GET', '/faults')
    const hit = await refusalOf(stripe.balance.retrieve())
    const gone = await stripe.balance.retrieve()

    expect(others).toHaveLength(3)
    expect(listed.body).toMatchObject([{ where: 'api', timesLeft: 1, match: { nth: 2, path: '^\\/v1\\/balance$' } }])
    expect(hit).toMatchObject({ statusCode: 429, code: 'rate_limit' })
    expect(gone.object).toBe('balance')
    expect(bench.sandbox.stripe.listRequests().find((request) => request.status === 429)?.faults).toStrictEqual([
      'status_before',
    ])
  })

  test('a fault without times stays until it is cleared', async () => {
    const { body } = await arm({ kind: 'status_before', status: 500 }, { times: null })
    await refusalOf(stripe.balance.retrieve())
    await refusalOf(stripe.balance.retrieve())

    expect(bench.sandbox.stripe.health().activeFaults).toBe(1)
    expect((await bench.control('DELETE', `/faults/${body.id}`)).status).toBe(200)
    expect((await bench.control('DELETE', `/faults/${body.id}`)).status).toBe(404)
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })
})
