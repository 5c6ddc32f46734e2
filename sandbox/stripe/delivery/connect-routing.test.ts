import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver } from '../test-bench.ts'
import type { Bench, Receiver } from '../test-bench.ts'

let bench: Bench
let connected: string
const receivers = new Map<string, Receiver>()

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  connected = await connect()
})

afterEach(async () => {
  for (const receiver of receivers.values()) await receiver.close()
  receivers.clear()
})

afterAll(() => bench.close())

/** An account of the platform in this mode. */
async function connect(mode: 'test' | 'live' = 'test'): Promise<string> {
  const controller = {
    fees: { payer: 'account' },
    losses: { payments: 'stripe' },
    stripe_dashboard: { type: 'full' },
  } as const
  return (await bench.sdk('Rental', mode).accounts.create({ country: 'AU', controller })).id
}

/** An endpoint with a receiver of its own, known by a name. */
async function listen(
  name: string,
  stripe: Stripe,
  more: Partial<Stripe.WebhookEndpointCreateParams> = {},
): Promise<Stripe.WebhookEndpoint> {
  const receiver = await startReceiver()
  receivers.set(name, receiver)
  return stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'], ...more })
}

async function tell(stripe: Stripe, account?: string): Promise<void> {
  await stripe.customers.create({}, account === undefined ? {} : { stripeAccount: account })
  await bench.sandbox.stripe.runDue()
}

function heard(name: string): Stripe.Event[] {
  return (receivers.get(name)?.received ?? []).map(({ body }) => JSON.parse(body) as Stripe.Event)
}

describe('SBX-34: events of connected accounts', () => {
  test('go to the Connect endpoints of the platform, with the account on them', async () => {
    const platform = bench.sdk('Rental')
    await listen('own', platform)
    await listen('connect', platform, { connect: true })

    await tell(platform, connected)

    expect(heard('own')).toStrictEqual([])
    expect(heard('connect')).toMatchObject([{ type: 'customer.created', account: connected, livemode: false }])
  })

  test("the platform's own events do not reach its Connect endpoints", async () => {
    const platform = bench.sdk('Rental')
    await listen('own', platform)
    await listen('connect', platform, { connect: true })

    await tell(platform)

    expect(heard('connect')).toStrictEqual([])
    expect(heard('own')).toHaveLength(1)
    expect(heard('own')[0]).not.toHaveProperty('account')
  })

  test('accounts that are not connected stay among themselves', async () => {
    await listen('connect', bench.sdk('Rental'), { connect: true })

    await tell(bench.sdk('Harbour'))

    expect(heard('connect')).toStrictEqual([])
  })

  test('a live Connect endpoint hears of test events too, a test one of no live event', async () => {
    await listen('test', bench.sdk('Rental'), { connect: true })
    await listen('live', bench.sdk('Rental', 'live'), { connect: true })
    await listen('live own', bench.sdk('Rental', 'live'))

    await tell(bench.sdk('Rental'), connected)
    await tell(bench.sdk('Rental', 'live'), await connect('live'))

    expect(heard('test').map(({ livemode }) => livemode)).toStrictEqual([false])
    expect(heard('live').map(({ livemode }) => livemode)).toStrictEqual([false, true])
    expect(heard('live own')).toStrictEqual([])
  })

  test('are listed under the account, and nowhere else', async () => {
    const platform = bench.sdk('Rental')
    await tell(platform, connected)

    const there = await platform.events.list({}, { stripeAccount: connected })
    const here = await platform.events.list()
    const other = await platform.events.list({}, { stripeAccount: await connect() })

    expect(there.data).toMatchObject([{ type: 'customer.created', account: connected }])
    expect([here.data.length, other.data.length]).toStrictEqual([0, 0])
  })

  test('wait for every endpoint that has not taken them', async () => {
    const platform = bench.sdk('Rental')
    await listen('test', platform, { connect: true })
    await listen('live', bench.sdk('Rental', 'live'), { connect: true })
    receivers.get('live')?.answerWith(500)

    await tell(platform, connected)
    const [event] = (await platform.events.list({}, { stripeAccount: connected })).data
    const undelivered = await platform.events.list({ delivery_success: false }, { stripeAccount: connected })

    expect(event?.pending_webhooks).toBe(1)
    expect(undelivered.data).toHaveLength(1)
  })

  test('an endpoint on the connected account itself hears them without an account', async () => {
    const receiver = await startReceiver()
    receivers.set('theirs', receiver)
    await bench
      .sdk('Rental')
      .webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] }, { stripeAccount: connected })

    await tell(bench.sdk('Rental'), connected)

    expect(heard('theirs')).toHaveLength(1)
    expect(heard('theirs')[0]).not.toHaveProperty('account')
  })

  test('a Connect endpoint names its application, another one none', async () => {
    const platform = bench.sdk('Rental')
    const own = await listen('own', platform)
    const one = await listen('connect', platform, { connect: true })
    const other = await listen('second', platform, { connect: true })

    expect(own.application).toBeNull()
    expect(one.application).toMatch(/^ca_[A-Za-z0-9]{32}$/)
    expect(other.application).toBe(one.application)
  })
})
