/** Faults between Stripe and an endpoint, and faults of the events themselves (SBX-47). */
import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver } from '../test-bench.ts'
import type { Bench, Receiver } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
let receiver: Receiver
const minute = 60_000
const hour = 60 * minute
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

const arm = (effect: object | string, more: object = {}): ReturnType<Bench['control']> =>
  bench.control('POST', '/faults', { where: 'webhook', effect, times: 1, ...more })

async function subscribe(events: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = ['customer.created']) {
  return stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: events,
    api_version: '2026-10-28.endive',
  })
}

async function deliver(names: readonly string[] = ['Kim']): Promise<void> {
  for (const name of names) await stripe.customers.create({ name })
  await bench.sandbox.stripe.runDue()
}

async function pass(ms: number): Promise<void> {
  bench.clock.advance(ms)
  await bench.sandbox.stripe.runDue()
}

const eventAt = (place: number): Stripe.Event => JSON.parse(receiver.received[place]?.body ?? '') as Stripe.Event

/** As the SDK of a product would, on the sandbox's clock. */
function verify(place: number, secret: string): Stripe.Event {
  const { body, signature } = receiver.received[place] ?? { body: '', signature: '' }
  return stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, bench.clock.now().getTime())
}

const namesReceived = (): unknown[] =>
  receiver.received.map(({ body }) => {
    const { data } = JSON.parse(body) as { data: { object: { name: string } } }
    return data.object.name
  })

describe('when a delivery arrives', () => {
  test('delay may be 40 days; the same fault does not keep it back again', async () => {
    await arm({ kind: 'delay', ms: 40 * day }, { times: null })
    const { secret = '' } = await subscribe()
    await deliver()
    await pass(40 * day - 1000)
    const early = receiver.received.length
    await pass(1000)

    expect([early, receiver.received.length]).toStrictEqual([0, 1])
    expect(verify(0, secret).type).toBe('customer.created')
  })

  test('reorder keeps deliveries for its window and lets the last go first', async () => {
    bench.running.deliveryOrder = 'as_created'
    await arm({ kind: 'reorder', ms: minute }, { times: null })
    await subscribe()
    await deliver(['first', 'second', 'third'])
    const early = receiver.received.length
    await pass(minute - 3)
    const counts: number[] = []
    for (let step = 0; step < 3; step += 1) {
      await pass(1)
      counts.push(receiver.received.length)
    }

    expect([early, counts]).toStrictEqual([0, [1, 2, 3]])
    expect(namesReceived()).toStrictEqual(['third', 'second', 'first'])
  })

  test('outage loses every try for its hours, then tries go on', async () => {
    await arm({ kind: 'outage', hours: 2 }, { times: undefined })
    await subscribe()
    await deliver()
    await pass(hour)
    const during = receiver.received.length
    await pass(2 * hour)

    const [delivery] = bench.sandbox.stripe.listDeliveries()
    expect([during, receiver.received.length]).toStrictEqual([0, 1])
    expect(delivery?.tries.map(({ status }) => status)).toStrictEqual([null, null, 200])
    expect(delivery?.tries[0]?.answer).toContain('ECONNREFUSED')
  })

  test('flood sends so many a second, all of one event', async () => {
    await arm({ kind: 'flood', per_second: 25, seconds: 1 })
    await subscribe()
    await deliver()

    expect(receiver.received).toHaveLength(26)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    expect(bench.sandbox.stripe.listDeliveries()[0]?.state).toBe('delivered')
  })

  test('drop loses a try of this type only', async () => {
    await arm('drop', { match: { event_type: 'customer.*' }, times: null })
    await subscribe(['customer.created', 'setup_intent.created'])
    await stripe.setupIntents.create({})
    await deliver()

    expect(receiver.received.map((_, place) => eventAt(place).type)).toStrictEqual(['setup_intent.created'])
  })
})

describe('how a delivery is signed', () => {
  test.each(['bad_signature', 'wrong_secret', 'old_secret', 'stale'])(
    '%s is refused by the SDK, and the next try passes',
    async (kind) => {
      await arm(kind)
      const { secret = '' } = await subscribe()
      receiver.answerWith(400)
      await deliver()
      receiver.answerWith(200)
      await pass(hour)

      expect(() => verify(0, secret)).toThrow(Stripe.errors.StripeSignatureVerificationError)
      expect(verify(1, secret).type).toBe('customer.created')
    },
  )

  test('future signs with a time to come, which the SDK does not mind and a receiver should', async () => {
    await arm({ kind: 'future', seconds: 3600 })
    const { secret = '' } = await subscribe()
    await deliver()

    const seconds = Number(/t=(\d+)/.exec(receiver.received[0]?.signature ?? '')?.[1])
    expect(seconds * 1000 - bench.clock.now().getTime()).toBe(hour)
    expect(verify(0, secret).type).toBe('customer.created')
  })

  test('old_secret signs with the secret from before the roll', async () => {
    const { id, secret: before = '' } = await subscribe()
    await bench.control('POST', `/endpoints/${id}/roll`, { expiresInHours: 24 })
    await arm('old_secret')
    await deliver()

    expect(receiver.received[0]?.signature.match(/v1=/g)).toHaveLength(1)
    expect(verify(0, before).type).toBe('customer.created')
  })
})

describe('what a delivery says', () => {
  test('unknown_account names an account nobody connected', async () => {
    await arm('unknown_account')
    const { secret = '' } = await subscribe()
    await deliver()

    expect(verify(0, secret).account).toBe('acct_1SandboxUnknown00')
  })

  test('wrong_livemode says live in test mode', async () => {
    await arm('wrong_livemode')
    const { secret = '' } = await subscribe()
    await deliver()

    expect(verify(0, secret).livemode).toBe(true)
    expect((await stripe.events.list({ limit: 1 })).data[0]?.livemode).toBe(false)
  })

  test('old_shape sends the object as an old version showed it', async () => {
    await arm('old_shape')
    const { secret = '' } = await subscribe(['payment_intent.created'])
    await stripe.paymentIntents.create({ amount: 900, currency: 'aud' })
    await bench.sandbox.stripe.runDue()

    expect(verify(0, secret)).toMatchObject({ api_version: '2023-08-16', data: { object: { invoice: null } } })
  })

  test('thin sends an id and a pointer to a snapshot address', async () => {
    await arm('thin')
    const { secret = '' } = await subscribe()
    await deliver()

    const { body, signature } = receiver.received[0] ?? { body: '', signature: '' }
    const [event] = (await stripe.events.list({ limit: 1 })).data
    const customer = event?.data.object as Stripe.Customer
    const now = bench.clock.now().getTime()
    expect(stripe.parseEventNotification(body, signature, secret, 300, undefined, now)).toMatchObject({
      id: event?.id,
      object: 'v2.core.event',
      type: 'v1.customer.created',
      related_object: { id: customer.id, type: 'customer', url: `/v1/customers/${customer.id}` },
    })
    expect(JSON.parse(body)).not.toHaveProperty('data')
  })
})

describe('events themselves', () => {
  test('two_events makes two ids about one change', async () => {
    await arm('two_events', { match: { event_type: 'customer.created' } })
    await subscribe()
    await deliver()

    const [one, other] = [eventAt(0), eventAt(1)]
    expect(receiver.received).toHaveLength(2)
    expect(one.id).not.toBe(other.id)
    expect(one.data).toStrictEqual(other.data)
  })

  test('no_event is never made: not delivered, not in the list, and the change is there', async () => {
    await arm('no_event', { match: { event_type: 'customer.created', account: bench.keys('Harbour').accountId } })
    await subscribe()
    await deliver(['Kim', 'Lee'])

    expect(namesReceived()).toStrictEqual(['Lee'])
    expect((await stripe.events.list({})).data).toHaveLength(1)
    expect((await stripe.customers.list({})).data).toHaveLength(2)
  })

  test('the hit names the event or the delivery', async () => {
    await arm('no_event')
    await arm('drop')
    await subscribe()
    await deliver(['Kim', 'Lee'])

    const { body } = await bench.control('GET', '/faults/hits')
    const [delivery] = bench.sandbox.stripe.listDeliveries()
    expect(body.slice(0, 2)).toMatchObject([
      { effect: 'drop', subject: { name: delivery?.id, eventType: 'customer.created' } },
      { effect: 'no_event', subject: { name: 'customer.created' } },
    ])
  })
})
