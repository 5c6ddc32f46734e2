/** The known troubles over the control API: what each does at Stripe, and that Undo brings back what was there. */
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import type { TroubleView } from './troubles.ts'

let bench: Bench
let harbour: Stripe
let platform: Stripe
let account: string
let url: string

beforeAll(async () => {
  bench = await startBench()
  harbour = bench.sdk('Harbour')
  platform = bench.sdk('Rental')
  account = bench.running.accounts()[0]!.id
  url = bench.running.publicUrl
})
afterAll(() => bench.close())

async function call(path: string, body: object = {}): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${url}/_sandbox/troubles${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: reply.status, body: await reply.json() }
}

const provoke = (name: string, variant?: string, of = account) =>
  call(`/${name}`, { account: of, mode: 'test', variant })
const stateOf = (name: string): Record<string, string> => {
  const found = bench.running.troubles.list().find((trouble) => trouble.name === name)
  return Object.fromEntries(found?.provoked?.state ?? [])
}

describe('SBX-91 and SBX-96: an endpoint', () => {
  const make = () =>
    harbour.webhookEndpoints.create({
      url: 'http://127.0.0.1:1/hook',
      enabled_events: ['payment_intent.succeeded', 'refund.created'],
    })
  const secretOf = (id: string) => bench.running.listEndpoints().find((endpoint) => endpoint.id === id)

  test.each([
    ['now', 0],
    ['overlap', 1],
  ])('its secret is rolled (%s), and Undo brings the old one back', async (variant, older) => {
    const { id, secret } = await make()

    expect(await provoke('secret_missing', variant)).toMatchObject({ status: 201 })
    expect(secretOf(id)?.secret).not.toBe(secret)
    expect(secretOf(id)?.olderSecrets).toHaveLength(older)
    expect(await call('/secret_missing/undo')).toMatchObject({ status: 200 })
    expect(secretOf(id)).toMatchObject({ secret, olderSecrets: [] })
    await harbour.webhookEndpoints.del(id)
  })

  test.each([
    ['disabled', { status: 'disabled' }],
    ['wrong_url', { url: 'http://127.0.0.1:1/hook-moved' }],
    ['events_removed', { enabled_events: ['refund.created'] }],
  ])('it is %s, and Undo puts it back', async (variant, becomes) => {
    const { id, secret: _, ...before } = await make()

    await provoke('payments_pending', variant)
    expect(await harbour.webhookEndpoints.retrieve(id)).toMatchObject(becomes)
    await call('/payments_pending/undo')
    expect(await harbour.webhookEndpoints.retrieve(id)).toMatchObject({ ...before, lastResponse: expect.anything() })
    await harbour.webhookEndpoints.del(id)
  })

  test('it is deleted, and Undo brings it back with its secret', async () => {
    const { id, secret } = await make()

    await provoke('payments_pending', 'deleted')
    await expect(harbour.webhookEndpoints.retrieve(id)).rejects.toMatchObject({ statusCode: 404 })
    expect(stateOf('payments_pending')).toMatchObject({ Endpoint: 'deleted' })
    await call('/payments_pending/undo')
    expect(secretOf(id)?.secret).toBe(secret)
    await harbour.webhookEndpoints.del(id)
  })

  test('without an endpoint it is refused, and nothing is noted', async () => {
    expect(await provoke('payments_pending', 'deleted')).toMatchObject({ status: 400 })
    expect(bench.running.troubles.list().every((trouble: TroubleView) => trouble.provoked === null)).toBe(true)
  })
})

describe('SBX-90 and SBX-93: a connected account', () => {
  const connect = async () =>
    (
      await platform.accounts.create({
        type: 'express',
        country: 'AU',
        business_type: 'company',
        capabilities: { card_payments: { requested: true } },
      })
    ).id

  test('SBX-90: onboarding is stuck until the human fills in the form', async () => {
    const connected = await connect()

    await provoke('stuck_in_pending', undefined, connected)
    expect(stateOf('stuck_in_pending')).toMatchObject({ 'Details submitted': 'no', Charges: 'off' })
    await call('/stuck_in_pending/human')
    expect(stateOf('stuck_in_pending')).toMatchObject({ 'Details submitted': 'yes', Charges: 'on', Due: 'nothing' })
    await call('/stuck_in_pending/undo')
  })

  test('SBX-93: directors are asked for, and given by the human', async () => {
    const connected = await connect()

    await provoke('directors_missing', undefined, connected)
    const { requirements } = await platform.accounts.retrieve(connected)
    expect(requirements?.currently_due).toContain('directors_provided')
    await call('/directors_missing/human')
    expect(stateOf('directors_missing')).toMatchObject({ Due: 'nothing', Charges: 'on' })
    await call('/directors_missing/undo')
  })

  test('an account with its own keys is refused', async () => {
    expect(await provoke('directors_missing')).toMatchObject({ status: 400 })
  })
})

describe('SBX-92 and SBX-94: money', () => {
  test('SBX-92: the next payout fails for the reason chosen, and arrives after the bank account was replaced', async () => {
    await provoke('payout_failed', 'account_closed')
    await bench.clock.advance(5 * 86_400_000)
    await bench.running.runDue()
    expect(stateOf('payout_failed')).toMatchObject({ 'Last payout': 'failed, account_closed' })
    expect(stateOf('payout_failed')['Bank account']).toContain('errored')

    await call('/payout_failed/human')
    await bench.clock.advance(5 * 86_400_000)
    await bench.running.runDue()
    expect(stateOf('payout_failed')).toMatchObject({ 'Last payout': 'paid' })
    await call('/payout_failed/undo')
  })

  test('SBX-94: a refund waits for funds, and goes out after the top-up', async () => {
    await provoke('refund_too_large', 'pend')
    const intent = await harbour.paymentIntents.create({
      amount: 10_000,
      currency: 'aud',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    })
    const refund = await harbour.refunds.create({ payment_intent: intent.id })
    expect(refund).toMatchObject({ status: 'pending' })
    expect(stateOf('refund_too_large')['Last refund']).toContain('insufficient_funds')

    await call('/refund_too_large/human')
    await bench.running.runDue()
    expect(await harbour.refunds.retrieve(refund.id)).toMatchObject({ status: 'succeeded' })
    await call('/refund_too_large/undo')
  })
})

describe('SBX-95 and SBX-97: access', () => {
  test('SBX-95: the revoked key is refused, the thin one lacks permissions, and Undo ends both', async () => {
    await provoke('wrong_keys')
    const { kept } = bench.running.troubles.list().find(({ name }) => name === 'wrong_keys')!.provoked!
    const keys = kept as { revoked: string; thin: string }

    await expect(bench.sdkWithKey(keys.revoked).balance.retrieve()).rejects.toMatchObject({ statusCode: 401 })
    await expect(bench.sdkWithKey(keys.thin).customers.list()).rejects.toMatchObject({ statusCode: 403 })
    await call('/wrong_keys/undo')
    await expect(bench.sdkWithKey(keys.thin).balance.retrieve()).rejects.toMatchObject({ statusCode: 401 })
  })

  test.each(['refused', 'gateway'])('SBX-97: the API does not answer as it should (%s) until Undo', async (variant) => {
    await provoke('connection_failed', variant)
    await expect(harbour.balance.retrieve()).rejects.toBeInstanceOf(Error)
    expect(stateOf('connection_failed')['Fault']).toMatch(/^armed/)
    await call('/connection_failed/undo')
    await expect(harbour.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test.each([
    ['/nonsense', { account: 'ACCOUNT' }],
    ['/connection_failed', { account: 'acct_x' }],
    ['/connection_failed', { account: 'ACCOUNT', variant: 'nonsense' }],
  ])('SBX-48: %s %j is refused in words', async (path, body) => {
    const filled = { ...body, account: body.account === 'ACCOUNT' ? account : body.account }

    expect(await call(path, filled)).toMatchObject({ status: 400, body: { error: expect.any(String) } })
  })

  test('SBX-97: a refusal without the word error is one in its status only', async () => {
    await provoke('connection_failed', 'no_error')
    const { secret } = bench.running.accounts()[0]!.keys.test
    const reply = await fetch(`${url}/v1/balance`, { headers: { authorization: `Bearer ${secret}` } })

    expect({ status: reply.status, body: await reply.json() }).toEqual({
      status: 404,
      body: { message: expect.any(String) },
    })
    await call('/connection_failed/undo')
  })

  test('twice is refused, and so is Undo of what was not provoked', async () => {
    await provoke('connection_failed')
    expect(await provoke('connection_failed')).toMatchObject({ status: 400 })
    await call('/connection_failed/undo')
    expect(await call('/connection_failed/undo')).toMatchObject({ status: 409 })
  })
})
