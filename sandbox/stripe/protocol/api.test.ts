import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('addresses, headers, versions', () => {
  test('SBX-6: an unknown path is 404, an operation only Stripe has is refused by name and counted', async () => {
    const unknown = await bench.raw('/v1/unicorns')
    const unbuilt = await bench.raw('/v1/coupons', { method: 'POST', body: 'duration=once&percent_off=5' })
    const search = await bench.raw('/v1/products/search?query=x')

    expect(unknown).toMatchObject({ status: 404, body: { error: { type: 'invalid_request_error' } } })
    expect(unknown.body.error.message).toContain('Unrecognized request URL (GET: /v1/unicorns)')
    expect(unbuilt).toMatchObject({ status: 400, body: { error: { code: 'sandbox_not_supported' } } })
    expect(unbuilt.body.error.message).toContain('POST /v1/coupons')
    expect(search.body.error.code).toBe('sandbox_not_supported')
    expect(bench.sandbox.stripe.health().unsupportedCalls).toContainEqual({ operation: 'POST /v1/coupons', times: 1 })
  })

  test('SBX-13: every answer names its request, its version and the sandbox time', async () => {
    const { headers } = await bench.raw('/v1/balance', { headers: { 'stripe-version': '2026-10-28.endive' } })

    expect(headers.get('request-id')).toMatch(/^req_[A-Za-z0-9]{14}$/)
    expect(headers.get('stripe-version')).toBe('2026-10-28.endive')
    expect(headers.get('date')).toBe('Mon, 02 Nov 2026 09:00:00 GMT')
    expect(headers.get('stripe-should-retry')).toBeNull()
  })

  test('SBX-15: an error has type, message, code, param, documentation and a link to its request', async () => {
    const { status, body, headers } = await bench.raw('/v1/customers/cus_missing')

    expect(status).toBe(404)
    expect(body.error).toStrictEqual({
      type: 'invalid_request_error',
      message: "No such customer: 'cus_missing'",
      code: 'resource_missing',
      param: 'id',
      doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
      request_log_url: `${bench.sandbox.url}/_sandbox/requests/${headers.get('request-id')}`,
    })
  })

  test.each([
    ['no version', undefined, 200, undefined],
    ['a version before the change', '2026-08-26.dahlia', 200, undefined],
    ['the version of the change', '2026-09-30.endive', 400, 'payment_method_types_no_longer_supported'],
    ['the pinned version', '2026-10-28.endive', 400, 'payment_method_types_no_longer_supported'],
    ['a version that never was', '2026-13-01.fantasy', 400, undefined],
  ])('SBX-12: payment_method_types with %s', async (_, ...[version, status, code]) => {
    const headers: Record<string, string> = version === undefined ? {} : { 'stripe-version': String(version) }
    const answer = await bench.raw('/v1/payment_intents', {
      method: 'POST',
      body: 'amount=500&currency=aud&payment_method_types[]=card',
      headers,
    })

    expect([answer.status, answer.body.error?.code]).toStrictEqual([status, code])
  })

  test('SBX-12: the allowed types stand alone, and old versions see the invoice link', async () => {
    const clash = await refusalOf(
      stripe.paymentIntents.create({
        amount: 500,
        currency: 'aud',
        allowed_payment_method_types: ['card'],
        automatic_payment_methods: { enabled: true },
      }),
    )
    const { id } = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'aud',
      allowed_payment_method_types: ['card'],
    })
    const old = await bench.raw(`/v1/payment_intents/${id}`, { headers: { 'stripe-version': '2023-08-16' } })
    const fresh = await bench.raw(`/v1/payment_intents/${id}`, { headers: { 'stripe-version': '2023-10-16' } })

    expect(clash).toMatchObject({ statusCode: 400, param: 'automatic_payment_methods' })
    expect(old.body).toHaveProperty('invoice', null)
    expect(fresh.body).not.toHaveProperty('invoice')
  })
})

describe('the control API', () => {
  test('SBX-48: wrong input is refused with the field, an unknown control path is 404, another site is kept out', async () => {
    const [regex, effect, path, json, foreign] = await Promise.all([
      bench.control('POST', '/faults', { where: 'api', match: { path: '(' }, effect: 'drop_after' }),
      bench.control('POST', '/faults', { where: 'api', effect: 'explode' }),
      fetch(`${bench.sandbox.url}/_sandbox/nothing`),
      fetch(`${bench.sandbox.url}/_sandbox/reset`, { method: 'POST', body: '[' }),
      fetch(`${bench.sandbox.url}/_sandbox/reset`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }),
    ])

    expect(regex).toMatchObject({ status: 400 })
    expect(regex.body.error).toContain('match.path')
    expect(effect.body.error).toContain('effect must be one of')
    expect(bench.running.faults.list()).toStrictEqual([])
    expect([path.status, json.status, foreign.status]).toStrictEqual([404, 400, 403])
  })

  test('the request log keeps no secret', async () => {
    await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/x', enabled_events: ['charge.failed'] })
    await bench.raw('/v1/payment_methods', {
      method: 'POST',
      body: 'type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=30&card[cvc]=314',
    })

    const log = JSON.stringify(await bench.control('GET', '/requests').then(({ body }) => body))

    expect(log).toContain('/v1/payment_methods')
    expect(log).not.toMatch(/whsec_[A-Za-z0-9]|_secret_[A-Za-z0-9]|sk_test_sandbox|4242424242424242/)
  })
})
