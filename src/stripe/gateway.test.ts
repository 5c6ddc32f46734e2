import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogs, systemClock, Secret } from '#platform'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { createStripe, type PaymentIntentSeen } from './index.ts'
import { StripeFault } from './fault.ts'

let ground: StripeSandboxGround
let count = 0
const key = (what: string) => `${what}:${(count += 1)}:${process.pid}`

beforeAll(async () => {
  ground = await openStripeSandbox()
})
afterAll(() => ground.close())

async function faultOf(work: Promise<unknown>): Promise<StripeFault> {
  const result = await work.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (result instanceof StripeFault) return result
  throw new Error(`expected a StripeFault, got ${String(result)}`)
}

async function newIntent(paymentMethod: string, amountMinor = 12_300n): Promise<PaymentIntentSeen> {
  const { gateway } = ground
  const scope = ground.scopeOf()
  const customer = await gateway.createCustomer(scope, {
    name: 'Ana Silva',
    metadata: { rentroll_renter: 'r1' },
    idempotencyKey: key('cus'),
  })
  return gateway.createPaymentIntent(scope, {
    amountMinor,
    currency: 'AUD',
    customer: customer.id,
    paymentMethod: paymentMethod as `pm_${string}`,
    methodType: 'card',
    description: 'Invoice 1',
    metadata: { rentroll_payment: 'p1', rentroll_invoice: 'i1' },
    idempotencyKey: key('pi'),
  })
}

describe('payment intents', () => {
  test('STR-75 are created unconfirmed with our metadata, and confirmed in a second call that brings charge, fee and receipt', async () => {
    const created = await newIntent('pm_card_visa')
    expect(created.status).toBe('requires_confirmation')
    expect(created.charge).toBeUndefined()
    expect(created.metadata).toEqual({
      rentroll_installation: 'test-installation',
      rentroll_operator: ground.scopeOf().operatorId,
      rentroll_payment: 'p1',
      rentroll_invoice: 'i1',
    })

    const confirmed = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })

    expect(confirmed).toMatchObject({
      status: 'succeeded',
      amountMinor: 12_300n,
      amountReceivedMinor: 12_300n,
      currency: 'AUD',
      isLive: false,
    })
    const { charge } = (await ground.gateway.findPaymentIntent(ground.scopeOf(), created.id)) ?? {}
    expect(charge).toMatchObject({ methodLabel: 'Visa ••4242', amountRefundedMinor: 0n })
    expect(charge?.balanceTransaction).toMatchObject({ amountMinor: 12_300n, currency: 'AUD', type: 'charge' })
    const booked = charge?.balanceTransaction
    expect(booked && booked.amountMinor - booked.feeMinor).toBe(booked?.netMinor)
    expect(booked?.feeDetails.reduce((sum, fee) => sum + fee.amountMinor, 0n)).toBe(booked?.feeMinor)
  })

  test('STR-7 a decline is an answer and no exception, with code and advice', async () => {
    const created = await newIntent('pm_card_chargeDeclinedInsufficientFunds')

    const declined = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })

    expect(declined).toMatchObject({
      id: created.id,
      status: 'requires_payment_method',
      lastError: { code: 'card_declined', declineCode: 'insufficient_funds' },
    })
    expect(declined.requestId).toMatch(/^req_/)
  })

  test('STR-80 a challenge on session tells where the renter must go, and never the client secret', async () => {
    const created = await newIntent('pm_card_authenticationRequired')

    const waiting = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: false,
      returnUrl: 'https://desks.example/back',
      idempotencyKey: key('confirm'),
    })

    expect(waiting.status).toBe('requires_action')
    expect(waiting.nextActionUrl).toMatch(/^http/)
    expect(
      JSON.stringify(waiting, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('_secret_')
  })

  test('STR-77 a lost answer is found again by the customer and our metadata, over all pages', async () => {
    const created = await newIntent('pm_card_visa')
    const customer = created.customer ?? 'cus_none'

    const listed = await ground.gateway.listPaymentIntents(ground.scopeOf(), {
      customer,
      createdSince: new Date(created.createdAt.getTime() - 60_000),
    })

    expect(listed.map(({ id }) => id)).toEqual([created.id])
  })

  test('an unknown id is undefined, and cancelling a paid one is refused as invalid', async () => {
    const created = await newIntent('pm_card_visa')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })

    expect(await ground.gateway.findPaymentIntent(ground.scopeOf(), 'pi_nobodyknowsthisone')).toBeUndefined()
    const fault = await faultOf(
      ground.gateway.cancelPaymentIntent(ground.scopeOf(), created.id, { idempotencyKey: key('cancel') }),
    )
    expect(fault).toMatchObject({ kind: 'invalid', isOutcomeUnknown: false })
  })

  test('STR-1 an object of another account does not exist for this one', async () => {
    const created = await newIntent('pm_card_visa')
    const other = ground.sandbox.keys.find(
      ({ mode, accountId }) => mode === 'test' && accountId !== ground.keysOf().accountId,
    )
    expect(other?.accountId).toMatch(/^acct_/)

    expect(await ground.gateway.findPaymentIntent(ground.scopeOf(), created.id)).toMatchObject({ id: created.id })
    expect(await ground.gateway.findPaymentIntent(ground.scopeOf(other), created.id)).toBeUndefined()
  })
})

describe('refunds', () => {
  test('STR-4 the same key twice is one refund, listed with its booking', async () => {
    const created = await newIntent('pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })
    const wanted = {
      paymentIntent: created.id,
      amountMinor: 5_000n,
      metadata: { rentroll_refund: 'r1' },
      idempotencyKey: key('refund'),
    }

    const first = await ground.gateway.createRefund(ground.scopeOf(), wanted)
    const again = await ground.gateway.createRefund(ground.scopeOf(), wanted)

    expect(again.id).toBe(first.id)
    expect(first).toMatchObject({
      amountMinor: 5_000n,
      currency: 'AUD',
      paymentIntent: created.id,
      metadata: { rentroll_refund: 'r1' },
    })
    const listed = await ground.gateway.listRefunds(ground.scopeOf(), { paymentIntent: created.id })
    expect(listed.map(({ id }) => id)).toEqual([first.id])
    expect(listed[0]?.balanceTransaction).toMatchObject({ amountMinor: -5_000n, type: 'refund' })
    expect(await ground.gateway.findRefund(ground.scopeOf(), first.id)).toMatchObject({ id: first.id })
  })

  test('STR-79 the same key with other parameters is an idempotency mismatch', async () => {
    const created = await newIntent('pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })
    const wanted = { paymentIntent: created.id, amountMinor: 100n, metadata: {}, idempotencyKey: key('refund') }
    await ground.gateway.createRefund(ground.scopeOf(), wanted)

    expect((await faultOf(ground.gateway.createRefund(ground.scopeOf(), { ...wanted, amountMinor: 101n }))).kind).toBe(
      'idempotency_mismatch',
    )
  })
})

describe('saving a method', () => {
  test('STR-99 a session in setup mode has an address, an intent and no payment', async () => {
    const { gateway } = ground
    const scope = ground.scopeOf()
    const customer = await gateway.createCustomer(scope, { name: 'Ben Ode', metadata: {}, idempotencyKey: key('cus') })

    const session = await gateway.createSetupSession(scope, {
      customer: customer.id,
      currency: 'AUD',
      successUrl: 'https://desks.example/done?s={CHECKOUT_SESSION_ID}',
      cancelUrl: 'https://desks.example/back',
      clientReferenceId: 'setup-1',
      expiresAt: new Date(systemClock.now().getTime() + 3_600_000),
      metadata: { rentroll_setup: 's1' },
      idempotencyKey: key('cs'),
    })

    expect(session).toMatchObject({ status: 'open', mode: 'setup' })
    expect(session.url).toMatch(/^http/)
    expect(session.paymentIntentId).toBeUndefined()
    expect(await gateway.findCheckoutSession(scope, session.id)).toMatchObject({ id: session.id })
    expect(await gateway.expireCheckoutSession(scope, session.id, { idempotencyKey: key('expire') })).toMatchObject({
      status: 'expired',
    })
  })
})

describe('endpoints and events', () => {
  test('STR-42 an endpoint comes with its secret once; it is listed, changed and deleted', async () => {
    const { gateway } = ground
    const scope = ground.scopeOf()
    const url = 'http://127.0.0.1:1/api/stripe/webhook/abc'

    const created = await gateway.createEndpoint(scope, {
      url,
      events: ['payment_intent.succeeded'],
      idempotencyKey: key('we'),
    })
    expect(created.secret.reveal()).toMatch(/^whsec_/)
    expect(String(created.secret)).toBe('••••')
    expect((await gateway.listEndpoints(scope)).filter((endpoint) => endpoint.url === url)).toMatchObject([
      {
        id: created.id,
        isEnabled: true,
        isLive: false,
        apiVersion: '2026-10-28.endive',
        metadata: { rentroll_installation: 'test-installation' },
      },
    ])

    const changed = await gateway.updateEndpoint(scope, created.id, {
      events: ['refund.created'],
      isEnabled: false,
      idempotencyKey: key('we'),
    })
    expect(changed).toMatchObject({ isEnabled: false, enabledEvents: ['refund.created'] })
    await gateway.deleteEndpoint(scope, created.id, { idempotencyKey: key('we') })
    await gateway.deleteEndpoint(scope, created.id, { idempotencyKey: key('we') })
    expect((await gateway.listEndpoints(scope)).filter((endpoint) => endpoint.url === url)).toEqual([])
  })

  test('events are listed by type since an instant and found by id', async () => {
    const created = await newIntent('pm_card_visa')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })

    const listed = await ground.gateway.listEvents(ground.scopeOf(), {
      types: ['payment_intent.succeeded'],
      createdSince: created.createdAt,
    })

    const mine = listed.find(({ objectId }) => objectId === created.id)
    expect(mine).toMatchObject({ type: 'payment_intent.succeeded', isLive: false })
    expect(mine && (await ground.gateway.findEvent(ground.scopeOf(), mine.id))?.objectId).toBe(created.id)
  })
})

describe('STR-7 the outcome of a write', () => {
  const unknownByEffect = [
    ['drop_before', 'network'],
    ['drop_after', 'network'],
    [{ kind: 'status_before', status: 503 }, 'server'],
    [{ kind: 'status_after', status: 500 }, 'server'],
    ['empty_200', 'unexpected_response'],
  ] as const

  test.each(unknownByEffect)('is unknown after %j', async (effect, kind) => {
    const created = await newIntent('pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })
    await ground.armFault({ method: 'POST', path: '^/v1/refunds' }, effect, 5)

    const fault = await faultOf(
      ground.gateway.createRefund(ground.scopeOf(), {
        paymentIntent: created.id,
        amountMinor: 100n,
        metadata: {},
        idempotencyKey: key('refund'),
      }),
    )

    await fetch(`${ground.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    expect(fault).toMatchObject({ kind, isOutcomeUnknown: true, operation: 'refunds.create' })
  })

  test('is known after 401, 403 and 404, and a read never leaves one unknown', async () => {
    const created = await newIntent('pm_card_visa')
    for (const [status, kind] of [
      [401, 'auth'],
      [403, 'permission'],
      [404, 'missing'],
    ] as const) {
      await ground.armFault({ method: 'POST', path: '/confirm$' }, { kind: 'status_before', status }, 1)
      const fault = await faultOf(
        ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
          offSession: true,
          idempotencyKey: key('confirm'),
        }),
      )
      expect(fault).toMatchObject({ kind, isOutcomeUnknown: false, httpStatus: status })
    }
    await ground.armFault({ method: 'GET', path: '^/v1/payment_intents/' }, 'empty_200', 9)
    const fault = await faultOf(ground.gateway.findPaymentIntent(ground.scopeOf(), created.id))
    await fetch(`${ground.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    expect(fault).toMatchObject({ kind: 'unexpected_response', isOutcomeUnknown: false })
  })

  test('STR-5 429 is repeated until it passes, with the same key', async () => {
    const created = await newIntent('pm_card_visa')
    await ground.armFault({ method: 'POST', path: '/confirm$' }, { kind: 'status_before', status: 429 }, 2)

    const confirmed = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: key('confirm'),
    })

    expect(confirmed.status).toBe('succeeded')
  })
})

describe('answers that are not Stripe’s', () => {
  let proxy: Server
  let answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } = {
    status: 200,
    body: '',
  }
  const ask = () => {
    const apiBase = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const gateway = createStripe({ apiBase, logs: createLogs('silent'), clock: systemClock, installation: 'test' })
    return gateway.readBalance({ ...ground.scopeOf(), handling: { timeoutMs: 2_000, retries: 0 } })
  }

  beforeAll(async () => {
    proxy = createServer((_, response) => void response.writeHead(answer.status, answer.headers).end(answer.body))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => new Promise((resolve) => proxy.close(resolve)))

  const strange = [
    [200, '<html>Sign in to the hotel network</html>', 'unexpected_response'],
    [200, 'null', 'unexpected_response'],
    [200, '7', 'unexpected_response'],
    [200, '[]', 'unexpected_response'],
    [200, '{"object":"account","id":"acct_1"}', 'unexpected_response'],
    [200, '{"object":"balance","livemode":true,"available":[],"pending":[]}', 'unexpected_response'],
    [
      200,
      '{"object":"balance","livemode":false,"available":[{"amount":1.5,"currency":"aud"}],"pending":[]}',
      'unexpected_response',
    ],
    [200, '{"error":{"type":"api_error","message":"no"}}', 'unexpected_response'],
    [204, '', 'unexpected_response'],
    [502, '<html>Bad gateway</html>', 'server'],
    [401, 'no', 'auth'],
  ] as const

  test.each(strange)('STR-6 %i %s is %s', async (status, body, kind) => {
    answer = { status, body }
    expect((await faultOf(ask())).kind).toBe(kind)
  })

  test('STR-6 a redirect is not followed with the key', async () => {
    answer = { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }
    expect((await faultOf(ask())).kind).toBe('unexpected_response')
  })

  test('STR-7 nobody listening is `network`, refused', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const gateway = createStripe({
      apiBase: `http://127.0.0.1:${port}`,
      logs: createLogs('silent'),
      clock: systemClock,
      installation: 'test',
    })
    const fault = await faultOf(
      gateway.readBalance({ ...ground.scopeOf(), handling: { timeoutMs: 2_000, retries: 0 } }),
    )
    expect(fault).toMatchObject({ kind: 'network', code: 'refused' })
  })
})

test('STR-11 each call leaves one line without a secret, and STR-9 a fault carries none either', async () => {
  const before = ground.logLines.length
  const secret = 'sk_test_sandboxNobodyIssuedThisKey00'

  const fault = await faultOf(ground.gateway.readAccount({ ...ground.scopeOf(), credential: new Secret(secret) }))

  const lines = ground.logLines.slice(before)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    stripe: 'accounts.retrieve_current',
    outcome: 'auth',
    mode: 'test',
  })
  expect(lines.join('')).not.toContain(secret)
  expect(JSON.stringify(fault) + fault.stack).not.toContain(secret)
})
