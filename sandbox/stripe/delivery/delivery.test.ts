import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver, until } from '../test-bench.ts'
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

/** As the SDK of a product would, on the sandbox's clock. */
function verify(place: number, secret: string): Stripe.Event {
  const { body, signature } = receiver.received[place] ?? { body: '', signature: '' }
  return stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, bench.clock.now().getTime())
}

describe('deliveries', () => {
  test('SBX-35, SBX-53: the SDK accepts the signature with the whole secret only', async () => {
    const { secret = '' } = await subscribe()
    const intent = await pay()
    await until(() => receiver.received.length === 3)

    const place = receiver.received.findIndex(({ body }) => body.includes('"type": "payment_intent.succeeded"'))
    const event = verify(place, secret)
    expect(event).toMatchObject({
      object: 'event',
      livemode: false,
      api_version: '2026-10-28.endive',
      data: { object: { id: intent.id, status: 'succeeded' } },
    })
    expect(event.request?.id).toMatch(/^req_/)
    expect(event.request?.idempotency_key).toMatch(/^k/)
    expect(receiver.received[place]?.body).toMatch(/^\{\n  "id"/)
    expect(() => verify(place, secret.replace('whsec_', ''))).toThrow(Stripe.errors.StripeSignatureVerificationError)
    expect(() => verify(place, 'whsec_other')).toThrow(Stripe.errors.StripeSignatureVerificationError)
  })

  test('SBX-34: an event goes to its own account and mode, and only to endpoints that asked for it', async () => {
    await subscribe(['payment_intent.succeeded', 'charge.refunded'])
    await bench.sdk('Keystone').paymentIntents.create({
      amount: 900,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
    })
    await bench.sdk('Harbour', 'live').paymentIntents.create({
      amount: 900,
      currency: 'aud',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
    })
    await pay()
    await bench.sandbox.stripe.runDue()

    expect(typesReceived()).toStrictEqual(['payment_intent.succeeded'])
  })

  test('SBX-40: a turned clock does not break verification', async () => {
    const { secret = '' } = await subscribe(['customer.created'])
    bench.clock.advance(40 * day)
    await stripe.customers.create({})
    await until(() => receiver.received.length === 1)

    expect(verify(0, secret).created).toBe(Math.floor(bench.clock.now().getTime() / 1000))
  })

  test('SBX-36: in test mode three tries, now, after one hour and after three, each with a fresh signature', async () => {
    await subscribe(['customer.created'])
    receiver.answerWith(500)
    await stripe.customers.create({})
    await until(() => receiver.received.length === 1)
    await bench.sandbox.stripe.runDue()
    const counts: number[] = []
    for (const wait of [hour - 1000, 1000, 2 * hour - 1000, 1000, 72 * hour]) {
      bench.clock.advance(wait)
      await bench.sandbox.stripe.runDue()
      counts.push(receiver.received.length)
    }

    const [delivery] = bench.sandbox.stripe.listDeliveries()
    expect(counts).toStrictEqual([1, 2, 2, 3, 3])
    expect(new Set(receiver.received.map(({ signature }) => signature)).size).toBe(3)
    expect(new Set(receiver.received.map(({ body }) => (JSON.parse(body) as Stripe.Event).id)).size).toBe(1)
    expect(delivery).toMatchObject({
      state: 'failed',
      nextTryAt: null,
      tries: [{ status: 500, answer: 'no' }, { status: 500 }, { status: 500 }],
    })
  })

  test('SBX-35: a redirect is a failure', async () => {
    await subscribe(['customer.created'])
    receiver.answerWith(302)
    await stripe.customers.create({})
    await bench.sandbox.stripe.runDue()

    expect(bench.sandbox.stripe.listDeliveries()[0]).toMatchObject({ state: 'pending', tries: [{ status: 302 }] })
  })

  test('SBX-37: a delivery is sent again by hand without stopping the automatic tries', async () => {
    await subscribe(['customer.created'])
    receiver.answerWith(500)
    await stripe.customers.create({})
    await bench.sandbox.stripe.runDue()
    receiver.answerWith(200)
    const [delivery] = bench.sandbox.stripe.listDeliveries()

    const answer = await bench.control('POST', `/deliveries/${delivery?.id}/resend`)
    await until(() => receiver.received.length === 2)
    await bench.sandbox.stripe.runDue()
    bench.clock.advance(hour)
    await bench.sandbox.stripe.runDue()

    expect(answer.status).toBe(200)
    expect(receiver.received).toHaveLength(3)
    expect(bench.sandbox.stripe.listDeliveries()[0]?.state).toBe('delivered')
    expect((await bench.control('POST', '/deliveries/dlv_none/resend')).status).toBe(404)
  })

  test('SBX-12: an endpoint of an old version gets the old shape', async () => {
    await subscribe(['payment_intent.created'], { api_version: '2023-08-16' })
    await pay()
    await until(() => receiver.received.length === 1)

    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      api_version: '2023-08-16',
      data: { object: { invoice: null } },
    })
  })
})

describe('SBX-47: faults on the way to the endpoint', () => {
  const arm = (effect: object, more: object = {}): ReturnType<Bench['control']> =>
    bench.control('POST', '/faults', { where: 'webhook', effect, times: 1, ...more })

  async function deliverOne(): Promise<string> {
    const { secret = '' } = await subscribe(['customer.created'])
    await stripe.customers.create({})
    await bench.sandbox.stripe.runDue()
    return secret
  }

  test('drop loses one try, the next arrives', async () => {
    await arm({ kind: 'drop' }, { match: { event_type: 'customer.created' } })
    await deliverOne()
    const lost = receiver.received.length
    bench.clock.advance(hour)
    await bench.sandbox.stripe.runDue()

    expect([lost, receiver.received.length]).toStrictEqual([0, 1])
    expect((await bench.control('GET', '/faults')).body).toStrictEqual([])
  })

  test('delay keeps a delivery back on the sandbox clock', async () => {
    await arm({ kind: 'delay', ms: 10 * day })
    const secret = await deliverOne()
    const early = receiver.received.length
    bench.clock.advance(10 * day)
    await bench.sandbox.stripe.runDue()

    expect([early, receiver.received.length]).toStrictEqual([0, 1])
    expect(verify(0, secret).type).toBe('customer.created')
  })

  test('duplicate sends the same event again', async () => {
    await arm({ kind: 'duplicate', copies: 2 })
    await deliverOne()

    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    expect(receiver.received).toHaveLength(3)
  })

  test.each(['wrong_secret', 'bad_signature', 'stale'])('%s is refused by the SDK', async (kind) => {
    await arm({ kind })
    const secret = await deliverOne()

    expect(() => verify(0, secret)).toThrow(Stripe.errors.StripeSignatureVerificationError)
  })
})
