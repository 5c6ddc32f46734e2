import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createEndpoint, listEndpointSecrets } from '#connections'
import { inScope, listFacts } from '#platform'
import { requiredEvents } from '#stripe'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import {
  createDeliveryTally,
  endpointHandlers,
  fixEndpoint,
  readEndpoint,
  recordDeliveries,
  recordFoundByPoll,
  recoverEndpoints,
  sendTestEvent,
} from './index.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

const minute = 60_000

eachDatabase('the watch on endpoints', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)
  const turn = (ms: number) => ground().clock.advance(ms)

  // Time stands, so that what is exact is exact however busy the machine is; each of our steps takes a second.
  beforeEach(() => ground().clock.standAt(ground().clock.now()))

  async function connected() {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(there(), sandbox, scope)
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const [secret] = await inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))
    const secretId = secret?.id ?? 'none'
    const record = (verified: number, refused: number) =>
      inScope(ground().database, scope, (rows) =>
        recordDeliveries(rows, { connectionId, verified: { [secretId]: verified }, refused, at: rows.clock.now() }),
      )
    const poll = (count: number) =>
      inScope(ground().database, scope, (rows) =>
        recordFoundByPoll(rows, { connectionId, count, at: rows.clock.now() }),
      )
    const view = async () => {
      const seen = await inScope(ground().database, scope, (rows) => readEndpoint(rows, 'http://127.0.0.1:1'))
      if (!seen) throw new Error('there is no endpoint')
      return seen
    }
    const watch = async () => {
      turn(1)
      await inScope(ground().database, scope, recoverEndpoints)
      const facts = await inScope(ground().database, scope, (rows) => listFacts(rows, { connection: connectionId }))
      return facts.map(({ name }) => name).filter((name) => /unhealthy|recovered/.test(name))
    }
    const check = () => endpointHandlers(there())['endpoints.check']({ ...scope, id: connectionId })
    return { scope, connectionId, secretId, record, poll, view, watch, check }
  }

  test('STR-46: a healthy endpoint is looked at daily, any other every 15 minutes', async () => {
    const { record, watch } = await connected()
    const isPlanned = async () => {
      await watch()
      return (await ground().jobs.outlook()).waiting.some(({ name }) => name === 'endpoints.check')
    }
    await record(1, 0)
    turn(24 * 60 * minute - 2)
    expect(await isPlanned()).toBe(false)
    expect(await isPlanned()).toBe(true)
  })

  test('STR-47: deliveries are counted by hour and by secret, and a burst is one write', async () => {
    const { scope, connectionId, secretId, record, view } = await connected()
    await record(3, 1)
    turn(60 * minute)
    const tally = createDeliveryTally(ground())
    await Promise.all(Array.from({ length: 50 }, () => tally.count({ scope, connectionId, secretId })))
    await tally.count({ scope, connectionId })
    await tally.flush()

    const { hours, secrets, refusedCause } = await view()

    expect(hours).toHaveLength(24)
    expect(hours.slice(-2).map(({ verified, refused }) => [verified, refused])).toEqual([
      [3, 1],
      [50, 1],
    ])
    expect(secrets).toMatchObject([{ id: secretId, verified: 53, state: 'valid', source: 'created' }])
    expect(refusedCause).toContain('does not match')
  })

  test('STR-47: silent after 15 minutes of events that only polling found; one delivery clears it, and each is a fact once', async () => {
    const { record, poll, view, watch } = await connected()
    await record(1, 0)
    expect((await view()).health).toBe('healthy')
    // Found at the very instant the secret came into being: it happened before anything could be delivered.
    await poll(9)
    turn(15 * minute)
    expect((await view()).health).toBe('healthy')
    await poll(2)
    expect(await watch()).toEqual([])
    turn(15 * minute)
    await poll(1)

    expect(await view()).toMatchObject({ health: 'silent', healthDetail: expect.stringContaining('delivered none') })
    await watch()
    expect(await watch()).toEqual(['webhook.unhealthy'])
    await record(1, 0)
    expect((await view()).health).toBe('healthy')
    expect(await watch()).toEqual(['webhook.unhealthy', 'webhook.recovered'])
  })

  test('STR-47 TRU-126: refusals newer than the last verified delivery fail the endpoint for a quarter of an hour', async () => {
    const { record, view, watch } = await connected()
    await record(1, 0)
    turn(minute)
    await record(0, 2)

    expect(await view()).toMatchObject({ health: 'failing', healthDetail: expect.stringContaining('signature') })
    expect(await watch()).toEqual(['webhook.unhealthy'])
    turn(minute)
    await record(1, 0)
    expect((await view()).health).toBe('healthy')
  })

  test('STR-46 STR-47: missing events and a switched-off endpoint are found by the check, named, told and repaired', async () => {
    const { scope, view, watch, check, record } = await connected()
    await record(1, 0)
    const seen = (await view()).url
    const stripe = sandbox.gateway
    const atStripe = async () => (await stripe.listEndpoints(sandbox.scopeOf())).find(({ url }) => url === seen)
    const id = (await atStripe())?.id ?? 'we_none'
    const events = requiredEvents.filter((name) => name !== 'charge.refunded')
    await stripe.updateEndpoint(sandbox.scopeOf(), id, { events, isEnabled: true, idempotencyKey: `few:${id}` })
    await check()
    expect(await view()).toMatchObject({ health: 'partial', canFix: true, missingRequired: ['charge.refunded'] })
    await stripe.updateEndpoint(sandbox.scopeOf(), id, { events, isEnabled: false, idempotencyKey: `off:${id}` })
    await check()
    expect(await view()).toMatchObject({ health: 'disabled', stripeStatus: 'disabled' })
    expect(await watch()).toEqual(['webhook.unhealthy', 'webhook.unhealthy'])

    expect(await fixEndpoint(there(), scope, 'enable')).toMatchObject({ ok: true })
    expect(await view()).toMatchObject({ health: 'partial', stripeStatus: 'enabled' })
    expect(await fixEndpoint(there(), scope, 'events')).toMatchObject({ ok: true })
    expect(await view()).toMatchObject({ health: 'healthy', canFix: false, missingRequired: [] })
    expect((await watch()).at(-1)).toBe('webhook.recovered')
  })

  test('STR-47: the test event is a set-up attempt that is made and cancelled; what does not arrive is said with its cause', async () => {
    const { scope, record } = await connected()
    const asked: string[] = []
    const arrived = await sendTestEvent(there(), {
      scope,
      pause: async () => {},
      hasArrived: async ({ type, objectId }) => {
        asked.push(objectId)
        expect(type).toBe('setup_intent.canceled')
        return asked.length > 2
      },
    })
    expect(arrived).toMatchObject({ ok: true, value: { state: 'arrived' } })
    expect(asked[0]).toMatch(/^seti_/)

    const pause = async () => {}
    const hasArrived = async () => false
    const silent = await sendTestEvent(there(), { scope, pause, hasArrived })
    expect(silent).toMatchObject({ value: { state: 'not_arrived', detail: expect.stringContaining('Nothing came') } })
    const refusing = async () => {
      await record(0, 1)
      return false
    }
    expect(await sendTestEvent(there(), { scope, pause, hasArrived: refusing })).toMatchObject({
      value: { state: 'not_arrived', detail: expect.stringContaining('does not match') },
    })
  })
})
