import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope } from '#platform'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { openSecretKey, type Connection, type ConnectionGround } from './connection.ts'
import type { CredentialsInput } from './credentials.ts'
import { saveCredentials } from './save-credentials.ts'
import { listTargets } from './routing-store.ts'
import { findChargingConnection, findOwnKeysConnection } from './store.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

eachDatabase('save credentials', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)

  async function save(scope: Scope, change: Partial<CredentialsInput> = {}, at: ConnectionGround = there()) {
    const { publishable, secret } = sandbox.keysOf({ mode: scope.mode })
    const input = { publishableKey: publishable, secretKey: secret, accountId: '', webhookSecret: '', ...change }
    return saveCredentials(at, { scope, actor: 'Owner', input, countAutopayRenters: async () => 3 })
  }

  function readConnection(scope: Scope): Promise<Connection | undefined> {
    return inScope(ground().database, scope, findOwnKeysConnection)
  }

  test('STR-144 the sandbox’s own keys are verified, saved sealed and take charges', async () => {
    const { scope } = await ground().makeOperator()
    const { secret, accountId } = sandbox.keysOf()

    const outcome = await save(scope)

    expect(outcome).toMatchObject({ ok: true })
    const connection = await inScope(ground().database, scope, findChargingConnection)
    expect(connection).toMatchObject({
      state: 'connected',
      kind: 'own_keys',
      accountId,
      accountName: 'Harbour Desks',
      accountCountry: 'AU',
      accountCurrency: 'AUD',
      chargesEnabled: true,
      isPublishableKeyProven: true,
      keyKind: 'secret',
      keyLast4: secret.slice(-4),
      endpointCheck: { isFound: false },
    })
    if (!connection) throw new Error('nothing takes charges')
    expect(connection.keySealed).not.toContain(secret)
    expect(openSecretKey(ground().box, connection).reveal()).toBe(secret)
    expect(outcome.ok && outcome.value.calls.map(({ operation }) => operation)).toEqual([
      'accounts.retrieve_current',
      'setup_intents.create',
      'setup_intents.retrieve_by_publishable_key',
      'setup_intents.cancel',
    ])
  })

  test('STR-40 TRU-55 a saved connection is found by its address, its account and the shared address', async () => {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(there(), sandbox, scope)
    const connection = await readConnection(scope)

    const found = await listTargets(ground().database, 'endpoint_token', connection?.endpointToken)

    expect(found).toEqual([{ ...scope, connectionId }])
    expect(await listTargets(ground().database, 'account', sandbox.keysOf().accountId)).toContainEqual({
      ...scope,
      connectionId,
    })
    expect((await listTargets(ground().database, 'shared_endpoint')).length).toBeLessThanOrEqual(4)
    expect(connection?.endpointToken).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('STR-19 saving again with the dots keeps the key and its age, and replacing it changes both', async () => {
    const { scope } = await ground().makeOperator()
    await save(scope)
    const first = await readConnection(scope)

    await save(scope, { secretKey: '••••1a2b' })
    const kept = await readConnection(scope)
    await save(scope, { secretKey: sandbox.keysOf().restricted })
    const replaced = await readConnection(scope)

    expect(kept).toMatchObject({
      id: first?.id,
      keyFingerprint: first?.keyFingerprint,
      keyChangedAt: first?.keyChangedAt,
    })
    expect(replaced).toMatchObject({ id: first?.id, keyKind: 'restricted', isCharging: true })
    expect(replaced?.keyFingerprint).not.toBe(first?.keyFingerprint)
  })

  test('STR-17 test and live are two connections that do not see each other', async () => {
    const { scope } = await ground().makeOperator()
    const live = { ...scope, mode: 'live' as const }
    await save(scope)

    expect(await readConnection(live)).toBeUndefined()
    expect(await save(live)).toMatchObject({ ok: true })
    expect((await readConnection(live))?.id).not.toBe((await readConnection(scope))?.id)
  })

  test('STR-22 a restricted key without SetupIntents is saved as not checked', async () => {
    const { scope } = await ground().makeOperator()
    const { accountId } = sandbox.keysOf()
    const { key } = await sandbox.control('/keys', {
      account: accountId,
      permissions: ['accounts_kyc_basic_read', 'balance_read'],
    })

    expect(await save(scope, { secretKey: String(key) })).toMatchObject({ ok: true })

    expect(await readConnection(scope)).toMatchObject({ isPublishableKeyProven: false, probeSealed: null, accountId })
  })

  test('STR-144 a key that may not read its account proves itself by the balance, and the account stays unknown', async () => {
    const { scope } = await ground().makeOperator()
    const { key } = await sandbox.control('/keys', {
      account: sandbox.keysOf().accountId,
      permissions: ['balance_read', 'setup_intent_write'],
    })

    expect(await save(scope, { secretKey: String(key) })).toMatchObject({ ok: true })

    expect(await readConnection(scope)).toMatchObject({
      accountId: null,
      state: 'connected',
      isPublishableKeyProven: true,
    })
  })

  test('STR-2 the key’s own Account ID is accepted and sends no header', async () => {
    const { scope } = await ground().makeOperator()

    expect(await save(scope, { accountId: sandbox.keysOf().accountId })).toMatchObject({ ok: true })

    expect(await readConnection(scope)).toMatchObject({
      sendsAccountHeader: false,
      accountId: sandbox.keysOf().accountId,
    })
  })

  test('two windows at once: one connection, and the second is told', async () => {
    const { scope } = await ground().makeOperator()
    const { secret, restricted } = sandbox.keysOf()
    // Slow enough that both have looked before either has written, however busy the machine is.
    await sandbox.armFault({ method: 'GET', path: '/v1/account$' }, { kind: 'delay', ms: 1000, when: 'before' }, 2)

    const outcomes = await Promise.all([save(scope, { secretKey: secret }), save(scope, { secretKey: restricted })])

    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'changed_meanwhile' } })
  })

  test('STR-58 a webhook secret pasted with the keys is valid at once', async () => {
    const { scope } = await ground().makeOperator()

    expect(await save(scope, { webhookSecret: 'whsec_PastedWithTheKeys0123' })).toMatchObject({
      ok: true,
      value: { othersUntil: undefined },
    })
  })
})
