/** What every answer carries, whatever it says (SBX-12, SBX-13, SBX-15), and which of them a key keeps (SBX-14). */
import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench, RawAnswer } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterEach(() => bench.control('DELETE', '/faults'))

afterAll(() => bench.close())

const fault = (status: number): Promise<RawAnswer> =>
  bench.control('POST', '/faults', { where: 'api', effect: { kind: 'status_before', status }, times: 1 })

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  bench.raw(path, { method: 'POST', body, headers })

const declined =
  'amount=900&currency=aud&payment_method=pm_card_chargeDeclined&confirm=true&return_url=https://a.example'

const answers: readonly (readonly [number, () => Promise<RawAnswer>])[] = [
  [200, () => post('/v1/customers', 'name=Kim', sent)],
  [400, () => post('/v1/customers', 'nickname=Kim', sent)],
  [401, () => bench.raw('/v1/customers', { method: 'POST', key: 'sk_test_none', body: '', headers: sent })],
  [402, () => post('/v1/payment_intents', declined, sent)],
  [403, () => post('/v1/customers', 'name=Kim', { ...sent, 'stripe-account': bench.keys('Keystone').accountId })],
  [404, () => post('/v1/unicorns', '', sent)],
  [409, () => fault(409).then(() => post('/v1/customers', 'name=Kim', sent))],
  [429, () => fault(429).then(() => post('/v1/customers', 'name=Kim', sent))],
  [500, () => fault(500).then(() => post('/v1/customers', 'name=Kim', sent))],
  [503, () => fault(503).then(() => post('/v1/customers', 'name=Kim', sent))],
]

const sent: Record<string, string> = { 'stripe-version': '2024-06-20' }

describe('SBX-13: headers', () => {
  test.each(answers)('of an answer %d', async (status, ask) => {
    sent['idempotency-key'] = `headers-${status}`
    sent['stripe-account'] = bench.keys('Harbour').accountId

    const { status: answered, headers } = await ask()

    expect(answered).toBe(status)
    expect(headers.get('request-id')).toMatch(/^req_[A-Za-z0-9]{14}$/)
    expect(headers.get('stripe-version')).toBe('2024-06-20')
    expect(headers.get('date')).toBe(bench.clock.now().toUTCString())
    expect(headers.get('stripe-account')).toMatch(/^acct_/)
    expect(headers.get('idempotency-key')).toBe(`headers-${status}`)
    expect(headers.get('idempotent-replayed')).toBeNull()
    expect(headers.get('stripe-should-retry')).toBe(status === 409 || status === 429 || status >= 500 ? 'true' : null)
  })

  test('what was not sent is not answered', async () => {
    const { headers } = await bench.raw('/v1/balance')

    expect([headers.get('stripe-account'), headers.get('idempotency-key')]).toStrictEqual([null, null])
    expect(headers.get('stripe-version')).toBe('2026-08-26.dahlia')
  })
})

describe('SBX-15: the error inside', () => {
  test('a declined card carries the reason, the failed charge and the whole intent', async () => {
    const { body } = await post('/v1/payment_intents', declined)
    const { error } = body as { error: Stripe.StripeRawError & { payment_intent: Stripe.PaymentIntent } }

    expect(error).toMatchObject({
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      advice_code: 'try_again_later',
      charge: error.payment_intent.latest_charge,
      payment_intent: { object: 'payment_intent', status: 'requires_payment_method' },
    })
    const { lastResponse: _, ...retrieved } = await stripe.paymentIntents.retrieve(error.payment_intent.id)
    expect({ ...error.payment_intent, last_payment_error: null }).toStrictEqual({
      ...retrieved,
      last_payment_error: null,
    })
  })

  test.each(answers.filter(([status]) => status >= 400))('%d has type, message and link', async (status, ask) => {
    delete sent['idempotency-key']
    const { body } = await ask()

    expect(body.error.type).toBe(
      status >= 500 ? 'api_error' : ({ 402: 'card_error' }[status] ?? 'invalid_request_error'),
    )
    expect(body.error.message).toMatch(/\w/)
    expect(body.error.request_log_url).toContain('/_sandbox/requests/req_')
  })
})

describe('SBX-14: what a key keeps', () => {
  test.each([
    ['401', () => fault(401)],
    ['403', () => fault(403)],
    ['409', () => fault(409)],
    ['429', () => fault(429)],
  ])('%s is not kept', async (status, arm) => {
    await arm()
    const call = (): Promise<RawAnswer> => post('/v1/customers', 'name=Kim', { 'idempotency-key': `not-${status}` })

    const first = await call()
    const second = await call()

    expect([first.status, second.status]).toStrictEqual([Number(status), 200])
    expect(second.headers.get('idempotent-replayed')).toBeNull()
  })

  test.each([
    ['an unknown parameter', '/v1/customers', 'nickname=x', 'parameter_unknown'],
    ['a wrong address found late', '/v1/webhook_endpoints', 'url=ftp://a.example&enabled_events[]=*', 'url_invalid'],
    ['an amount too small for its currency', '/v1/payment_intents', 'amount=10&currency=aud', 'amount_too_small'],
  ])('%s is not kept', async (name, path, body, code) => {
    const call = (): Promise<RawAnswer> => post(path, body, { 'idempotency-key': `late-${name}` })

    const first = await call()
    const second = await call()

    expect([first.body.error.code, second.headers.get('idempotent-replayed')]).toStrictEqual([code, null])
  })

  test('402 and 500 are kept', async () => {
    const call = (key: string): Promise<RawAnswer> => post('/v1/payment_intents', declined, { 'idempotency-key': key })
    await call('kept-402')
    await bench.control('POST', '/faults', { where: 'api', effect: { kind: 'status_after', status: 500 }, times: 1 })
    await call('kept-500')

    const replays = [await call('kept-402'), await call('kept-500')]

    expect(replays.map(({ status, headers }) => [status, headers.get('idempotent-replayed')])).toStrictEqual([
      [402, 'true'],
      [500, 'true'],
    ])
  })

  test('the same parameters in another order are the same call; another mode is another', async () => {
    const call = (body: string, key?: string): Promise<RawAnswer> =>
      bench.raw('/v1/customers', { method: 'POST', body, headers: { 'idempotency-key': 'order' }, ...(key && { key }) })

    const first = await call('name=Kim&metadata[a]=1&metadata[b]=2')
    const turned = await call('metadata[b]=2&name=Kim&metadata[a]=1')
    const live = await call('name=Kim&metadata[a]=1&metadata[b]=2', bench.keys('Harbour', 'live').secret)

    expect(turned.body.id).toBe(first.body.id)
    expect(live.headers.get('idempotent-replayed')).toBeNull()
  })
})

describe('SBX-11: metadata', () => {
  test('has at most 50 keys, also after a change', async () => {
    const many = (count: number, from = 0): string =>
      Array.from({ length: count }, (_, place) => `metadata[k${place + from}]=v`).join('&')

    const tooMany = await post('/v1/customers', many(51))
    const full = await post('/v1/customers', many(50))
    const over = await post(`/v1/customers/${full.body.id}`, many(1, 50))
    const swapped = await post(`/v1/customers/${full.body.id}`, `metadata[k0]=&${many(1, 50)}`)

    expect([tooMany.status, full.status, over.status, swapped.status]).toStrictEqual([400, 200, 400, 200])
    expect(tooMany.body.error).toMatchObject({ param: 'metadata', message: 'Metadata can have at most 50 keys.' })
  })
})
