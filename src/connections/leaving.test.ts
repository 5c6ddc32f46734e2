import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope } from '#platform'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { candidateSecrets } from './endpoint-secrets.ts'
import { createEndpoint } from './endpoints.ts'
import { closeConnection, stopNewCharges } from './leaving.ts'
import { saveCredentials } from './save-credentials.ts'
import { listTargets } from './routing-store.ts'
import { findOwnKeysConnection, getConnection, listEndpointSecrets } from './store.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

eachDatabase('a connection that is left', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)

  async function connectedWith(): Promise<{ scope: Scope; connectionId: string }> {
    const { scope } = await ground().makeOperator()
    return { scope, connectionId: await connectToSandbox(there(), sandbox, scope) }
  }

  const stop = (scope: Scope, connectionId: string) =>
    inScope(ground().database, scope, (rows) => stopNewCharges(rows, connectionId, 'Owner'))

  const read = (scope: Scope, connectionId: string) =>
    inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))

  test('STR-26 the end of leaving wipes secrets and deletes our endpoint, once; what is not leaving stays', async () => {
    const { scope, connectionId } = await connectedWith()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const { endpointToken, stripeEndpointId } = await read(scope, connectionId)
    const close = () => closeConnection(there(), { scope, connectionId, actor: 'Owner', occasion: 'test' })

    expect(await close()).toBe(false)
    expect(await read(scope, connectionId)).toMatchObject({ state: 'connected', isCharging: true, stripeEndpointId })
    await stop(scope, connectionId)
    expect(await read(scope, connectionId)).toMatchObject({
      state: 'disconnecting',
      isCharging: false,
      stripeEndpointId,
    })
    expect(await Promise.all([close(), close()])).toEqual([true, true])
    expect(await close()).toBe(true)

    expect(await read(scope, connectionId)).toMatchObject({
      state: 'disconnected',
      isCharging: false,
      keySealed: null,
      probeSealed: null,
    })
    expect(await inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))).toEqual([])
    expect(
      await candidateSecrets(ground().database, ground().box, { endpointToken, now: ground().clock.now() }),
    ).toEqual([])
    expect(await listTargets(ground().database, 'endpoint_token', endpointToken)).toEqual([])
    expect((await sandbox.gateway.listEndpoints(sandbox.scopeOf())).map(({ id }) => id)).not.toContain(stripeEndpointId)
    expect(await inScope(ground().database, scope, findOwnKeysConnection)).toBeUndefined()
  })

  test('UI-132 the same account comes back as the connection it was, with a new address; another account is a new one', async () => {
    const { scope, connectionId } = await connectedWith()
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const { endpointToken } = await read(scope, connectionId)
    const leave = async () => {
      const { id } = (await inScope(ground().database, scope, findOwnKeysConnection))!
      await stop(scope, id)
      await closeConnection(there(), { scope, connectionId: id, actor: 'Owner', occasion: 'test' })
    }
    await leave()

    const { publishable, secret } = sandbox.keysOf({ account: 'Keystone Storage' })
    const input = { publishableKey: publishable, secretKey: secret, accountId: '', webhookSecret: '' }
    const other = await saveCredentials(there(), { scope, actor: 'Owner', input, countAutopayRenters: async () => 0 })
    expect(other).toMatchObject({ ok: true })
    expect(await read(scope, connectionId)).toMatchObject({ state: 'disconnected', keySealed: null })
    await leave()

    expect(await connectToSandbox(there(), sandbox, scope)).toBe(connectionId)
    const revived = await read(scope, connectionId)
    expect(revived).toMatchObject({
      state: 'connected',
      isCharging: true,
      stripeEndpointId: null,
      isEndpointOurs: false,
    })
    expect(revived.endpointToken).not.toBe(endpointToken)
    expect(await listTargets(ground().database, 'endpoint_token', endpointToken)).toEqual([])
    expect(await listTargets(ground().database, 'endpoint_token', revived.endpointToken)).toHaveLength(1)
    const states = await inScope(ground().database, scope, (rows) =>
      rows
        .selectFrom('app.connections')
        .select('state')
        .where('operator_id', '=', scope.operatorId)
        .orderBy('id')
        .execute(),
    )
    expect(states.map(({ state }) => state)).toEqual(['connected', 'disconnected'])
  })
})
