/** Faults of the API that change what the caller hears, while the truth at Stripe is another. */
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

const countCharges = async (): Promise<number> => (await bench.control('GET', '/state')).body.counts.charge as number

const form = 'amount=900&currency=aud&payment_method=pm_card_visa&confirm=true&return_url=https://example.com'

const postPayment = (key: string): ReturnType<Bench['raw']> =>
  bench.raw('/v1/payment_intents', { method: 'POST', body: form, headers: { 'idempotency-key': key } })

const pay = (key: string): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create(
    { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://example.com' },
    { idempotencyKey: key },
  )

describe('SBX-47: instead of the work', () => {
  test.each([
    ['lock_timeout', 409, 'lock_timeout', 'invalid_request_error'],
    ['key_in_use', 409, 'idempotency_key_in_use', 'idempotency_error'],
  ])('%s is a conflict that keeps nothing: the same key pays once', async (effect, status, code, type) => {
    await arm(effect)
    const before = await countCharges()

    const refused = await postPayment(effect)
    const paid = await postPayment(effect)

    expect(refused).toMatchObject({ status, body: { error: { code, type } } })
    expect(refused.headers.get('stripe-should-retry')).toBe('true')
    expect(paid.status).toBe(200)
    expect(await countCharges()).toBe(before + 1)
  })

  test.each([401, 403, 404, 409, 429, 500, 503])('status_before %d does nothing', async (status) => {
    await arm({ kind: 'status_before', status })
    const before = await countCharges()

    const refused = await postPayment(`before-${status}`)

    expect([refused.status, await countCharges()]).toStrictEqual([status, before])
  })

  test('html_502 is a page of a gateway, and nothing was done', async () => {
    await arm('html_502')
    const before = await countCharges()

    const answer = await fetch(`${bench.sandbox.url}/v1/payment_intents`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bench.keys('Harbour').secret}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form,
    })

    expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([502, 'text/html'])
    expect(await answer.text()).toContain('502 Bad Gateway')
    expect(await countCharges()).toBe(before)
  })

  test('no_error_key is a refusal without the word error', async () => {
    await arm({ kind: 'no_error_key', status: 403 })

    const answer = await postPayment('no-error')

    expect(answer.status).toBe(403)
    expect(answer.body).not.toHaveProperty('error')
  })

  test('revoke_key answers as for a revoked key, until it is cleared', async () => {
    await arm('revoke_key', { times: null })

    const refused = await refusalOf(stripe.balance.retrieve())
    await bench.control('DELETE', '/faults')

    expect(refused).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' })
    expect(refused.message).toContain('Invalid API Key provided')
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test('hang gives no answer, and ends when the caller gives up', async () => {
    await arm({ kind: 'hang', ms: 600_000 })
    const before = await countCharges()
    const impatient = bench.sdkWithKey(bench.keys('Harbour').secret, { timeout: 150 })

    const gaveUp = await refusalOf(
      impatient.paymentIntents.create({ amount: 900, currency: 'aud' }, { idempotencyKey: 'hang' }),
    )
    const again = await stripe.paymentIntents.create({ amount: 900, currency: 'aud' }, { idempotencyKey: 'hang' })

    expect(gaveUp.type).toBe('StripeConnectionError')
    expect(again.status).toBe('requires_payment_method')
    expect(await countCharges()).toBe(before)
  })

  test('hang after the work leaves the charge', async () => {
    // The SDK itself tries once more when a connection is reset.
    await arm({ kind: 'hang', ms: 50, when: 'after' }, { times: 2 })
    const before = await countCharges()

    const lost = await refusalOf(pay('hang-after'))
    const found = await pay('hang-after')

    expect(lost.type).toBe('StripeConnectionError')
    expect([found.status, await countCharges()]).toStrictEqual(['succeeded', before + 1])
  })
})

describe('SBX-47: another answer than the true one', () => {
  test('truncate breaks off in the middle of the answer; the work is done and the same key finds it', async () => {
    await arm({ kind: 'truncate', percent: 40 })
    const before = await countCharges()

    const cut = await refusalOf(pay('cut'))
    const whole = await pay('cut')

    expect(cut.type).toBe('StripeConnectionError')
    expect([whole.status, await countCharges()]).toStrictEqual(['succeeded', before + 1])
  })

  test('mutate changes, adds and removes fields of the answer, and the truth stays', async () => {
    const patch = [
      { op: 'replace', path: '/amount', value: 1 },
      { op: 'replace', path: '/livemode', value: true },
      { op: 'add', path: '/surprise', value: { new: 1 } },
      { op: 'add', path: '/metadata/rentroll_operator', value: 'somebody else' },
      { op: 'remove', path: '/currency' },
      { op: 'replace', path: '/nowhere/at/all', value: 1 },
    ]
    await arm({ kind: 'mutate', patch })

    const bent = await postPayment('bent')
    const told = await postPayment('bent')

    expect(bent.body).toMatchObject({
      amount: 1,
      livemode: true,
      surprise: { new: 1 },
      metadata: { rentroll_operator: 'somebody else' },
    })
    expect(bent.body).not.toHaveProperty('currency')
    expect(told.body).toMatchObject({ amount: 900, livemode: false, currency: 'aud', metadata: {} })
  })

  test('mutate makes a list huge, and changes one element', async () => {
    await pay('one-more')
    const patch = [
      { op: 'repeat', path: '/data', count: 5000 },
      { op: 'replace', path: '/data/0/object', value: 'refund' },
      { op: 'add', path: '/data/-', value: null },
    ]
    await arm({ kind: 'mutate', patch })

    const list = await bench.raw('/v1/charges?limit=1')

    expect(list.body.data).toHaveLength(5001)
    expect([list.body.data[0].object, list.body.data[1].object, list.body.data[5000]]).toStrictEqual([
      'refund',
      'charge',
      null,
    ])
  })

  test('forget_idempotency_keys makes the same key a new call', async () => {
    const first = await postPayment('forgotten')
    await arm('forget_idempotency_keys')

    const second = await postPayment('forgotten')

    expect(second.headers.get('idempotent-replayed')).toBeNull()
    expect(second.body.id).not.toBe(first.body.id)
  })

  test.each([
    ['insufficient_funds', 'card_declined', 'insufficient_funds'],
    ['expired_card', 'expired_card', 'expired_card'],
    ['do_not_honor', 'card_declined', 'do_not_honor'],
  ])('decline_next %s declines a good card once, and leaves a failed charge', async (code, errorCode, declineCode) => {
    await arm({ kind: 'decline_next', code })
    await stripe.balance.retrieve()

    const declined = await refusalOf(pay(`decline-${code}`))
    const paid = await pay(`again-${code}`)

    expect(declined).toMatchObject({ statusCode: 402, code: errorCode, decline_code: declineCode })
    const [charge] = (await stripe.charges.list({ payment_intent: declined.payment_intent?.id ?? '' })).data
    expect(charge).toMatchObject({ status: 'failed' })
    expect(paid.status).toBe('succeeded')
  })

  test('decline_next declines on the hosted page too', async () => {
    await arm('decline_next', { match: { account: bench.keys('Harbour').accountId, mode: 'test' } })
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://example.com',
      line_items: [{ quantity: 1, price_data: { currency: 'aud', unit_amount: 700, product_data: { name: 'Desk' } } }],
    })
    const card = { number: '4242424242424242', expMonth: 1, expYear: 2034, cvc: '123' }

    const first = bench.running.submitCheckout({ sessionId: session.id, email: 'kim@example.com', card })
    const second = bench.running.submitCheckout({ sessionId: session.id, email: 'kim@example.com', card })

    expect([first.outcome, second.outcome]).toStrictEqual(['declined', 'complete'])
  })

  test('search_lag hides what was just written, for the searches it strikes', async () => {
    await bench.control('POST', '/settings', { searchLagSeconds: 0 })
    await stripe.customers.create({ name: 'Searched' })
    await arm({ kind: 'search_lag', seconds: 3600 })
    await stripe.customers.list()
    const search = (): Promise<number> =>
      stripe.customers.search({ query: "name:'Searched'" }).then(({ data }) => data.length)

    expect([await search(), await search()]).toStrictEqual([0, 1])
  })

  test('payout_off_by_one changes the first transaction of a list, and waits for one', async () => {
    await pay('for-the-list')
    await arm('payout_off_by_one')
    const path = '/v1/balance_transactions?limit=2'
    await stripe.balance.retrieve()

    const wrong = await bench.raw(path)
    const right = await bench.raw(path)

    const nets = (answer: { body: { data: { net: number; amount: number }[] } }): number[][] =>
      answer.body.data.map(({ net, amount }) => [net, amount])
    const [first = [], ...rest] = nets(right)
    expect(nets(wrong)).toStrictEqual([first.map((value) => value + 1), ...rest])
  })
})

describe('SBX-47: refuse', () => {
  test('the port is closed, for a new call and for a kept connection, and opens again by itself', async () => {
    await stripe.balance.retrieve()
    await arm({ kind: 'refuse', ms: 400 }, { times: null })
    const ask = (): Promise<string> =>
      fetch(`${bench.sandbox.url}/_sandbox/health`).then(
        ({ status }) => String(status),
        (error: unknown) => String((error as { cause?: { code?: string } }).cause?.code),
      )

    const seen = new Set<string>()
    while (!seen.has('ECONNREFUSED')) seen.add(await ask())
    const sdk = await refusalOf(stripe.balance.retrieve())
    let last = await ask()
    while (last !== '200') last = await ask()

    expect(sdk.type).toBe('StripeConnectionError')
    expect(bench.running.faults.list()).toStrictEqual([])
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test('clearing it opens the port at once', async () => {
    bench.running.faults.arm({ where: 'api', effect: { kind: 'refuse', ms: 600_000 } })
    bench.running.gate.look()
    const refused = await refusalOf(stripe.balance.retrieve())
    bench.running.faults.clear()
    bench.running.gate.look()

    expect(refused.type).toBe('StripeConnectionError')
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })
})
