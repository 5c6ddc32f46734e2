import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { candidateSecrets, createEndpoint, getConnection, listEndpointSecrets } from '#connections'
import type { Scope } from '#kernel'
import { inScope, listFacts } from '#platform'
import { endpointEvents } from '#stripe'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { recordDeliveries } from './deliveries.ts'
import { driveRotation } from './drive-rotation.ts'
import { cancelRotation, confirmRotation, endOldSecret } from './rotation-choices.ts'
import type { OverlapHours } from './rotation.ts'
import { startRotation } from './start-rotation.ts'
import { findLatestRotation, lockRotation, updateRotation } from './store.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

const hour = 3_600_000

eachDatabase('rotation', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)
  const turn = (ms: number) => ground().clock.advance(ms)

  // Time stands, so that what is exact is exact however busy the machine is; each of our steps takes a second.
  beforeEach(() => ground().clock.standAt(ground().clock.now()))

  async function connected() {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(there(), sandbox, scope)
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    const { endpointToken } = await inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))
    const url = `http://127.0.0.1:1/api/stripe/webhook/${endpointToken}`
    const [old] = await atStripe(url)
    return { scope, connectionId, url, endpointToken, oldId: old?.id ?? 'none' }
  }
  // They all stand on one account, which has room for 16.
  afterEach(async () => {
    const left = await sandbox.gateway.listEndpoints(sandbox.scopeOf())
    for (const { id } of left)
      await sandbox.gateway.deleteEndpoint(sandbox.scopeOf(), id, { idempotencyKey: `clear:${id}` })
  })
  type Desk = Awaited<ReturnType<typeof connected>>

  const atStripe = async (url: string) =>
    (await sandbox.gateway.listEndpoints(sandbox.scopeOf())).filter((endpoint) => endpoint.url === url)
  const start = (
    { scope }: Desk,
    wish: { path?: 'paste' | 'create' | 'leak'; webhookSecret?: string; overlapHours?: OverlapHours } = {},
  ) => {
    turn(1_000)
    return startRotation(there(), { scope, actor: 'Owner', path: 'create', ...wish })
  }
  const read = async ({ scope, connectionId }: Desk) => {
    const found = await inScope(ground().database, scope, (rows) => findLatestRotation(rows, connectionId))
    if (!found) throw new Error('there is no rotation')
    return found
  }
  const drive = async (desk: Desk) => {
    await driveRotation(there(), desk.scope, (await read(desk)).id)
    return (await read(desk)).state
  }
  const choose = async (desk: Desk, deed: typeof cancelRotation) =>
    deed(there(), { scope: desk.scope, id: (await read(desk)).id })
  const valid = async ({ endpointToken }: Desk, at = ground().clock.now()) =>
    (await candidateSecrets(ground().database, ground().box, { endpointToken, now: at })).map(
      ({ endpointSecretId }) => endpointSecretId,
    )
  const secrets = ({ scope, connectionId }: Desk) =>
    inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))
  const deliver = ({ scope, connectionId }: Desk, secretId: string, count = 1) =>
    inScope(ground().database, scope, (rows) =>
      recordDeliveries(rows, { connectionId, verified: { [secretId]: count }, refused: 0, at: rows.clock.now() }),
    )
  /** To the state in which both secrets are accepted and both endpoints send everything. */
  async function overlapping(wish: Parameters<typeof start>[1] = {}) {
    const desk = await connected()
    expect(await start(desk, wish)).toMatchObject({ ok: true })
    turn(2_000)
    await drive(desk)
    return desk
  }

  test('STR-59: the second endpoint first gets one rare event, and the rest when every process knows its secret', async () => {
    const desk = await connected()
    expect(await start(desk)).toMatchObject({ ok: true })

    expect(await read(desk)).toMatchObject({ state: 'created', oldEndpointId: desk.oldId, oldEndsAt: null })
    const [second] = (await atStripe(desk.url)).filter(({ id }) => id !== desk.oldId)
    expect(second).toMatchObject({ enabledEvents: ['customer.deleted'], apiVersion: '2026-10-28.endive' })
    expect(second?.metadata).toMatchObject({ rotation_of: desk.oldId })
    expect(await valid(desk)).toHaveLength(2)
    turn(1_999)
    expect(await drive(desk)).toBe('created')

    turn(1)
    expect(await drive(desk)).toBe('overlap')
    const both = await atStripe(desk.url)
    expect(both.map(({ isEnabled }) => isEnabled)).toEqual([true, true])
    for (const { enabledEvents } of both) expect(new Set(enabledEvents)).toEqual(new Set(endpointEvents))
  })

  test('STR-58 STR-59: old and new are valid for exactly 24 hours, then only the new one, and the old endpoint is deleted', async () => {
    const desk = await overlapping()
    const { oldEndsAt, newSecretId } = await read(desk)
    const end = oldEndsAt?.getTime() ?? 0
    expect(end - ground().clock.now().getTime()).toBe(24 * hour)

    expect(await valid(desk, new Date(end - 1_000))).toHaveLength(2)
    expect(await valid(desk, new Date(end - 1))).toHaveLength(2)
    expect(await valid(desk, new Date(end))).toEqual([newSecretId])
    await deliver(desk, newSecretId ?? '')
    expect(await drive(desk)).toBe('disabled')
    expect((await atStripe(desk.url)).map(({ id, isEnabled }) => [id === desk.oldId, isEnabled]).toSorted()).toEqual([
      [false, true],
      [true, false],
    ])
    turn(end - ground().clock.now().getTime())
    expect(await drive(desk)).toBe('done')

    expect((await atStripe(desk.url)).map(({ id }) => id)).toEqual([(await read(desk)).newEndpointId])
    const facts = await inScope(ground().database, desk.scope, (rows) =>
      listFacts(rows, { connection: desk.connectionId }),
    )
    expect(facts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['webhook.rotation_started', 'webhook.rotated']),
    )
  })

  test('STR-59: without a delivery it waits for Confirm or for the 24 hours, and the old secret cannot be ended by hand', async () => {
    const desk = await overlapping()
    expect(await drive(desk)).toBe('overlap')
    expect(await choose(desk, endOldSecret)).toMatchObject({ refusal: { code: 'not_proven' } })

    expect(await choose(desk, confirmRotation)).toMatchObject({ ok: true })
    expect(await read(desk)).toMatchObject({ state: 'disabled' })
    expect(await valid(desk)).toHaveLength(2)
    expect(await choose(desk, confirmRotation)).toMatchObject({ refusal: { code: 'nothing_to_confirm' } })
    expect(await choose(desk, cancelRotation)).toMatchObject({ refusal: { code: 'too_late_to_cancel' } })
  })

  test('UI-152: once the new secret has verified a delivery the old one can be ended now', async () => {
    const desk = await overlapping()
    const { newSecretId } = await read(desk)
    await deliver(desk, newSecretId ?? '')

    expect(await choose(desk, endOldSecret)).toMatchObject({ ok: true })

    expect(await read(desk)).toMatchObject({ state: 'done' })
    expect(await valid(desk)).toEqual([newSecretId])
    expect(await atStripe(desk.url)).toHaveLength(1)
  })

  test('STR-59: cancelling deletes the new endpoint and the old secret has no end any more', async () => {
    const desk = await overlapping()

    expect(await choose(desk, cancelRotation)).toMatchObject({ ok: true })

    expect(await read(desk)).toMatchObject({ state: 'cancelled', oldEndsAt: null })
    expect((await atStripe(desk.url)).map(({ id }) => id)).toEqual([desk.oldId])
    const [fresh, old] = await secrets(desk)
    expect(old).toMatchObject({ notAfter: null })
    // What the second endpoint sent before it was deleted is still verified.
    expect(fresh?.notAfter && fresh.notAfter > ground().clock.now()).toBe(true)
    expect(await start(desk)).toMatchObject({ ok: true })
  })

  test('STR-59: one whose answer was lost is found by its mark, deleted and made anew', async () => {
    const desk = await connected()
    await sandbox.armFault({ method: 'POST', path: '^/v1/webhook_endpoints$' }, 'empty_200')

    expect(await start(desk)).toMatchObject({ ok: true })
    const [lost, ...more] = (await atStripe(desk.url)).filter(({ id }) => id !== desk.oldId)
    expect(await read(desk)).toMatchObject({ state: 'planned', leasedUntil: null })
    expect([lost?.id, more]).toEqual([expect.stringMatching(/^we_/), []])
    expect(await drive(desk)).toBe('created')

    const [second, ...others] = (await atStripe(desk.url)).filter(({ id }) => id !== desk.oldId)
    expect(others).toEqual([])
    expect(second?.id).not.toBe(lost?.id)
    expect((await read(desk)).newEndpointId).toBe(second?.id)
  })

  test('STR-59: a process that died in the middle of a step holds it for 90 seconds, then another one goes on', async () => {
    for (const died of ['planned', 'created', 'confirmed', 'ending', 'cancelling'] as const) {
      const desk = await connected()
      await start(desk)
      turn(2_000)
      if (died === 'confirmed' || died === 'ending') await drive(desk)
      const { id } = await read(desk)
      // As it stood when the process died: the step was counted and leased, and Stripe may have carried it out.
      await inScope(ground().database, desk.scope, async (rows) => {
        const { attempts } = (await lockRotation(rows, id))!
        const leasedUntil = new Date(rows.clock.now().getTime() + 90_000)
        await updateRotation(rows, id, { state: died, attempts: attempts + 1, leasedUntil })
        if (died === 'planned') await updateRotation(rows, id, { newEndpointId: null, newSecretId: null })
      })
      expect(await drive(desk), died).toBe(died)

      turn(90_000)
      const expected = { planned: 'created', created: 'overlap', confirmed: 'disabled', ending: 'done' } as const
      expect(await drive(desk), died).toBe(died === 'cancelling' ? 'cancelled' : expected[died])
      const { newSecretId } = await read(desk)
      expect(await valid(desk), died).toContain(died === 'ending' ? newSecretId : (await secrets(desk)).at(-1)?.id)
      const left = died === 'ending' || died === 'cancelling' ? 1 : 2
      expect(await atStripe(desk.url), died).toHaveLength(left)
    }
  })

  test('STR-44: a seventeenth endpoint is refused with the list, and nothing is written', async () => {
    const account = await sandbox.control('/accounts', { name: `Full of them ${ground().kind}` })
    const keys = (account['keys'] as { test: { publishable: string; secret: string; restricted: string } }).test
    const full = { account: '', accountId: '', mode: 'test' as const, ...keys }
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(there(), { ...sandbox, keysOf: () => full }, scope)
    await createEndpoint(there(), { scope, actor: 'Owner', isFresh: false })
    for (let place = 0; place < 15; place += 1) {
      await sandbox.gateway.createEndpoint(sandbox.scopeOf(full), {
        url: `https://other.example/${place}`,
        events: ['charge.failed'],
        idempotencyKey: `rotate-full:${ground().kind}:${place}`,
      })
    }
    expect(await startRotation(there(), { scope, actor: 'Owner', path: 'create' })).toMatchObject({
      refusal: { code: 'endpoints_used_up', problem: { cause: expect.stringContaining('https://other.example/14') } },
    })
    expect(await inScope(ground().database, scope, (rows) => findLatestRotation(rows, connectionId))).toBeUndefined()
  })

  test('STR-59: two clicks make one rotation', async () => {
    const desk = await connected()
    const outcomes = await Promise.all([start(desk), start(desk), start(desk)])

    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((outcome) => !outcome.ok).map((outcome) => !outcome.ok && outcome.refusal.code)).toEqual([
      'rotation_under_way',
      'rotation_under_way',
    ])
    expect(await atStripe(desk.url)).toHaveLength(2)
  })

  test.each([
    [24, 24 * hour],
    [1, hour],
  ] as const)('STR-58: a pasted secret leaves the old one %d hours, exactly', async (overlapHours, ms) => {
    const desk = await connected()
    const [old] = await secrets(desk)
    const webhookSecret = `whsec_PastedSecretOf${overlapHours}Hours`

    expect(await start(desk, { path: 'paste', webhookSecret, overlapHours })).toMatchObject({ ok: true })

    const { oldEndsAt, state, startedAt, newSecretId } = await read(desk)
    expect(state).toBe('overlap')
    const end = oldEndsAt?.getTime() ?? 0
    expect(end - startedAt.getTime()).toBe(ms)
    expect(await valid(desk, new Date(end - 1_000))).toContain(old?.id)
    expect(await valid(desk, new Date(end))).toEqual([newSecretId])
    turn(end - ground().clock.now().getTime())
    expect(await drive(desk)).toBe('done')
    expect(await start(desk, { path: 'paste', webhookSecret })).toMatchObject({ refusal: { code: 'same_secret' } })
  })

  test('STR-58: it leaked: the old secret ends now, with a pasted one and with a second endpoint', async () => {
    const pasted = await connected()
    await start(pasted, { path: 'leak', webhookSecret: 'whsec_PastedAfterTheLeak1' })
    expect(await read(pasted)).toMatchObject({ state: 'done' })
    expect(await valid(pasted)).toEqual([(await read(pasted)).newSecretId])

    const made = await overlapping({ path: 'leak' })
    expect(await read(made)).toMatchObject({ state: 'done' })
    expect(await valid(made)).toEqual([(await read(made)).newSecretId])
    expect((await atStripe(made.url)).map(({ id }) => id)).not.toContain(made.oldId)
  })

  test('UI-152: a pasted rotation that is cancelled leaves the old secret valid without an end', async () => {
    const desk = await connected()
    await start(desk, { path: 'paste', webhookSecret: 'whsec_PastedByMistake0001' })

    expect(await choose(desk, cancelRotation)).toMatchObject({ ok: true })

    expect(await read(desk)).toMatchObject({ state: 'cancelled' })
    turn(2 * hour)
    expect(await valid(desk)).toEqual([(await secrets(desk)).at(-1)?.id])
  })

  test('another operator’s rotation is not there', async () => {
    const desk = await overlapping()
    const stranger: { scope: Scope } = await connected()
    const id = (await read(desk)).id

    for (const deed of [cancelRotation, confirmRotation, endOldSecret])
      expect(await deed(there(), { scope: stranger.scope, id })).toMatchObject({
        refusal: { code: 'endpoint_missing' },
      })
    expect(await read(desk)).toMatchObject({ state: 'overlap' })
  })
})
