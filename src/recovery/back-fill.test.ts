import { expect, test } from 'vitest'
import { getConnection, pasteWebhookSecret } from '#connections'
import { newToken } from '#platform'
import { createStripe, endpointEvents } from '#stripe'
import { openBentStripe } from '#test/bent-stripe'
import { listPayouts } from '#payouts'
import { listRefundsOfPayments } from '#refunds'
import { eachMoney } from '#test/charges'
import { deliver } from '#test/inbox'
import { outages, refusedEvents } from '#test/outage'
import { valueOf } from '#test/rental'
import { backFill } from './back-fill.ts'
import { typeChunks } from './back-fill-steps.ts'
import { followPaymentNews } from './index.ts'

const hour = 3_600_000
const day = 24 * hour

eachMoney('what deliveries did not bring', ({ ground, sandbox, open, calm }) => {
  const { start, pendingPayment, payElsewhere } = outages({ ground, sandbox, open })

  test('STR-72, STR-120: after 72 hours without a delivery every event is fetched once, and the payment is paid', async () => {
    const down = await start()
    const { paymentId, confirm: confirmed } = await pendingPayment(down)
    confirmed()
    ground().clock.advance(72 * hour)

    expect(await down.fetch()).toBe('done')
    const fetched = await down.events()
    await down.work()

    const intent = (await down.payment(paymentId)).stripePaymentIntentId
    const ofPayment = fetched.filter(({ objectId }) => objectId === intent).map(({ type }) => type)
    // The charges of the payment lead to it as well (PERF-51).
    expect(ofPayment.toSorted()).toEqual([
      'charge.failed',
      'charge.succeeded',
      'payment_intent.payment_failed',
      'payment_intent.requires_action',
      'payment_intent.succeeded',
    ])
    expect(fetched.every(({ via, deliveries }) => via === 'poll' && deliveries === 1)).toBe(true)
    expect((await down.payment(paymentId)).state).toBe('succeeded')
    expect(await down.catchUp()).toMatchObject({ isUnderWay: false, missedLast15Minutes: fetched.length })

    await down.fetch()
    expect(await down.events()).toHaveLength(fetched.length)
    await down.expectAgreement()
  })

  test('STR-71: a payment whose news wait is not polled as well: they come first in the line, and settle it', async () => {
    const down = await start()
    const { paymentId, confirm: confirmed } = await pendingPayment(down)
    confirmed()
    ground().clock.advance(hour)
    await down.fetch()
    const polls: string[] = []
    let rings = 0
    const follow = followPaymentNews(
      { database: ground().database, onKept: () => void (rings += 1) },
      async ({ id }) => void polls.push(id),
    )

    await follow({ ...down.scope, id: paymentId })

    expect([polls, rings]).toEqual([[], 1])
    const { stripePaymentIntentId: intent } = await down.payment(paymentId)
    const [head] = await down.within((rows) =>
      rows
        .selectFrom('app.inbox_objects')
        .select('object_id')
        .where('operator_id', '=', down.scope.operatorId)
        .orderBy('due_at')
        .execute(),
    )
    expect(head).toEqual({ object_id: intent })
    await down.work()
    expect((await down.payment(paymentId)).state).toBe('succeeded')
    await follow({ ...down.scope, id: paymentId })
    expect([polls, rings]).toEqual([[paymentId], 1])
    await down.expectAgreement()
  })

  test('STR-62: what was fetched and is delivered after all is one event, and what was delivered is not fetched', async () => {
    const down = await start()
    const secret = `whsec_${newToken()}`
    const { endpointToken } = await down.within(async (rows) => {
      valueOf(await pasteWebhookSecret(rows, down.money.box, { webhookSecret: secret, actor: 'test' }))
      return getConnection(rows, down.connectionId)
    })
    await payElsewhere(down, 2)
    ground().clock.advance(hour)
    const [delivered, fetched] = sandbox()
      .sandbox.stripe.listEvents(20)
      .filter(({ type }) => type === 'payment_intent.succeeded')
    const send = async (id: string) => {
      const event = await sandbox().gateway.findEvent(sandbox().scopeOf(), id as `evt_${string}`)
      return deliver(ground(), { ...down, accountId: undefined, endpointToken, secret }, event!.rawText)
    }
    await send(delivered!.id)

    await down.fetch()
    await send(fetched!.id)

    const events = await down.events()
    const about = (id: string) => events.filter(({ eventId }) => eventId === id)
    expect(about(delivered!.id)).toMatchObject([{ via: 'delivery', deliveries: 1 }])
    expect(about(fetched!.id)).toMatchObject([{ via: 'poll', deliveries: 2 }])
  })

  test('STR-72: a death in the middle costs one page: the rest is fetched from where it stood', async () => {
    const down = await start()
    await payElsewhere(down, 110)
    ground().clock.advance(hour)
    // The first page is kept, the second is refused for good.
    await sandbox().control('/faults', {
      where: 'api',
      ...refusedEvents,
      match: { ...refusedEvents.match, nth: 2 },
      effect: { kind: 'status_before', status: 500 },
      times: 10,
    })

    expect(await down.fetch()).toBe('stopped')
    await calm()
    const halfway = await down.place()
    expect(halfway).toMatchObject({
      run: { step: 0, after: expect.stringMatching(/^evt_/) },
      problem: expect.stringMatching(/^Stripe did not answer/),
    })
    expect(await down.events()).toHaveLength(100)
    const calls = () => sandbox().logLines.filter((line) => line.includes('"events.list"')).length
    const before = calls()

    expect(await down.fetch()).toBe('done')

    // The second page of this list, two of the next one, and one that is empty.
    expect(calls() - before).toBe(4)
    const seen = sandbox()
      .sandbox.stripe.listEvents(2_000)
      .filter(({ type }) => type === 'payment_intent.succeeded')
    const kept = await down.within((rows) =>
      rows
        .selectFrom('app.inbox_events')
        .select('event_id')
        .where('operator_id', '=', down.scope.operatorId)
        .where('type', '=', 'payment_intent.succeeded')
        .execute(),
    )
    expect(kept).toHaveLength(110)
    expect(seen.length).toBeGreaterThanOrEqual(110)
    expect(await down.place()).toMatchObject({ run: undefined, problem: '', watermark: halfway!.run!.until })
  })

  test('STR-72: a key that may not read events: the payments themselves are looked at, and it is said', async () => {
    const down = await start()
    const { paymentId, confirm: confirmed } = await pendingPayment(down)
    confirmed()
    ground().clock.advance(hour)
    await sandbox().control('/faults', { where: 'api', ...refusedEvents, times: 1 })

    expect(await down.fetch()).toBe('done')
    await calm()

    expect((await down.payment(paymentId)).state).toBe('succeeded')
    expect(await down.events()).toEqual([])
    expect((await down.catchUp()).problem).toMatch(/may not read events/)
    await down.fetch()
    expect((await down.catchUp()).problem).toBeUndefined()
    await down.expectAgreement()
  })

  test('STR-120: down for 40 days: payments, refunds and payouts are found by themselves, though Stripe has forgotten the events', async () => {
    const down = await start()
    await down.fetch()
    const { paymentId, confirm: confirmed } = await pendingPayment(down)
    confirmed()
    const { stripePaymentIntentId: intent } = await down.payment(paymentId)
    ground().clock.advance(day)
    await down.inDashboard('/v1/refunds', { payment_intent: intent!, amount: '500' })
    ground().clock.advance(39 * day)

    expect(await down.fetch()).toBe('done')

    expect((await down.payment(paymentId)).state).toBe('succeeded')
    const refunds = await down.within((rows) => listRefundsOfPayments(rows, [paymentId]))
    expect(refunds).toMatchObject([{ state: 'succeeded', amountMinor: 500n }])
    // The money of 40 days was paid out by the schedule meanwhile.
    const payouts = await down.within((rows) => listPayouts(rows, { state: 'paid', limit: 100 }))
    expect(payouts.length).toBeGreaterThan(0)
    expect(await down.place()).toMatchObject({ run: undefined, byObjects: '' })
    await down.expectAgreement()
  })

  test('TRU-192: an event that cannot be kept stops nothing: it is named, and the watermark moves on', async () => {
    const down = await start()
    await payElsewhere(down, 3)
    ground().clock.advance(hour)
    const bent = await openBentStripe(sandbox().sandbox.url)
    const stripe = createStripe({ apiBase: bent.url, logs: ground().logs, clock: ground().clock, installation: 'bent' })
    bent.bend((answer, { path }) => {
      if (path !== '/v1/events' || answer.data.length === 0) return
      const [first] = answer.data
      const [nameless, endless, shapeless] = [{ ...first }, { ...first }, { ...first, id: 'evt_shapeless' }]
      delete nameless.id
      endless.id = `evt_${'x\u0000'.repeat(2_000)}`
      delete shapeless.data
      answer.data = [nameless, first, shapeless, ...answer.data.slice(1), endless]
    })

    const ended = await backFill({ ...down.parts, stripe }, down.scope, down.connectionId)
    const again = await backFill({ ...down.parts, stripe }, down.scope, down.connectionId)
    await bent.close()

    expect([ended, again]).toEqual(['done', 'done'])
    const events = await down.events()
    expect(events.filter(({ type }) => type === 'payment_intent.succeeded')).toHaveLength(3)
    // What has a name is kept, as a delivery that makes no sense is.
    expect(events.filter(({ eventId }) => eventId === 'evt_shapeless')).toMatchObject([{ state: 'dead' }])
    expect(await down.place()).toMatchObject({ run: undefined, problem: '', watermark: expect.any(Date) })
    expect((await down.place())!.unkept.toSorted()).toEqual(['?', expect.stringMatching(/^evt_x\?x\?.{52}$/)])
    expect((await down.catchUp()).problem).toMatch(/could not be kept \(2\).*evt_x/)
    expect(ground().logLines.some((line) => line.includes('cannot be kept'))).toBe(true)
  })

  test('PERF-51: whatever tells of a payment stands in one list, so that a page brings it together', () => {
    const [first = []] = typeChunks
    for (const type of [
      'payment_intent.succeeded',
      'payment_intent.payment_failed',
      'charge.succeeded',
      'charge.failed',
    ])
      expect(first).toContain(type)
    expect(typeChunks.flat().toSorted()).toEqual(endpointEvents.toSorted())
    expect(typeChunks.every(({ length }) => length <= 20)).toBe(true)
  })
})
