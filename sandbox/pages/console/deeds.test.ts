/** Buttons of the console: each presses its twin of the control API, and what it did shows at Stripe. */
import type { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../index.ts'
import type { Sandbox, SandboxKeys } from '../../index.ts'
import { Visitor } from './visitor.ts'

let sandbox: Sandbox
let keys: SandboxKeys
let stripe: Stripe
let visitor: Visitor
const clientOf = (key: string): Stripe => visitor.clientOf(key)
const open: Visitor['open'] = (path) => visitor.open(path)
const send: Visitor['send'] = (path, fields, site) => visitor.send(path, fields, site)
const press: Visitor['press'] = (path, testId, typed) => visitor.press(path, testId, typed)

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'console deeds' })
  keys = sandbox.keys[0]!
  visitor = new Visitor(sandbox.url)
  stripe = clientOf(keys.secret)
})
afterAll(() => sandbox.close())

async function pay(amount: number, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return stripe.paymentIntents.create({
    amount,
    currency: 'aud',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...more,
  })
}

describe('keys', () => {
  const made = async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ account: keys.accountId, kind: 'secret' })
    const reply = await fetch(`${sandbox.url}/_sandbox/keys`, { method: 'POST', headers, body })
    return ((await reply.json()) as { key: string }).key
  }

  test('SBX-7: a revoked key is refused until it is restored', async () => {
    const key = await made()
    const account = `/_sandbox/accounts/${keys.accountId}`

    const { page } = await press(account, `sandbox-key-revoke-${key}`)
    const refusal = clientOf(key).balance.retrieve()

    await expect(refusal).rejects.toMatchObject({ statusCode: 401 })
    expect(page).toContain('The key is revoked')
    await press(account, `sandbox-key-restore-${key}`)
    await expect(clientOf(key).balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test('SBX-7: a rolled key has expired, and the new one of its kind works', async () => {
    const key = await made()

    await press(`/_sandbox/accounts/${keys.accountId}`, `sandbox-key-roll-${key}`)
    const page = await open(`/_sandbox/accounts/${keys.accountId}`)
    const [newest] = page.match(/sk_test_sandbox[A-Za-z0-9]+/g)!

    await expect(clientOf(key).balance.retrieve()).rejects.toMatchObject({ statusCode: 401, code: 'api_key_expired' })
    await expect(clientOf(newest).balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test('SBX-7: a restricted key may what was ticked and nothing else', async () => {
    await press(`/_sandbox/accounts/${keys.accountId}`, 'sandbox-key-make', [
      ['text:mode', 'test'],
      ['list:permissions', 'balance_read'],
    ])
    const page = await open(`/_sandbox/accounts/${keys.accountId}`)
    const key = /rk_test_sandbox[A-Za-z0-9]+/.exec(page)![0]

    await expect(clientOf(key).balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
    await expect(clientOf(key).customers.list()).rejects.toMatchObject({ statusCode: 403 })
  })
})

describe('endpoints', () => {
  const add = (url: string, events: string) =>
    press('/_sandbox/endpoints/new', 'sandbox-endpoint-add', [
      ['text:account', keys.accountId],
      ['text:mode', 'test'],
      ['flag:parameters.connect', 'false'],
      ['text:parameters.url', url],
      ['lines:parameters.enabled_events', events],
      ['list:parameters.enabled_events', 'refund.created'],
    ])

  test('SBX-46: a destination added by hand asks for what was pasted and what was ticked', async () => {
    const { path, page } = await add('http://127.0.0.1:1/by-hand', 'charge.refunded\nrefund.created, payout.paid')

    const { data } = await stripe.webhookEndpoints.list()
    expect(path).toBe('/_sandbox/endpoints')
    expect(page).toContain('The destination was added')
    expect(data[0]).toMatchObject({
      url: 'http://127.0.0.1:1/by-hand',
      enabled_events: ['charge.refunded', 'refund.created', 'payout.paid'],
    })
  })

  test('SBX-48: a refused destination keeps what was typed and says what is wrong', async () => {
    const { path, page } = await add('http://127.0.0.1:1/kept', 'nonsense.happened')

    expect(path).toBe('/_sandbox/endpoints/new')
    expect(page).toContain('&#39;nonsense.happened&#39; is not an event type Stripe sends.')
    expect(page).toContain('value="http://127.0.0.1:1/kept"')
    expect(page).toContain('<title>Error: Add destination')
  })

  test('SBX-46: an endpoint is disabled, changed and deleted by hand', async () => {
    const { id } = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/x', enabled_events: ['*'] })

    await press('/_sandbox/endpoints', `sandbox-endpoint-turn-${id}`)
    expect(await stripe.webhookEndpoints.retrieve(id)).toMatchObject({ status: 'disabled' })
    await press('/_sandbox/endpoints', `sandbox-endpoint-save-${id}`, [['text:parameters.url', 'http://127.0.0.1:1/y']])
    expect(await stripe.webhookEndpoints.retrieve(id)).toMatchObject({ url: 'http://127.0.0.1:1/y' })
    await press('/_sandbox/endpoints', `sandbox-endpoint-delete-${id}`)
    await expect(stripe.webhookEndpoints.retrieve(id)).rejects.toMatchObject({ statusCode: 404 })
  })
})

describe('payments', () => {
  test('a refund in the dashboard has its events and no API call', async () => {
    const intent = await pay(5_000)
    const charge = intent.latest_charge as string

    await press(`/_sandbox/payments/${intent.id}`, `sandbox-refund-${charge}`, [['number:parameters.amount', '1200']])
    const { data: refunds } = await stripe.refunds.list({ charge })
    const { data: events } = await stripe.events.list({ type: 'refund.created' })

    expect(refunds).toMatchObject([{ amount: 1200 }])
    expect(events[0]).toMatchObject({ request: { id: null } })
  })

  test('an amount above what is left is refused in the words of Stripe', async () => {
    const intent = await pay(5_000)

    const { page } = await press(
      `/_sandbox/payments/${intent.id}`,
      `sandbox-refund-${intent.latest_charge as string}`,
      [['number:parameters.amount', '9000']],
    )

    expect(page).toContain('There is a problem')
    expect(page).toContain('greater than')
  })

  test('an authorised payment is captured, another canceled', async () => {
    const [one, other] = [
      await pay(2_000, { capture_method: 'manual' }),
      await pay(3_000, { capture_method: 'manual' }),
    ]

    await press(`/_sandbox/payments/${one.id}`, 'sandbox-capture')
    await press(`/_sandbox/payments/${other.id}`, 'sandbox-cancel')

    expect(await stripe.paymentIntents.retrieve(one.id)).toMatchObject({ status: 'succeeded' })
    expect(await stripe.paymentIntents.retrieve(other.id)).toMatchObject({ status: 'canceled' })
  })
})

describe('disputes', () => {
  test('SBX-27: a payment is disputed by the payer and answered with evidence, both by hand', async () => {
    const intent = await pay(5_000, { payment_method: 'pm_card_bypassPending' })
    const charge = intent.latest_charge as string
    const payment = `/_sandbox/payments/${intent.id}`

    await press(payment, `sandbox-dispute-${charge}`, [['text:kind', 'chargeback']])
    const { data } = await stripe.disputes.list({ charge })
    expect(data).toMatchObject([{ status: 'needs_response', amount: 5000 }])
    await press(payment, `sandbox-dispute-win-${data[0]!.id}`)

    expect(await stripe.disputes.retrieve(data[0]!.id)).toMatchObject({ status: 'under_review' })
  })

  test('a charge that is disputed already is refused in words', async () => {
    const intent = await pay(5_000)
    const twin = `${sandbox.url}/_sandbox/charges/${intent.latest_charge as string}/dispute`
    const ask = (body: object) => fetch(twin, { method: 'POST', body: JSON.stringify(body) })

    expect((await ask({ kind: 'nonsense' })).status).toBe(400)
    expect((await ask({})).status).toBe(201)
    expect(await (await ask({})).json()).toEqual({ error: 'The charge is disputed already.' })
  })
})

describe('presses', () => {
  test('a form sent from another site does nothing', async () => {
    const { status } = await send('/_sandbox/press/reset', [['back', '/_sandbox']], 'cross-site')

    expect(status).toBe(403)
  })

  test.each(['/_sandbox/press/nonsense', '/_sandbox/press/'])('%s leads to the overview', async (path) => {
    expect(await send(path, [])).toMatchObject({ status: 200, path: '/_sandbox' })
  })

  test.each(['https://evil.example/', '//evil.example/_sandbox', '/_sandboxed', 'javascript:alert(1)'])(
    'a press never leads to %s',
    async (back) => {
      const { path } = await send('/_sandbox/press/idempotency/forget', [['back', back]])

      expect(path).toBe('/_sandbox')
    },
  )

  test('a number that is none is refused by the control API, not guessed', async () => {
    const { page } = await press('/_sandbox/balance', 'sandbox-topup', [
      ['number:amountMinor', 'lots'],
      ['text:currency', 'aud'],
    ])

    expect(page).toContain('amountMinor must be a whole number above 0.')
  })

  test('/_sandbox/act refuses what it cannot do, naming the field', async () => {
    const headers = { 'content-type': 'application/json' }
    const call = async (body: object) => {
      const reply = await fetch(`${sandbox.url}/_sandbox/act`, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: reply.status, text: await reply.text() }
    }

    expect(await call({ account: 'acct_x', path: '/v1/refunds' })).toMatchObject({
      status: 400,
      text: expect.stringContaining('account'),
    })
    expect(await call({ account: keys.accountId, path: '/v1/nonsense' })).toMatchObject({
      status: 404,
      text: expect.stringContaining('Unrecognized'),
    })
    expect(await call({ account: keys.accountId, path: '/v1/refunds', parameters: { charge: 'ch_x' } })).toMatchObject({
      status: 404,
      text: expect.stringContaining('resource_missing'),
    })
  })
})
