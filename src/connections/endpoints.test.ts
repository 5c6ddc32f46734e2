import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope } from '#platform'
import { endpointEvents, requiredEvents } from '#stripe'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { badgesOf, isRefusingDeliveries, judgeWebhook } from './connection.ts'
import { candidateSecrets, recordRefusedDelivery, recordVerifiedDelivery } from './endpoint-secrets.ts'
import { createEndpoint, endpointCheckOf, repairEndpoint } from './endpoints.ts'
import { getConnection, listEndpointSecrets } from './store.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

eachDatabase('endpoints', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)

  async function connected(): Promise<{ scope: Scope; connectionId: string; own: string; token: string }> {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(there(), sandbox, scope)
    const { endpointToken } = await inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))
    return { scope, connectionId, token: endpointToken, own: `http://127.0.0.1:1/api/stripe/webhook/${endpointToken}` }
  }

  const read = (scope: Scope, connectionId: string) =>
    inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))
  const atStripe = async (url: string) =>
    (await sandbox.gateway.listEndpoints(sandbox.scopeOf())).filter((endpoint) => endpoint.url === url)

  async function standing(scope: Scope, connectionId: string) {
    return inScope(ground().database, scope, async (rows) => {
      const connection = await getConnection(rows, connectionId)
      const [secrets, now] = [await listEndpointSecrets(rows, connectionId), ground().clock.now()]
      const webhook = judgeWebhook(connection, secrets, now)
      const badges = badgesOf(connection, webhook, isRefusingDeliveries(connection, secrets, now))
      return { webhook, badges: badges.map(({ label }) => label) }
    })
  }

  const candidates = (endpointToken: string) =>
    candidateSecrets(ground().database, ground().box, { endpointToken, now: ground().clock.now() })

  test('STR-42 UI-129 the endpoint is created at the own address with all events, and its secret verifies from then on', async () => {
    const { scope, connectionId, own, token } = await connected()
    expect(await standing(scope, connectionId)).toEqual({
      webhook: 'missing',
      badges: ['Connected', 'Webhook missing'],
    })

    const outcome = await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })

    expect(outcome).toMatchObject({
      ok: true,
      value: { isFound: true, isEnabled: true, missingRequired: [], missingRecommended: [] },
    })
    const [endpoint, ...others] = await atStripe(own)
    expect(others).toEqual([])
    expect(endpoint).toMatchObject({ isEnabled: true, apiVersion: '2026-10-28.endive' })
    expect(new Set(endpoint?.enabledEvents)).toEqual(new Set(endpointEvents))
    expect(await read(scope, connectionId)).toMatchObject({ stripeEndpointId: endpoint?.id, isEndpointOurs: true })
    const [candidate] = await candidates(token)
    expect(candidate).toMatchObject({ ...scope, connectionId })
    expect(candidate?.secret.reveal()).toMatch(/^whsec_/)
    expect(await standing(scope, connectionId)).toEqual({
      webhook: 'waiting_first_event',
      badges: ['Connected', 'Waiting for first event'],
    })
  })

  test('UI-129 an endpoint that is there already is not doubled; a fresh one takes its place when asked for', async () => {
    const { scope, connectionId, own, token } = await connected()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const [first] = await atStripe(own)

    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })).toMatchObject({
      refusal: { code: 'endpoint_exists' },
    })
    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: true })).toMatchObject({ ok: true })

    const now = await atStripe(own)
    expect(now).toHaveLength(1)
    expect(now[0]?.id).not.toBe(first?.id)
    expect(await read(scope, connectionId)).toMatchObject({ stripeEndpointId: now[0]?.id })
    expect(await candidates(token)).toHaveLength(2)
  })

  test('UI-36 a double click makes one endpoint, and so does one on a fresh one', async () => {
    const { scope, connectionId, own, token } = await connected()
    const click = (isFresh: boolean) => createEndpoint(there(), { scope, actor: 'Owner', isFresh })

    await Promise.all([click(false), click(false), click(false)])
    expect(await atStripe(own)).toHaveLength(1)
    const fresh = await Promise.all([click(true), click(true), click(true)])

    expect(fresh.filter(({ ok }) => ok).length).toBeGreaterThan(0)
    const [now, ...others] = await atStripe(own)
    expect(others).toEqual([])
    expect(await read(scope, connectionId)).toMatchObject({ stripeEndpointId: now?.id })
    expect((await candidates(token)).length).toBeGreaterThanOrEqual(2)
  })

  test('STR-42 an endpoint whose answer was lost is found again as ours, and a fresh one takes its place', async () => {
    const { scope, connectionId, own } = await connected()
    await sandbox.armFault({ method: 'POST', path: '^/v1/webhook_endpoints$' }, 'empty_200')

    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })).toMatchObject({
      refusal: { code: 'answer_lost' },
    })
    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })).toMatchObject({
      refusal: { code: 'endpoint_exists' },
    })
    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: true })).toMatchObject({ ok: true })

    const found = await atStripe(own)
    expect(found).toHaveLength(1)
    expect(await read(scope, connectionId)).toMatchObject({ stripeEndpointId: found[0]?.id, isEndpointOurs: true })
  })

  test('UI-129 an endpoint made by hand is switched off, not deleted, when a fresh one takes its place', async () => {
    const { scope, own } = await connected()
    const byHand = await sandbox.gateway.createEndpoint(sandbox.scopeOf(), {
      url: `${own}/`,
      events: ['charge.failed'],
      idempotencyKey: `hand:${own}`,
    })

    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: true })

    expect(await atStripe(`${own}/`)).toMatchObject([
      { id: byHand.id, isEnabled: false, enabledEvents: ['charge.failed'] },
    ])
  })

  test('STR-46 missing events are named, and repairing adds them without taking the operator’s own, and switches it on', async () => {
    const { scope, connectionId, own } = await connected()
    const events = [...requiredEvents.filter((name) => !name.startsWith('refund.')), 'customer.created']
    const made = await sandbox.gateway.createEndpoint(sandbox.scopeOf(), {
      url: own,
      events,
      idempotencyKey: `few:${own}`,
    })
    await sandbox.gateway.updateEndpoint(sandbox.scopeOf(), made.id, {
      events,
      isEnabled: false,
      idempotencyKey: `off:${own}`,
    })

    const checked = await endpointCheckOf(there(), scope)
    expect(checked).toMatchObject({
      value: { isFound: true, isEnabled: false, missingRequired: ['refund.created', 'refund.updated'] },
    })

    expect(await repairEndpoint(there(), scope)).toMatchObject({
      value: { isEnabled: true, missingRequired: [], missingRecommended: [] },
    })
    const [repaired] = await atStripe(own)
    expect(repaired?.enabledEvents).toContain('customer.created')
    expect((await read(scope, connectionId)).isEndpointOurs).toBe(false)
  })

  test('STR-46 all events by a star miss nothing, and nothing to repair is said with the address', async () => {
    const { scope, own } = await connected()
    expect(await repairEndpoint(there(), scope)).toMatchObject({
      refusal: { code: 'endpoint_absent', problem: { cause: `No endpoint at Stripe points to ${own}.` } },
    })

    await sandbox.gateway.createEndpoint(sandbox.scopeOf(), { url: own, events: ['*'], idempotencyKey: `star:${own}` })

    expect(await endpointCheckOf(there(), scope)).toMatchObject({
      value: { missingRequired: [], missingRecommended: [] },
    })
  })

  test('STR-44 a seventeenth endpoint is not tried, and the sixteen are named', async () => {
    const account = await sandbox.control('/accounts', { name: `Full ${ground().kind}` })
    const keys = (account['keys'] as { test: { publishable: string; secret: string; restricted: string } }).test
    const full = { account: '', accountId: '', mode: 'test' as const, ...keys }
    const { scope } = await ground().makeOperator()
    await connectToSandbox(there(), { ...sandbox, keysOf: () => full }, scope)
    for (let place = 0; place < 16; place += 1) {
      await sandbox.gateway.createEndpoint(sandbox.scopeOf(full), {
        url: `https://other.example/${place}`,
        events: ['charge.failed'],
        idempotencyKey: `full:${ground().kind}:${place}`,
      })
    }

    const outcome = await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })

    expect(outcome).toMatchObject({
      refusal: { code: 'endpoints_used_up', problem: { cause: expect.stringContaining('https://other.example/15') } },
    })
  })

  test('UI-129 a key without the right to endpoints is told the permission', async () => {
    const { accountId } = sandbox.keysOf()
    const { key } = await sandbox.control('/keys', {
      account: accountId,
      permissions: ['accounts_kyc_basic_read', 'setup_intent_write'],
    })
    const { scope } = await ground().makeOperator()
    await connectToSandbox(there(), { ...sandbox, keysOf: () => ({ ...sandbox.keysOf(), secret: String(key) }) }, scope)

    expect(await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })).toMatchObject({
      refusal: {
        code: 'endpoint_permission',
        problem: { cause: 'The restricted key lacks: Webhook Endpoints (write).' },
      },
    })
  })

  test('UI-130 the first verified delivery turns the webhook healthy, once, and a refusal is remembered', async () => {
    const { scope, connectionId } = await connected()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const [secret] = await inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))
    const first = ground().clock.now()
    const deliver = (at: Date) =>
      inScope(ground().database, scope, (rows) =>
        recordVerifiedDelivery(rows, { connectionId, endpointSecretId: secret?.id ?? '', at }),
      )

    await Promise.all([deliver(first), deliver(new Date(first.getTime() + 5_000))])
    await inScope(ground().database, scope, (rows) => recordRefusedDelivery(rows, { connectionId, at: first }))

    expect(await standing(scope, connectionId)).toEqual({ webhook: 'healthy', badges: ['Connected'] })
    expect(await read(scope, connectionId)).toMatchObject({
      webhookLastVerifiedAt: new Date(first.getTime() + 5_000),
      webhookLastRefusedAt: first,
    })
    const facts = await inScope(ground().database, scope, (rows) =>
      rows.selectFrom('app.facts').select('name').where('name', '=', 'webhook.first_verified').execute(),
    )
    expect(facts).toHaveLength(1)
  })
})
