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

describe('keys and accounts', () => {
  test('SBX-7: the two own-keys accounts and the platform have keys of both modes, and other keys are refused', async () => {
    const pattern = /^sk_(test|live)_sandbox[A-Za-z0-9]{16,}$/
    expect(bench.sandbox.keys.map((set) => `${set.account} ${set.mode}`)).toStrictEqual([
      'Harbour Desks test',
      'Harbour Desks live',
      'Keystone Storage test',
      'Keystone Storage live',
      'Rental Platform test',
      'Rental Platform live',
    ])
    for (const { secret, mode } of bench.sandbox.keys) expect(pattern.exec(secret)?.[1]).toBe(mode)
    expect(new Set(bench.sandbox.keys.flatMap((set) => [set.secret, set.publishable, set.restricted])).size).toBe(18)

    const answer = await bench.raw('/v1/account', { key: 'sk_test_51abcdefghijklmnop' })

    expect(answer.status).toBe(401)
    expect(answer.body.error.message).toContain('Invalid API Key provided: sk_test_')
    expect(answer.body.error.message).not.toContain('51abcdef')
  })

  test('SBX-8: no key, an expired key, a revoked key and a publishable key are told apart; Basic works as Bearer', async () => {
    const account = bench.keys('Harbour').accountId
    const [expired, revoked] = await Promise.all([
      bench.control('POST', '/keys', { account, kind: 'secret' }),
      bench.control('POST', '/keys', { account, kind: 'secret' }),
    ])
    await bench.control('POST', `/keys/${expired.body.key}/expire`)
    await bench.control('POST', `/keys/${revoked.body.key}/revoke`)
    const basic = Buffer.from(`${bench.keys('Harbour').secret}:`).toString('base64')

    const answers = await Promise.all([
      bench.raw('/v1/balance', { key: '' }),
      bench.raw('/v1/balance', { key: expired.body.key }),
      bench.raw('/v1/balance', { key: revoked.body.key }),
      bench.raw('/v1/balance', { key: bench.keys('Harbour').publishable }),
      bench.raw('/v1/balance', { key: '', headers: { authorization: `Basic ${basic}` } }),
    ])

    expect(answers.map(({ status, body }) => [status, body.error?.code])).toStrictEqual([
      [401, undefined],
      [401, 'api_key_expired'],
      [401, undefined],
      [403, 'secret_key_required'],
      [200, undefined],
    ])
    expect(answers[0]?.body.error.message).toContain('You did not provide an API key')
  })

  test('SBX-8: a restricted key reads what it may write, and is told the permission it lacks', async () => {
    const account = bench.keys('Harbour').accountId
    const { body: key } = await bench.control('POST', '/keys', {
      account,
      permissions: ['customer_write', 'balance_read'],
    })
    const narrow = bench.sdkWithKey(key.key)

    const customer = await narrow.customers.create({ name: 'Kim' })
    const refusal = await refusalOf(narrow.paymentIntents.create({ amount: 100, currency: 'aud' }))

    await expect(narrow.customers.retrieve(customer.id)).resolves.toMatchObject({ name: 'Kim' })
    expect(refusal).toMatchObject({ statusCode: 403, type: 'StripePermissionError' })
    expect(refusal.message).toContain(
      "Having the 'rak_payment_intent_write' permission would allow this request to continue.",
    )
  })

  test('SBX-8: the restricted key of an account can do the whole money path', async () => {
    const restricted = bench.sdkWithKey(bench.keys('Harbour').restricted)
    const customer = await restricted.customers.create({})
    const setup = await restricted.setupIntents.create({
      customer: customer.id,
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      return_url: 'https://example.com',
    })
    const intent = await restricted.paymentIntents.create({
      amount: 900,
      currency: 'aud',
      customer: customer.id,
      payment_method: setup.payment_method as string,
      off_session: true,
      confirm: true,
    })
    const refund = await restricted.refunds.create({ payment_intent: intent.id, amount: 100 })
    const endpoint = await restricted.webhookEndpoints.create({ url: 'http://127.0.0.1:9/x', enabled_events: ['*'] })

    expect([intent.status, refund.status, endpoint.status]).toStrictEqual(['succeeded', 'succeeded', 'enabled'])
    await restricted.webhookEndpoints.del(endpoint.id)
    await expect(restricted.accounts.retrieveCurrent()).resolves.toMatchObject({ object: 'account' })
  })

  test('SBX-8: a publishable key of the same account may see a SetupIntent with its client secret, another account may not', async () => {
    const setup = await stripe.setupIntents.create({})
    const path = `/v1/setup_intents/${setup.id}`
    const secret = `client_secret=${setup.client_secret}`

    const answers = await Promise.all([
      bench.raw(`${path}?${secret}`, { key: bench.keys('Harbour').publishable }),
      bench.raw(path, { key: bench.keys('Harbour').publishable }),
      bench.raw(`${path}?client_secret=${setup.id}_secret_x`, { key: bench.keys('Harbour').publishable }),
      bench.raw(`${path}?${secret}`, { key: bench.keys('Keystone').publishable }),
      bench.raw(`${path}?${secret}`, { key: bench.keys('Harbour', 'live').publishable }),
    ])

    expect(answers.map(({ status, body }) => [status, body.error?.code])).toStrictEqual([
      [200, undefined],
      [400, 'parameter_missing'],
      [400, 'setup_intent_invalid_parameter'],
      [404, 'resource_missing'],
      [404, 'resource_missing'],
    ])
  })

  test('SBX-9: the account in scope answers, and an account that is not connected is refused', async () => {
    const harbour = bench.keys('Harbour').accountId
    const keystone = bench.keys('Keystone').accountId

    const own = await stripe.accounts.retrieveCurrent()
    const byHeader = await stripe.balance.retrieve({}, { stripeAccount: harbour })
    const foreign = await refusalOf(stripe.accounts.retrieve(keystone))
    const foreignHeader = await refusalOf(stripe.balance.retrieve({}, { stripeAccount: keystone }))

    expect(own).toMatchObject({
      id: harbour,
      country: 'AU',
      default_currency: 'aud',
      charges_enabled: true,
      settings: { dashboard: { display_name: 'Harbour Desks' } },
    })
    expect(byHeader).toMatchObject({ object: 'balance', livemode: false })
    expect(foreign).toMatchObject({ statusCode: 403, code: 'account_invalid' })
    expect(foreignHeader).toMatchObject({ statusCode: 403, code: 'account_invalid' })
  })

  test('SBX-9: no object of one account, or of one mode, is found by another', async () => {
    const customer = await stripe.customers.create({})
    const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    const intent = await stripe.paymentIntents.create({
      amount: 5000,
      currency: 'aud',
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      return_url: 'https://example.com',
    })
    const setup = await stripe.setupIntents.create({})
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'aud',
      success_url: 'https://example.com',
    })
    const endpoint = await stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:9/x',
      enabled_events: ['charge.failed'],
    })
    const [event] = (await stripe.events.list({ limit: 1 })).data
    const [transaction] = (await stripe.balanceTransactions.list({ limit: 1 })).data
    const paths = [
      `customers/${customer.id}`,
      `payment_methods/${method.id}`,
      `payment_intents/${intent.id}`,
      `setup_intents/${setup.id}`,
      `refunds/${refund.id}`,
      `checkout/sessions/${session.id}`,
      `webhook_endpoints/${endpoint.id}`,
      `events/${event?.id}`,
      `balance_transactions/${transaction?.id}`,
      `charges/${String(intent.latest_charge)}`,
    ]
    const strangers = [bench.keys('Keystone').secret, bench.keys('Harbour', 'live').secret, bench.keys('Rental').secret]

    const found = await Promise.all(paths.map((path) => bench.raw(`/v1/${path}`)))
    const crossings = await Promise.all(
      strangers.flatMap((key) => paths.map((path) => bench.raw(`/v1/${path}`, { key }))),
    )

    expect(found.map((answer) => answer.status)).toStrictEqual(paths.map(() => 200))
    expect(crossings.map(({ status, body }) => `${status} ${body.error.code}`)).toStrictEqual(
      crossings.map(() => '404 resource_missing'),
    )
    await stripe.webhookEndpoints.del(endpoint.id)
  })
})

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
      'amount=500&currency=aud&application_fee_amount=5',
      '400 sandbox_not_supported application_fee_amount',
    ],
    ['an address that is none', '/v1/webhook_endpoints', 'url=nonsense&enabled_events[]=*', '400 url_invalid url'],
    ['contradicting names', '/v1/customers', 'shipping=1&shipping[name]=2', '400 - shipping'],
    ['metadata key too long', '/v1/customers', `metadata[${'k'.repeat(41)}]=1`, `400 - metadata[${'k'.repeat(41)}]`],
    ['metadata value too long', '/v1/customers', `metadata[k]=${'v'.repeat(501)}`, '400 - metadata[k]'],
  ])('SBX-11: %s is refused', async (_, path, body, expected) => {
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

describe('addresses, headers, versions', () => {
  test('SBX-6: an unknown path is 404, an operation only Stripe has is refused by name and counted', async () => {
    const unknown = await bench.raw('/v1/unicorns')
    const unbuilt = await bench.raw('/v1/payouts', { method: 'POST', body: 'amount=5&currency=aud' })
    const search = await bench.raw('/v1/customers/search?query=x')

    expect(unknown).toMatchObject({ status: 404, body: { error: { type: 'invalid_request_error' } } })
    expect(unknown.body.error.message).toContain('Unrecognized request URL (GET: /v1/unicorns)')
    expect(unbuilt).toMatchObject({ status: 400, body: { error: { code: 'sandbox_not_supported' } } })
    expect(unbuilt.body.error.message).toContain('POST /v1/payouts')
    expect(search.body.error.code).toBe('sandbox_not_supported')
    expect(bench.sandbox.stripe.health().unsupportedCalls).toContainEqual({ operation: 'POST /v1/payouts', times: 1 })
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
    ['a version that never was', '2026-13-01.fantasy', 400, 'invalid_api_version'],
  ])('SBX-12: payment_method_types with %s', async (_, version, status, code) => {
    const headers: Record<string, string> = version === undefined ? {} : { 'stripe-version': version }
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

  test('SBX-5: three hundred calls a second and more', async () => {
    const count = 600
    const startedAt = performance.now()
    for (let sent = 0; sent < count; sent += 20) {
      await Promise.all(
        Array.from({ length: 20 }, () => bench.raw('/v1/customers', { method: 'POST', body: 'name=Kim' })),
      )
    }

    expect(count / ((performance.now() - startedAt) / 1000)).toBeGreaterThan(300)
  })
})
