import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startBench, startReceiver, until } from '../test-bench.ts'
import type { Bench, Receiver } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
let receiver: Receiver
const hour = 3_600_000
const day = 24 * hour

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  receiver = await startReceiver()
  stripe = bench.sdk('Harbour')
})

afterEach(() => receiver.close())

afterAll(() => bench.close())

async function subscribe(
  events: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = ['*'],
  more: Partial<Stripe.WebhookEndpointCreateParams> = {},
): Promise<Stripe.WebhookEndpoint> {
  return stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: events,
    api_version: '2026-10-28.endive',
    ...more,
  })
}

function pay(): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create(
    { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://example.com' },
    { idempotencyKey: `k${Math.round(performance.now() * 1000)}` },
  )
}

function typesReceived(): string[] {
  return receiver.received.map(({ body }) => (JSON.parse(body) as Stripe.Event).type).toSorted()
}

describe('endpoints', () => {
  test('SBX-33: the secret is shown at creation only; sixteen per account and mode', async () => {
    const created = await subscribe(['charge.refunded'], { description: 'The product', metadata: { a: '1' } })
    const others = await Promise.all(Array.from({ length: 15 }, () => subscribe()))

    const seventeenth = await refusalOf(subscribe())
    const live = await bench
      .sdk('Harbour', 'live')
      .webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })

    expect(created.secret).toMatch(/^whsec_[A-Za-z0-9]{32}$/)
    expect(await stripe.webhookEndpoints.retrieve(created.id)).not.toHaveProperty('secret')
    expect((await stripe.webhookEndpoints.list({ limit: 100 })).data.some((one) => 'secret' in one)).toBe(false)
    expect(others).toHaveLength(15)
    expect(seventeenth).toMatchObject({ statusCode: 400 })
    expect(live.livemode).toBe(true)
  })

  test('SBX-33: unknown events, unknown versions, plain http in live, and connect without a platform are refused', async () => {
    const live = bench.sdk('Harbour', 'live')
    const refusals = await Promise.all([
      refusalOf(subscribe(['charge.exploded' as never])),
      refusalOf(subscribe(['*'], { api_version: '1999-01-01' as never })),
      refusalOf(subscribe([])),
      refusalOf(live.webhookEndpoints.create({ url: 'http://example.com/hook', enabled_events: ['*'] })),
      refusalOf(subscribe(['*'], { connect: true })),
    ])

    expect(refusals.map(({ param }) => param)).toStrictEqual([
      'enabled_events[0]',
      'api_version',
      'enabled_events',
      'url',
      'connect',
    ])
    expect(refusals[4]?.message).toContain('signed up for Connect')
  })

  test('SBX-33: an endpoint is changed, disabled and deleted', async () => {
    const { id } = await subscribe(['charge.refunded'])

    const changed = await stripe.webhookEndpoints.update(id, {
      enabled_events: ['payment_intent.succeeded'],
      disabled: true,
    })
    await pay()
    const on = await stripe.webhookEndpoints.update(id, { disabled: false })
    await pay()
    await until(() => receiver.received.length === 1)
    const deleted = await stripe.webhookEndpoints.del(id)

    expect(changed).toMatchObject({ status: 'disabled', enabled_events: ['payment_intent.succeeded'] })
    expect(on.status).toBe('enabled')
    expect(typesReceived()).toStrictEqual(['payment_intent.succeeded'])
    expect(deleted).toMatchObject({ id, deleted: true })
    expect(await refusalOf(stripe.webhookEndpoints.retrieve(id))).toMatchObject({ statusCode: 404 })
  })
})

describe('events', () => {
  test('SBX-31: an update carries what changed', async () => {
    const { id } = await stripe.customers.create({ name: 'Kim', metadata: { room: '4' } })
    await stripe.customers.update(id, { name: 'Lee', metadata: { floor: '2' } })

    const [event] = (await stripe.events.list({ type: 'customer.updated' })).data

    expect(event?.data).toMatchObject({
      object: { name: 'Lee' },
      previous_attributes: { name: 'Kim', metadata: { floor: null } },
    })
    expect(event).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      api_version: '2026-08-26.dahlia',
      pending_webhooks: 0,
    })
  })

  test('SBX-32: filters by type, time and delivery; older than thirty days is gone', async () => {
    await subscribe(['customer.created'])
    receiver.answerWith(500)
    await stripe.customers.create({})
    await bench.sandbox.stripe.runDue()
    await pay()
    const all = await stripe.events.list({ limit: 100 })
    const created = await stripe.events.list({ types: ['customer.created', 'charge.succeeded'] })
    const failing = await stripe.events.list({ delivery_success: false })
    const fine = await stripe.events.list({ delivery_success: true })
    const future = await stripe.events.list({ created: { gt: bench.clock.now().getTime() / 1000 } })
    bench.clock.advance(30 * day + 1000)
    const gone = await refusalOf(stripe.events.retrieve(String(all.data[0]?.id)))

    expect(all.data.map((event) => event.type)).toStrictEqual([
      'payment_intent.succeeded',
      'charge.succeeded',
      'payment_intent.created',
      'customer.created',
    ])
    expect(created.data.map((event) => event.type)).toStrictEqual(['charge.succeeded', 'customer.created'])
    expect(failing.data.map((event) => [event.type, event.pending_webhooks])).toStrictEqual([['customer.created', 1]])
    expect([fine.data.length, future.data.length]).toStrictEqual([3, 0])
    expect(gone).toMatchObject({ statusCode: 404 })
    const left = (await stripe.events.list({ limit: 100 })).data.map((event) => event.type)
    expect(left).toContain('balance.available')
    expect(left).not.toContain('customer.created')
    expect(
      await refusalOf(stripe.events.list({ types: Array.from({ length: 21 }, () => 'charge.failed') })),
    ).toMatchObject({ param: 'types' })
  })

  test('SBX-32: what is older than thirty days is forgotten, unless it is still to be delivered', async () => {
    const { world } = bench.running
    const space = world.space(bench.keys('Harbour').accountId, 'test')
    await bench.control('POST', '/faults', { where: 'webhook', effect: { kind: 'delay', ms: 40 * day }, times: 1 })
    await subscribe(['customer.created'])
    await stripe.customers.create({})
    await bench.sandbox.stripe.runDue()
    await pay()
    bench.clock.advance(29 * day)
    await stripe.customers.update((await stripe.customers.list()).data[0]?.id ?? '', { name: 'Kim' })
    bench.clock.advance(2 * day)

    bench.running.forgetOld()
    const kept = [...space.oldestFirst('event')].map((row) => row.object.type)
    bench.clock.advance(10 * day)
    await bench.sandbox.stripe.runDue()

    expect(kept).toStrictEqual(expect.arrayContaining(['customer.created', 'customer.updated']))
    expect(kept).not.toContain('payment_intent.succeeded')
    expect(typesReceived()).toStrictEqual(['customer.created'])
  })
})
