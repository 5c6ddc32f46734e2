import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('parameters', () => {
  const refused = async (path: string, body: string): Promise<string> => {
    const { status, body: answer } = await bench.raw(path, { method: 'POST', body })
    return `${status} ${answer.error?.code ?? '-'} ${answer.error?.param ?? '-'}`
  }

  test.each([
    ['unknown', '/v1/customers', 'nickname=x', '400 parameter_unknown nickname'],
    [
      'unknown at depth',
      '/v1/customers',
      'invoice_settings[colour]=x',
      '400 parameter_unknown invoice_settings[colour]',
    ],
    ['missing', '/v1/payment_intents', 'currency=aud', '400 parameter_missing amount'],
    ['not an integer', '/v1/payment_intents', 'amount=10.5&currency=aud', '400 parameter_invalid_integer amount'],
    ['zero', '/v1/payment_intents', 'amount=0&currency=aud', '400 parameter_invalid_integer amount'],
    ['negative', '/v1/payment_intents', 'amount=-5&currency=aud', '400 parameter_invalid_integer amount'],
    ['too small', '/v1/payment_intents', 'amount=49&currency=aud', '400 amount_too_small amount'],
    ['too large', '/v1/payment_intents', 'amount=100000000&currency=aud', '400 amount_too_large amount'],
    ['unknown currency', '/v1/payment_intents', 'amount=500&currency=zzz', '400 - currency'],
    ['empty text', '/v1/payment_intents', 'amount=500&currency=', '400 parameter_invalid_string_empty currency'],
    ['blank text', '/v1/customers', 'name=%20%20', '400 parameter_invalid_string_blank name'],
    ['outside the list', '/v1/payment_intents', 'amount=500&currency=aud&capture_method=later', '400 - capture_method'],
    ['not a flag', '/v1/payment_intents', 'amount=500&currency=aud&confirm=yes', '400 - confirm'],
    [
      'known to Stripe, not built',
      '/v1/payment_intents',
      'amount=500&currency=aud&on_behalf_of=acct_x',
      '400 sandbox_not_supported on_behalf_of',
    ],
    ['an address that is none', '/v1/webhook_endpoints', 'url=nonsense&enabled_events[]=*', '400 url_invalid url'],
    ['contradicting names', '/v1/customers', 'shipping=1&shipping[name]=2', '400 - shipping'],
    ['metadata key too long', '/v1/customers', `metadata[${'k'.repeat(41)}]=1`, `400 - metadata[${'k'.repeat(41)}]`],
    ['metadata value too long', '/v1/customers', `metadata[k]=${'v'.repeat(501)}`, '400 - metadata[k]'],
  ])('SBX-11: %s is refused', async (_, ...[path, body, expected]) => {
    expect(await refused(path, body)).toBe(expected)
  })

  test('SBX-11: names of the language itself are only names', async () => {
    expect(await refused('/v1/customers', '__proto__[polluted]=1')).toBe('400 parameter_unknown __proto__')
    expect(await refused('/v1/customers', 'constructor=1')).toBe('400 parameter_unknown constructor')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('SBX-11: lists come as a[]=, as a[0]= and as groups in a list', async () => {
    const forms = [
      'enabled_events[]=charge.failed&enabled_events[]=charge.refunded',
      'enabled_events[1]=charge.refunded&enabled_events[0]=charge.failed',
    ]

    for (const form of forms) {
      const { body } = await bench.raw('/v1/webhook_endpoints', {
        method: 'POST',
        body: `url=http://127.0.0.1:9/x&${form}`,
      })
      expect(body.enabled_events).toStrictEqual(['charge.failed', 'charge.refunded'])
      await stripe.webhookEndpoints.del(body.id)
    }
    const line =
      'line_items[][price_data][currency]=aud&line_items[][price_data][unit_amount]=700&line_items[][price_data][product_data][name]=Desk'
    const session = await bench.raw('/v1/checkout/sessions', {
      method: 'POST',
      body: `mode=payment&success_url=https://example.com&${line}`,
    })
    expect(session.body).toMatchObject({ amount_total: 700, currency: 'aud' })
  })

  test('SBX-11: JSON to v1 is refused', async () => {
    const answer = await bench.raw('/v1/customers', {
      method: 'POST',
      body: '{"name":"Kim"}',
      headers: { 'content-type': 'application/json' },
    })

    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toContain('application/x-www-form-urlencoded')
  })

  test('SBX-11: metadata is merged, an empty value deletes a key, an empty parameter deletes all', async () => {
    const { id } = await stripe.customers.create({ metadata: { room: '4', floor: '2' } })

    const merged = await stripe.customers.update(id, { metadata: { floor: '', bed: '1' } })
    const cleared = await stripe.customers.update(id, { metadata: '' })

    expect(merged.metadata).toStrictEqual({ room: '4', bed: '1' })
    expect(cleared.metadata).toStrictEqual({})
  })
})
