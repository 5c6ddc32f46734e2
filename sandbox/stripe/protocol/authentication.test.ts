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
