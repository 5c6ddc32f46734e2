import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startBench, startReceiver } from '../test-bench.ts'
import type { Bench, Receiver } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
let receiver: Receiver

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  receiver = await startReceiver()
  stripe = bench.sdk('Rental')
})

afterEach(() => receiver.close())

afterAll(() => bench.close())

type Wish = Stripe.V2.Core.EventDestinationCreateParams

function wishFor(more: Partial<Wish> = {}): Wish {
  return {
    name: 'The product',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['v1.customer.created'],
    webhook_endpoint: { url: receiver.url },
    ...more,
  }
}

function create(more: Partial<Wish> = {}): Promise<Stripe.V2.Core.EventDestination> {
  return stripe.v2.core.eventDestinations.create(wishFor(more))
}

async function tell(account?: string): Promise<Record<string, unknown>[]> {
  await stripe.customers.create({}, account === undefined ? {} : { stripeAccount: account })
  await bench.sandbox.stripe.runDue()
  return receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

describe('SBX-45: event destinations of v2', () => {
  test('show secret and address only to who asks, the secret only at the creation', async () => {
    const plainly = await create()
    const fully = await create({ include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'] })

    const later = await stripe.v2.core.eventDestinations.retrieve(fully.id, { include: ['webhook_endpoint.url'] })
    const secretly = await refusalOf(
      stripe.v2.core.eventDestinations.retrieve(fully.id, { include: ['webhook_endpoint.signing_secret'] }),
    )

    expect(plainly).toMatchObject({
      object: 'v2.core.event_destination',
      created: bench.clock.now().toISOString(),
      updated: bench.clock.now().toISOString(),
      event_payload: 'thin',
      events_from: ['@self'],
      livemode: false,
      status: 'enabled',
      webhook_endpoint: {},
    })
    expect(plainly.id).toMatch(/^ed_test_/)
    expect(fully.webhook_endpoint).toStrictEqual({
      signing_secret: expect.stringMatching(/^whsec_/),
      url: receiver.url,
    })
    expect(later.webhook_endpoint).toStrictEqual({ url: receiver.url })
    expect(secretly.statusCode).toBe(400)
  })

  test('take thin events, signed, which the SDK reads', async () => {
    const { webhook_endpoint: made } = await create({ include: ['webhook_endpoint.signing_secret'] })

    await tell()
    const { body, signature } = receiver.received[0] ?? { body: '', signature: '' }
    const now = bench.clock.now().getTime()
    const notification = stripe.parseEventNotification(body, signature, made?.signing_secret ?? '', 300, undefined, now)

    expect(notification).toMatchObject({
      object: 'v2.core.event',
      type: 'v1.customer.created',
      related_object: { type: 'customer', id: expect.stringMatching(/^cus_/) },
    })
    expect(receiver.received).toHaveLength(1)
    expect(JSON.parse(body)).not.toHaveProperty('data')
  })

  test('take snapshots in their pinned version', async () => {
    await create({
      event_payload: 'snapshot',
      enabled_events: ['customer.created'],
      snapshot_api_version: '2023-08-16',
    })

    expect(await tell()).toMatchObject([{ object: 'event', type: 'customer.created', api_version: '2023-08-16' }])
  })

  test('of accounts hear of connected accounts, with their account as context; of both, of both', async () => {
    const { id } = await stripe.accounts.create({ type: 'express', country: 'AU' })
    const destination = await create({ events_from: ['@accounts'] })

    await tell()
    const connected = await tell(id)
    await stripe.v2.core.eventDestinations.del(destination.id)
    await create({ events_from: ['@self', '@accounts'] })
    const both = await tell()

    expect(connected).toMatchObject([{ context: id }])
    expect(both).toHaveLength(2)
  })

  test('are changed, disabled, enabled and deleted', async () => {
    const { id } = await create({ metadata: { room: '4' } })
    bench.clock.advance(60_000)

    const changed = await stripe.v2.core.eventDestinations.update(id, { name: 'Other', enabled_events: ['*'] })
    const off = await stripe.v2.core.eventDestinations.disable(id)
    const unheard = await tell()
    const on = await stripe.v2.core.eventDestinations.enable(id)
    const heard = await tell()
    const deleted = await stripe.v2.core.eventDestinations.del(id)

    expect(changed).toMatchObject({
      name: 'Other',
      enabled_events: ['*'],
      metadata: { room: '4' },
      updated: bench.clock.now().toISOString(),
    })
    expect(off).toMatchObject({ status: 'disabled', status_details: { disabled: { reason: 'user' } } })
    expect([unheard.length, on.status, heard.length]).toStrictEqual([0, 'enabled', 1])
    expect(on).not.toHaveProperty('status_details')
    expect(deleted).toMatchObject({ id })
    expect((await refusalOf(stripe.v2.core.eventDestinations.retrieve(id))).statusCode).toBe(404)
  })

  test('are listed page by page, and not among the endpoints of v1', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => create()))
    const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })

    const listed: string[] = []
    for await (const { id } of stripe.v2.core.eventDestinations.list({ limit: 2 })) listed.push(id)

    expect(listed.toSorted()).toStrictEqual(made.map(({ id }) => id).toSorted())
    expect((await stripe.webhookEndpoints.list()).data.map(({ id }) => id)).toStrictEqual([endpoint.id])
    expect((await refusalOf(stripe.webhookEndpoints.retrieve(String(listed[0])))).statusCode).toBe(404)
    expect((await refusalOf(stripe.v2.core.eventDestinations.retrieve(endpoint.id))).statusCode).toBe(404)
  })

  test.each<[Partial<Wish>, string]>([
    [{ enabled_events: ['customer.created'] }, 'enabled_events[0]'],
    [{ enabled_events: [] }, 'enabled_events'],
    [{ event_payload: 'snapshot' }, 'enabled_events[0]'],
    [{ snapshot_api_version: '2023-08-16' }, 'snapshot_api_version'],
    [{ type: 'carrier_pigeon' }, 'type'],
    [{ events_from: ['@organization_members'] }, 'events_from[0]'],
    [{ webhook_endpoint: { url: 'ftp://example.com' } }, 'webhook_endpoint[url]'],
    [{ name: '' }, 'name'],
  ])('%j is refused', async (wish, param) => {
    expect(await refusalOf(create(wish))).toMatchObject({ statusCode: 400, param })
  })

  test('are a matter of one account and mode; only a platform hears of accounts; sixteen with those of v1', async () => {
    const { id } = await create()
    const harbour = bench.sdk('Harbour')

    const other = await refusalOf(harbour.v2.core.eventDestinations.retrieve(id))
    const live = await refusalOf(bench.sdk('Rental', 'live').v2.core.eventDestinations.retrieve(id))
    const noPlatform = await refusalOf(
      harbour.v2.core.eventDestinations.create(wishFor({ events_from: ['@accounts'] })),
    )
    for (let count = 0; count < 15; count += 1)
      await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
    const seventeenth = await refusalOf(create())

    expect([other.statusCode, live.statusCode, noPlatform.statusCode]).toStrictEqual([404, 404, 400])
    expect([seventeenth.statusCode, seventeenth.message]).toStrictEqual([400, expect.stringContaining('maximum of 16')])
  })
})
