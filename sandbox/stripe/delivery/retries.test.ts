import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver } from '../test-bench.ts'
import type { Bench, Receiver } from '../test-bench.ts'

let bench: Bench
let receiver: Receiver
const hour = 3_600_000
const day = 24 * hour

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  receiver = await startReceiver()
})

afterEach(() => receiver.close())

afterAll(() => bench.close())

async function subscribe(mode: 'test' | 'live'): Promise<{ stripe: Stripe; id: string }> {
  const stripe = bench.sdk('Harbour', mode)
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
  return { stripe, id: endpoint.id }
}

/** Makes an event and waits for its first try. */
async function tell(stripe: Stripe): Promise<void> {
  await stripe.customers.create({})
  await bench.sandbox.stripe.runDue()
}

/** Turns the clock to the next due instant, again and again, for as long as there is one before `untilMs`. */
async function walk(untilMs: number): Promise<void> {
  for (;;) {
    const due = bench.sandbox.stripe.nextDueAt()
    if (due === null || due.getTime() > untilMs) return
    bench.clock.advance(Math.max(0, due.getTime() - bench.clock.now().getTime()))
    await bench.sandbox.stripe.runDue()
  }
}

function hoursOfTries(place = 0): number[] {
  const tries = bench.sandbox.stripe.listDeliveries()[place]?.tries ?? []
  const first = tries[0]?.at.getTime() ?? 0
  return tries.map(({ at }) => (at.getTime() - first) / hour)
}

describe('SBX-36: tries on the sandbox clock', () => {
  test('live mode tries after 1 and 10 minutes, 1, 3, 6 and 12 hours, then every 12 hours up to 72', async () => {
    const { stripe } = await subscribe('live')
    receiver.answerWith(503)

    await tell(stripe)
    await walk(Infinity)

    expect(hoursOfTries()).toStrictEqual([0, 1 / 60, 1 / 6, 1, 3, 6, 12, 24, 36, 48, 60, 72])
    expect(bench.sandbox.stripe.listDeliveries()[0]?.state).toBe('failed')
  })

  test('a live endpoint that took nothing for 72 hours is disabled, and gets no more until it is enabled', async () => {
    const { stripe, id } = await subscribe('live')
    receiver.answerWith(503)
    await tell(stripe)
    await walk(bench.clock.now().getTime() + 71 * hour)
    const before = (await stripe.webhookEndpoints.retrieve(id)).status

    await walk(Infinity)
    const after = (await stripe.webhookEndpoints.retrieve(id)).status
    await tell(stripe)
    const missed = receiver.received.length
    await stripe.webhookEndpoints.update(id, { disabled: false })
    await tell(stripe)

    expect([before, after]).toStrictEqual(['enabled', 'disabled'])
    expect([missed, receiver.received.length]).toStrictEqual([12, 13])
  })

  test('one delivery taken in between begins the 72 hours anew', async () => {
    const { stripe, id } = await subscribe('live')
    receiver.answerWith(503)
    await tell(stripe)
    await walk(bench.clock.now().getTime() + 50 * hour)
    receiver.answerWith(200)
    await tell(stripe)
    receiver.answerWith(503)

    await walk(Infinity)

    expect((await stripe.webhookEndpoints.retrieve(id)).status).toBe('enabled')
  })

  test('in test mode an endpoint that takes nothing stays enabled', async () => {
    const { stripe, id } = await subscribe('test')
    receiver.answerWith(503)
    for (let days = 0; days < 4; days += 1) {
      await tell(stripe)
      bench.clock.advance(day)
      await bench.sandbox.stripe.runDue()
    }

    expect((await stripe.webhookEndpoints.retrieve(id)).status).toBe('enabled')
  })

  test('disabled and enabled again before the next try: it goes on', async () => {
    const { stripe, id } = await subscribe('test')
    receiver.answerWith(500)
    await tell(stripe)
    await stripe.webhookEndpoints.update(id, { disabled: true })
    await stripe.webhookEndpoints.update(id, { disabled: false })

    await walk(Infinity)

    expect(hoursOfTries()).toStrictEqual([0, 1, 3])
  })

  test.each(['disabled', 'deleted'])('no further try at an endpoint that was %s', async (how) => {
    const { stripe, id } = await subscribe('test')
    receiver.answerWith(500)
    await tell(stripe)
    if (how === 'deleted') await stripe.webhookEndpoints.del(id)
    else await stripe.webhookEndpoints.update(id, { disabled: true })

    await walk(Infinity)

    const [delivery] = bench.sandbox.stripe.listDeliveries()
    expect(receiver.received).toHaveLength(1)
    expect(delivery?.state).toBe('failed')
    expect(delivery?.tries.at(-1)?.answer).toContain(how)
  })

  test('SBX-37: a delivery can be sent again for 15 days, and not once its endpoint is gone', async () => {
    const { stripe, id } = await subscribe('test')
    await tell(stripe)
    const delivery = bench.sandbox.stripe.listDeliveries()[0]?.id ?? ''

    bench.clock.advance(15 * day)
    const onTime = bench.sandbox.stripe.resendDelivery(delivery)
    await bench.sandbox.stripe.runDue()
    bench.clock.advance(1)
    const late = bench.sandbox.stripe.resendDelivery(delivery)
    await tell(stripe)
    await stripe.webhookEndpoints.del(id)
    const gone = bench.sandbox.stripe.resendDelivery(bench.sandbox.stripe.listDeliveries()[0]?.id ?? '')

    expect([onTime, late, gone]).toStrictEqual([true, false, false])
    expect(receiver.received).toHaveLength(3)
  })
})
