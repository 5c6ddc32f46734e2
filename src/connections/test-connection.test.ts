import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope, Secret, turnableClock } from '#platform'
import { createStripe } from '#stripe'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import {
  addEndpointSecret,
  candidateSecrets,
  recordRefusedDelivery,
  recordVerifiedDelivery,
} from './endpoint-secrets.ts'
import { createEndpoint } from './endpoints.ts'
import { saveCredentials } from './save-credentials.ts'
import { findChargingConnection, getConnection, listEndpointSecrets } from './store.ts'
import { markBroken, recheckKey, testConnection } from './test-connection.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

eachDatabase('a connection in use', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)

  async function connectedWith(keys: { secret?: string } = {}): Promise<{ scope: Scope; connectionId: string }> {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(
      there(),
      { ...sandbox, keysOf: () => ({ ...sandbox.keysOf(), ...keys }) },
      scope,
    )
    return { scope, connectionId }
  }

  async function ownKey(permissions?: readonly string[]): Promise<string> {
    const kind = permissions ? 'restricted' : 'secret'
    const { key } = await sandbox.control('/keys', {
      account: sandbox.keysOf().accountId,
      kind,
      ...(permissions && { permissions }),
    })
    return String(key)
  }

  const read = (scope: Scope, connectionId: string) =>
    inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))

  async function report(scope: Scope, at = there()) {
    const outcome = await testConnection(at, scope)
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    return { title: outcome.value.title, rows: Object.fromEntries(outcome.value.rows.map((row) => [row.row, row])) }
  }

  test('STR-24 UI-126 a connection with its webhook works, and testing sent nothing but GET', async () => {
    const { scope, connectionId } = await connectedWith()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const [secret] = await inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))
    await inScope(ground().database, scope, (rows) =>
      recordVerifiedDelivery(rows, { connectionId, endpointSecretId: secret?.id ?? '', at: ground().clock.now() }),
    )
    const before = await read(scope, connectionId)
    const requestsBefore = sandbox.sandbox.stripe.listRequests(1)[0]?.id

    const { title, rows } = await report(scope)

    expect(title).toBe('Connection works')
    expect(Object.values(rows).map(({ state }) => state)).toEqual(Array.from({ length: 12 }, () => 'pass'))
    expect(rows['secret_key']).toMatchObject({
      durationMs: expect.any(Number),
      requestId: expect.stringMatching(/^req_/),
    })
    const requests = sandbox.sandbox.stripe.listRequests(100)
    const sent = requests.slice(
      0,
      requests.findIndex(({ id }) => id === requestsBefore),
    )
    expect(sent.length).toBeGreaterThan(2)
    expect(new Set(sent.map(({ method }) => method))).toEqual(new Set(['GET']))
    const { lastTestedAt, version: _, ...after } = await read(scope, connectionId)
    expect(lastTestedAt).not.toBeNull()
    expect({ ...after, lastTestedAt: null }).toEqual((({ version: __, ...same }) => same)(before))
  })

  test('STR-24 without an endpoint it works with warnings, and the row names the address', async () => {
    const { scope } = await connectedWith()

    const { title, rows } = await report(scope)

    expect(title).toBe('Connection works with warnings')
    expect(rows['endpoint_found']).toMatchObject({
      state: 'fail',
      remedy: 'create_endpoint',
      text: expect.stringContaining('No endpoint at Stripe points to http://127.0.0.1:1/'),
    })
    expect(rows['events_selected']).toMatchObject({ state: 'not_checked' })
    expect(rows['last_delivery']).toMatchObject({ state: 'not_checked', remedy: 'paste_secret' })
  })

  test('UI-126 a refusal since the secret was saved says that the signature does not match', async () => {
    const { scope, connectionId } = await connectedWith()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    expect((await report(scope)).rows['last_delivery']).toMatchObject({
      state: 'not_checked',
      text: 'Waiting for the first event.',
    })

    const later = new Date(ground().clock.now().getTime() + 1_000)
    await inScope(ground().database, scope, (rows) => recordRefusedDelivery(rows, { connectionId, at: later }))

    expect((await report(scope)).rows['last_delivery']).toMatchObject({
      state: 'fail',
      text: 'Deliveries arrive but the signature does not match.',
    })
  })

  test('STR-24 STR-28 a revoked key fails the test, keeps what is stored and marks the connection broken', async () => {
    const secret = await ownKey()
    const { scope, connectionId } = await connectedWith({ secret })
    await sandbox.control(`/keys/${secret}/revoke`)

    const { title, rows } = await report(scope)

    expect(title).toBe('Unable to verify credentials')
    expect(rows['secret_key']).toMatchObject({
      state: 'fail',
      remedy: 'replace_key',
      text: expect.stringContaining('Stripe does not know this key'),
    })
    const connection = await read(scope, connectionId)
    expect(connection).toMatchObject({ state: 'broken', isCharging: true, keyLast4: secret.slice(-4) })
    expect(connection.keySealed).not.toBeNull()
  })

  test('STR-24 nobody answering fails as a connection test and breaks nothing', async () => {
    const { scope, connectionId } = await connectedWith()
    await sandbox.armFault({ method: 'GET', path: '^/v1/account$' }, { kind: 'status_before', status: 503 })

    const { title, rows } = await report(scope)

    expect(title).toBe('Connection test failed')
    expect(rows['api_reachable']).toMatchObject({
      state: 'fail',
      text: expect.stringContaining('We could not reach Stripe (HTTP 503).'),
    })
    expect((await read(scope, connectionId)).state).toBe('connected')
  })

  test('UI-126 a restricted key is told each permission it lacks', async () => {
    const secret = await ownKey([
      'accounts_kyc_basic_read',
      'setup_intent_write',
      'webhook_write',
      'customer_write',
      'payment_intent_write',
    ])
    const { scope } = await connectedWith({ secret })

    const { title, rows } = await report(scope)

    expect(title).toBe('Unable to verify credentials')
    expect(rows['permissions']).toMatchObject({
      state: 'fail',
      text: expect.stringContaining('Checkout Sessions (write)'),
    })
    expect(rows['permissions']?.text).not.toContain('Customers')
  })

  test('STR-24 STR-142 a clock more than two minutes off is named', async () => {
    const { scope } = await connectedWith()
    const clock = turnableClock(6 * 60_000)
    const ahead = { ...there(), database: { ...ground().database, clock } }
    const gateway = createStripe({ apiBase: sandbox.sandbox.url, logs: ground().logs, clock, installation: 'test' })

    const { rows } = await report(scope, { ...ahead, stripe: gateway })

    expect(rows['clock']).toMatchObject({ state: 'fail', text: expect.stringContaining('6 minutes off') })
  })

  test('STR-28 one 401 is asked again: a hiccup breaks nothing, a dead key is broken once, and a new key mends it', async () => {
    const secret = await ownKey()
    const { scope, connectionId } = await connectedWith({ secret })

    expect(await recheckKey(there(), scope, connectionId)).toBe(false)
    expect((await read(scope, connectionId)).state).toBe('connected')

    await sandbox.control(`/keys/${secret}/revoke`)
    expect(await recheckKey(there(), scope, connectionId)).toBe(true)
    await inScope(ground().database, scope, (rows) => markBroken(rows, { connectionId }))
    const facts = await inScope(ground().database, scope, (rows) =>
      rows.selectFrom('app.facts').select('name').where('name', '=', 'connection.broken').execute(),
    )
    expect(facts).toHaveLength(1)
    expect(await inScope(ground().database, scope, findChargingConnection)).toMatchObject({
      id: connectionId,
      state: 'broken',
    })

    const input = {
      publishableKey: sandbox.keysOf().publishable,
      secretKey: sandbox.keysOf().secret,
      accountId: '',
      webhookSecret: '',
    }
    expect(
      await saveCredentials(there(), { scope, actor: 'Owner', input, countAutopayRenters: async () => 0 }),
    ).toMatchObject({ ok: true })
    expect(await read(scope, connectionId)).toMatchObject({ state: 'connected', isCharging: true })
  })

  test('TRU-31 a sealed secret moved to another row does not open', async () => {
    const one = await connectedWith()
    const other = await connectedWith()
    const add = ({ scope, connectionId }: typeof one, text: string) =>
      inScope(ground().database, scope, async (rows) => {
        await addEndpointSecret(rows, ground().box, {
          connectionId,
          secret: new Secret(text),
          source: 'pasted',
          actor: 'Owner',
        })
      })
    await add(one, 'whsec_OfTheFirstOperator0')
    await add(other, 'whsec_OfTheOtherOperator0')
    const { endpointToken } = await read(other.scope, other.connectionId)
    const [stolen] = await inScope(ground().database, one.scope, (rows) => listEndpointSecrets(rows, one.connectionId))
    await inScope(ground().database, other.scope, (rows) =>
      rows
        .updateTable('app.endpoint_secrets')
        .set({ sealed: stolen?.sealed })
        .where('connection_id', '=', other.connectionId)
        .execute(),
    )

    await expect(
      candidateSecrets(ground().database, ground().box, { endpointToken, now: ground().clock.now() }),
    ).rejects.toThrow(/authenticate/)
  })
})
