/**
 * Master keys and the secrets under them, on both databases. Values are really sealed and really stored; the hostile ones (a death half
 * way, two at once, somebody who writes meanwhile) meet the same code the command runs.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import {
  createSecretBox,
  inScope,
  newId,
  openKeyProvider,
  Secret,
  sealedUnder,
  withoutScope,
  type SecretBox,
} from '#platform'
import { eachDatabase, type TestGround, type TestOperator } from '#test/databases'
import { forgetLostKey } from './forget-lost-key.ts'
import { isKeyNeeded } from './is-key-needed.ts'
import { openSecretBox } from './open-secret-box.ts'
import { rewrapAll } from './rewrap-all.ts'
import { sealedColumns } from './sealed-columns.ts'
import { listSealed, replaceSealed, type Stored } from './store.ts'
import { verifyAll } from './verify-all.ts'
import { walkSealed, type Walk } from './walk.ts'

const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
const onlyOlder = openKeyProvider({ key: older })
const onlyNewer = openKeyProvider({ key: newer })
/** As processes are restarted one by one: both open both, each seals with its own. */
const olderFirst = openKeyProvider({ key: older, accepted: [newer] })
const newerFirst = openKeyProvider({ key: newer, accepted: [older] })
const text = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc'

type Kept = { readonly operator: TestOperator; readonly connectionId: string }

eachDatabase('keys', {}, (ground) => {
  let box: { older: SecretBox; newer: SecretBox }
  let operators: Kept[]
  const database = () => ground().database
  const walk = () => ({ database: database(), operatorIds: operators.map(({ operator }) => operator.scope.operatorId) })

  beforeAll(async () => {
    operators = []
    const before = await openSecretBox(database(), onlyOlder)
    box = { older: before, newer: await openSecretBox(database(), newerFirst) }
    for (const mode of ['test', 'live', 'test', 'live'] as const)
      operators.push(await keepSecrets(ground(), { box: box.older, operator: await ground().makeOperator(mode) }))
  })

  /** Everything back under the older key, as if it had never been another. */
  async function undo(): Promise<void> {
    await rewrapAll(await openSecretBox(database(), olderFirst), walk())
    expect(await keyIdsOf(walk())).toEqual({ [onlyOlder.newest]: 3 * operators.length + 1 })
  }

  test('TRU-75: sessions and fingerprints outlive every master key', () => {
    expect(box.newer.derive('sessions').equals(box.older.derive('sessions'))).toBe(true)
    expect(box.newer.fingerprint(new Secret(text))).toBe(box.older.fingerprint(new Secret(text)))
    expect(createSecretBox(onlyOlder, randomBytes(32)).derive('sessions')).not.toEqual(box.older.derive('sessions'))
  })

  test('TRU-33: every value comes under the newer key, only its wrapping changes, and a second run finds nothing', async () => {
    const before = await sealedOf(operators[0]!, ground())
    const first = await rewrapAll(box.newer, walk())
    const count = 3 * operators.length + 1
    expect(first).toMatchObject({ rewrapped: count, faults: [], forgotten: [onlyOlder.newest] })
    expect([...first.byKey]).toEqual([[onlyNewer.newest, count]])
    const after = await sealedOf(operators[0]!, ground())
    expect(after.map((sealed) => sealed.split('|')[4])).toEqual(before.map((sealed) => sealed.split('|')[4]))
    expect(await rewrapAll(box.newer, walk())).toMatchObject({ rewrapped: 0, walks: 1, forgotten: [] })
    const alone = await openSecretBox(database(), onlyNewer)
    expect(await verifyAll(alone, walk())).toEqual({ opened: count, faults: [] })
    await undo()
  })

  test('TRU-242: a start without a key that stored values need is refused with its id and the cure', async () => {
    await expect(openSecretBox(database(), onlyNewer)).rejects.toThrow(
      `Stored secrets need master key ${onlyOlder.newest}; at hand is ${onlyNewer.newest}. Give that key as well`,
    )
    expect(await isKeyNeeded(database(), onlyOlder.newest)).toBe(true)
    const closed = await verifyAll(createSecretBox(onlyNewer, randomBytes(32)), walk())
    expect(closed.opened).toBe(0)
    expect(closed.faults).toHaveLength(3 * operators.length + 1)
    expect(closed.faults[0]).toContain(`A stored secret needs master key ${onlyOlder.newest}`)
    expect(closed.faults.join()).not.toContain(text)
  })

  test('TRU-33: a run that dies half way is finished by the next one, and everything opens in between', async () => {
    const dying = Object.defineProperty([...walk().operatorIds], 2, {
      get: () => {
        throw new Error('killed')
      },
    })
    await expect(rewrapAll(box.newer, { ...walk(), operatorIds: dying, batch: 1 })).rejects.toThrow('killed')
    expect(await keyIdsOf(walk())).toEqual({ [onlyNewer.newest]: 6, [onlyOlder.newest]: 7 })
    for (const either of [await openSecretBox(database(), olderFirst), box.newer])
      expect(await verifyAll(either, walk())).toEqual({ opened: 13, faults: [] })
    expect(await rewrapAll(box.newer, walk())).toMatchObject({ rewrapped: 7, faults: [] })
    expect(await keyIdsOf(walk())).toEqual({ [onlyNewer.newest]: 13 })
    await undo()
  })

  test('TRU-33: two runs at once wrap each value once', async () => {
    const both = await Promise.all([rewrapAll(box.newer, walk()), rewrapAll(box.newer, walk())])
    expect(both.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(13)
    expect(await keyIdsOf(walk())).toEqual({ [onlyNewer.newest]: 13 })
    await undo()
  })

  test('TRU-33: what a process with the older key writes meanwhile is neither lost nor left behind', async () => {
    const late = await openSecretBox(database(), olderFirst)
    const operator = await ground().makeOperator()
    const { connectionId } = await keepSecrets(ground(), { box: late, operator })
    const own = { database: database(), operatorIds: [operator.scope.operatorId] }
    const writing = async () => {
      for (let count = 0; count < 10; count += 1) await addSecret(ground(), { box: late, operator, connectionId })
    }
    await Promise.all([rewrapAll(box.newer, own), writing()])
    expect(await verifyAll(box.newer, own)).toEqual({ opened: 14, faults: [] })
    await rewrapAll(box.newer, own)
    expect(await keyIdsOf(own)).toEqual({ [onlyNewer.newest]: 14 })
    await undo()
  })

  test('TRU-33: a value that was replaced after it was read keeps its new text', async () => {
    const { operator, connectionId } = operators[0]!
    const stored = await listOf(ground(), operator)
    const key = stored.find(({ column }) => column.field === 'connections.secret_key')!
    const replaced = box.older.seal(new Secret('sk_test_another'), keyPlace(operator, connectionId))
    await setKey(ground(), { operator, connectionId, sealed: replaced })
    const wrapped = box.newer.rewrap(key.sealed, operator.scope.operatorId)!
    const change = { stored: key, after: wrapped }
    expect((await withoutScope(database(), (rows) => replaceSealed(rows, [change]))).size).toBe(0)
    expect(await sealedOf(operators[0]!, ground())).toContain(replaced)
  })

  test('TRU-31: a sealed value put into another operator, row or column does not open, and re-wrapping cannot hide that', async () => {
    const [mine, yours] = [operators[0]!, operators[2]!]
    const before = await sealedOf(mine, ground())
    const [stolen] = await sealedOf(yours, ground())
    await setKey(ground(), { ...mine, sealed: stolen! })
    const found = await verifyAll(box.newer, walk())
    expect(found).toMatchObject({ opened: 12, faults: [expect.stringContaining(mine.operator.scope.operatorId)] })
    const rewrapped = await rewrapAll(box.newer, walk())
    expect(rewrapped).toMatchObject({ rewrapped: 12, faults: [expect.stringContaining('belongs to somebody else')] })
    expect([...rewrapped.byKey]).toEqual(expect.arrayContaining([[onlyOlder.newest, 1]]))
    expect(rewrapped.forgotten).toEqual([])
    // The value of the next column: whose wrapping fits, and whose content does not.
    await setKey(ground(), { ...mine, sealed: before[1]! })
    await rewrapAll(box.newer, walk())
    expect(await verifyAll(box.newer, walk())).toMatchObject({ opened: 12, faults: [expect.anything()] })
    await setKey(ground(), { ...mine, sealed: before[0]! })
    await undo()
  })

  test('TRU-33: a row somebody holds is passed over without waiting, said, and taken the next time', async () => {
    if (ground().kind === 'pglite') return
    const { operator, connectionId } = operators[1]!
    const gate = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holding = inScope(database(), operator.scope, async (rows) => {
      await rows.updateTable('app.connections').set({ account_name: 'held' }).where('id', '=', connectionId).execute()
      held.resolve()
      await gate.promise
    })
    await held.promise
    const meanwhile = await rewrapAll(box.newer, walk())
    expect(meanwhile).toMatchObject({ rewrapped: 11, forgotten: [], faults: [] })
    expect(meanwhile.byKey.get(onlyOlder.newest)).toBe(2)
    gate.resolve()
    await holding
    expect(await rewrapAll(box.newer, walk())).toMatchObject({ rewrapped: 2, forgotten: [onlyOlder.newest] })
    await undo()
  })

  test('TRU-32: a key that is lost for good can be given up, and then the start is free again', async () => {
    await forgetLostKey(database(), onlyOlder.newest)
    const fresh = await openSecretBox(database(), onlyNewer)
    expect(fresh.derive('sessions').equals(box.older.derive('sessions'))).toBe(false)
    expect((await verifyAll(fresh, walk())).opened).toBe(1)
  })

  const findSealedColumns = async () => {
    const found = await sql<{ name: string }>`
      select namespace.nspname || '.' || relation.relname || ' ' || attribute.attname as name
      from pg_attribute attribute join pg_class relation on relation.oid = attribute.attrelid and relation.relkind in ('r', 'p')
      join pg_namespace namespace on namespace.oid = relation.relnamespace
      where namespace.nspname in ('app', 'auth') and attribute.attname ~ 'sealed' and not attribute.attisdropped order by 1`.execute(
      ground().database.handle,
    )
    return found.rows.map(({ name }) => name)
  }

  test('TRU-33: every sealed column of the schema is registered, and every registered one is there', async () => {
    expect(await findSealedColumns()).toEqual(sealedColumns.map(({ table, column }) => `${table} ${column}`).toSorted())
  })

  test('a sealed column that nobody registered is found', async () => {
    if (ground().kind === 'postgres') return // The serving role may not make tables, and reads the same catalog.
    await sql`create table app.planted (operator_id uuid, token_sealed text)`.execute(ground().database.handle)
    expect(await findSealedColumns()).toContain('app.planted token_sealed')
  })
})

type Keeping = { readonly box: SecretBox; readonly operator: TestOperator }

const keyPlace = ({ scope: { operatorId } }: TestOperator, rowId: string) => ({
  operatorId,
  field: 'connections.secret_key',
  rowId,
})

/** A connection with its key and its probe, and a signing secret, as the product keeps them. */
async function keepSecrets(ground: TestGround, { box, operator }: Keeping): Promise<Kept> {
  const { operatorId, mode } = operator.scope
  const now = ground.clock.now()
  const id = newId(ground.clock)
  await inScope(ground.database, operator.scope, (rows) =>
    rows
      .insertInto('app.connections')
      .values({
        operator_id: operatorId,
        mode,
        id,
        kind: 'own_keys',
        state: 'connected',
        secret_key_sealed: box.seal(new Secret(text), keyPlace(operator, id)),
        probe_sealed: box.seal(new Secret('seti_1|secret'), { operatorId, field: 'connections.probe', rowId: id }),
        endpoint_token: id,
        created_at: now,
        updated_at: now,
      })
      .execute(),
  )
  await addSecret(ground, { box, operator, connectionId: id })
  return { operator, connectionId: id }
}

async function addSecret(
  ground: TestGround,
  { box, operator, connectionId }: Keeping & { readonly connectionId: string },
): Promise<void> {
  const id = newId(ground.clock)
  const { operatorId, mode } = operator.scope
  const place = { operatorId, field: 'endpoint_secrets.sealed', rowId: id }
  await inScope(ground.database, operator.scope, (rows) =>
    rows
      .insertInto('app.endpoint_secrets')
      .values({
        operator_id: operatorId,
        mode,
        id,
        connection_id: connectionId,
        sealed: box.seal(new Secret('whsec_0123456789abcdef'), place),
        fingerprint: '',
        last4: 'cdef',
        source: 'pasted',
        not_before: ground.clock.now(),
        created_by: 'test',
      })
      .execute(),
  )
}

async function setKey(
  ground: TestGround,
  { operator, connectionId, sealed }: Kept & { readonly sealed: string },
): Promise<void> {
  await inScope(ground.database, operator.scope, (rows) =>
    rows.updateTable('app.connections').set({ secret_key_sealed: sealed }).where('id', '=', connectionId).execute(),
  )
}

/** The stored texts of one operator: key, probe, signing secret. */
async function sealedOf({ operator }: Kept, ground: TestGround): Promise<readonly string[]> {
  const stored = await listOf(ground, operator)
  const places = stored.map(({ column, sealed }) => ({ sealed, place: sealedColumns.indexOf(column) }))
  return places.toSorted((one, other) => one.place - other.place).map(({ sealed }) => sealed)
}

function listOf({ database }: TestGround, { scope }: TestOperator): Promise<readonly Stored[]> {
  return withoutScope(database, (rows) => listSealed(rows, [scope.operatorId]))
}

/** How many values stand under which key, the installation's own among them. */
async function keyIdsOf(walk: Walk): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  await walkSealed(walk, async (batch) => {
    for (const { sealed } of batch) counted[sealedUnder(sealed)] = (counted[sealedUnder(sealed)] ?? 0) + 1
  })
  return counted
}
