import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#platform'
import { faultOf, newIntent, newKey } from '#test/intents'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'

let ground: StripeSandboxGround

beforeAll(async () => {
  ground = await openStripeSandbox()
})
afterAll(() => ground.close())

describe('payment intents', () => {
  test('STR-75 are created unconfirmed with our metadata, and confirmed in a second call that brings charge, fee and receipt', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
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
      idempotencyKey: newKey('confirm'),
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
    const created = await newIntent(ground, 'pm_card_chargeDeclinedInsufficientFunds')

    const declined = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })

    expect(declined).toMatchObject({
      id: created.id,
      status: 'requires_payment_method',
      lastError: { code: 'card_declined', declineCode: 'insufficient_funds' },
    })
    expect(declined.requestId).toMatch(/^req_/)
  })

  test('STR-80 a challenge on session tells where the renter must go, and never the client secret', async () => {
    const created = await newIntent(ground, 'pm_card_authenticationRequired')

    const waiting = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: false,
      returnUrl: 'https://desks.example/back',
      idempotencyKey: newKey('confirm'),
    })

    expect(waiting.status).toBe('requires_action')
    expect(waiting.nextActionUrl).toMatch(/^http/)
    expect(
      JSON.stringify(waiting, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('_secret_')
  })

  test('STR-77 a lost answer is found again by the customer and our metadata, over all pages', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
    const customer = created.customer ?? 'cus_none'

    const listed = await ground.gateway.listPaymentIntents(ground.scopeOf(), {
      customer,
      createdSince: new Date(created.createdAt.getTime() - 60_000),
    })

    expect(listed.map(({ id }) => id)).toEqual([created.id])
  })

  test('an unknown id is undefined, and cancelling a paid one is refused as invalid', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })

    expect(await ground.gateway.findPaymentIntent(ground.scopeOf(), 'pi_nobodyknowsthisone')).toBeUndefined()
    const fault = await faultOf(
      ground.gateway.cancelPaymentIntent(ground.scopeOf(), created.id, { idempotencyKey: newKey('cancel') }),
    )
    expect(fault).toMatchObject({ kind: 'invalid', isOutcomeUnknown: false })
  })

  test('STR-1 an object of another account does not exist for this one', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
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
    const created = await newIntent(ground, 'pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })
    const wanted = {
      paymentIntent: created.id,
      amountMinor: 5_000n,
      metadata: { rentroll_refund: 'r1' },
      idempotencyKey: newKey('refund'),
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
    const created = await newIntent(ground, 'pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })
    const wanted = { paymentIntent: created.id, amountMinor: 100n, metadata: {}, idempotencyKey: newKey('refund') }
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
    const customer = await gateway.createCustomer(scope, {
      name: 'Ben Ode',
      metadata: {},
      idempotencyKey: newKey('cus'),
    })

    const session = await gateway.createSetupSession(scope, {
      customer: customer.id,
      currency: 'AUD',
      successUrl: 'https://desks.example/done?s={CHECKOUT_SESSION_ID}',
      cancelUrl: 'https://desks.example/back',
      clientReferenceId: 'setup-1',
      expiresAt: new Date(systemClock.now().getTime() + 3_600_000),
      metadata: { rentroll_setup: 's1' },
      idempotencyKey: newKey('cs'),
    })

    expect(session).toMatchObject({ status: 'open', mode: 'setup' })
    expect(session.url).toMatch(/^http/)
    expect(session.paymentIntentId).toBeUndefined()
    expect(await gateway.findCheckoutSession(scope, session.id)).toMatchObject({ id: session.id })
    expect(await gateway.expireCheckoutSession(scope, session.id, { idempotencyKey: newKey('expire') })).toMatchObject({
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
      idempotencyKey: newKey('we'),
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
      idempotencyKey: newKey('we'),
    })
    expect(changed).toMatchObject({ isEnabled: false, enabledEvents: ['refund.created'] })
    await gateway.deleteEndpoint(scope, created.id, { idempotencyKey: newKey('we') })
    await gateway.deleteEndpoint(scope, created.id, { idempotencyKey: newKey('we') })
    expect((await gateway.listEndpoints(scope)).filter((endpoint) => endpoint.url === url)).toEqual([])
  })

  test('events are listed by type since an instant and found by id', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })

    const listed = await ground.gateway.listEvents(ground.scopeOf(), {
      types: ['payment_intent.succeeded'],
      createdFrom: created.createdAt,
      createdUntil: new Date(created.createdAt.getTime() + 60_000),
    })

    const mine = listed.rows.find(({ objectId }) => objectId === created.id)
    expect(mine).toMatchObject({ type: 'payment_intent.succeeded', isLive: false })
    expect(mine && (await ground.gateway.findEvent(ground.scopeOf(), mine.id))?.objectId).toBe(created.id)
  })
})

describe('the budget of a connection', () => {
  test('STR-5: a backlog that begins after a pause is not refused in its first second', async () => {
    const keys = ground.keysOf({ mode: 'live' })
    const scope = { ...ground.scopeOf(keys), connectionId: 'connection-with-a-backlog' }
    await ground.control('/settings', { account: keys.accountId, rateLimits: true })
    const before = ground.logLines.length

    await Promise.all(Array.from({ length: 130 }, () => ground.gateway.listEndpoints(scope)))

    await ground.control('/settings', { account: keys.accountId, rateLimits: false })
    expect(ground.logLines.slice(before).filter((line) => line.includes('"outcome":"rate"'))).toEqual([])
  })
})
