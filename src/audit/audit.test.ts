import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { ada } from '#test/audit-chains'
import { eachDatabase } from '#test/databases'
import { actAs, dots, listAudit, noteAlone, noteAudit, verifyChain } from './index.ts'

const keys = { action: 'connection.keys_saved', object: { kind: 'connection', id: 'con_1' } }

eachDatabase('the audit log', {}, (ground) => {
  const chainOf = (scope: Scope) => inScope(ground().database, scope, verifyChain)
  const newest = async (scope: Scope) => {
    const wish = { filter: {}, before: undefined, limit: 10 }
    return (await inScope(ground().database, scope, (rows) => listAudit(rows, wish))).entries
  }
  const five = async (): Promise<Scope> => {
    const { scope } = await ground().makeOperator()
    for (let count = 0; count < 5; count += 1)
      await actAs(ada, () => noteAlone(ground().database, scope, { ...keys, after: { count } }))
    return scope
  }
  /** As somebody would who has the rights of the owner of the tables; only the embedded database lets this test be one. */
  const tamper = (statement: ReturnType<typeof sql>) => statement.execute(ground().database.handle)

  test('TRU-95: an entry says who, what, from where, before and after, with secrets as dots', async () => {
    const { scope } = await ground().makeOperator('live')
    const before = { secretKey: dots('1234'), typed: 'sk_test_51Habc0123456789abcdef' }
    const note = { ...keys, before, after: { secretKey: dots('9876'), webhookSecret: undefined } }
    await actAs(ada, () => noteAlone(ground().database, scope, note))

    const [entry] = await newest(scope)
    expect(entry).toMatchObject({ seq: 1n, mode: 'live', actor: ada, action: keys.action, objectId: 'con_1' })
    expect(entry?.after).toBe('{"secretKey":"••••9876"}')
    expect(entry?.before).not.toContain('51Habc')
    expect(await chainOf(scope)).toEqual({ entries: 1n })
  })

  test('TRU-95: what is rolled back leaves no entry, and what nobody asked for is told by facts alone', async () => {
    const { scope } = await ground().makeOperator()
    const failing = async (rows: ScopedHandle) => {
      noteAudit(rows, keys)
      throw new Error('thought better of it')
    }
    await expect(actAs(ada, () => inScope(ground().database, scope, failing))).rejects.toThrow('thought better of it')
    await noteAlone(ground().database, scope, keys)
    expect(await newest(scope)).toEqual([])
    expect(await chainOf(scope)).toEqual({ entries: 0n })
  })

  test('TRU-96: entries written at once get numbers without gaps, in both modes one chain', async () => {
    const { scope } = await ground().makeOperator()
    const modes = ['test', 'live', 'test', 'live', 'test', 'live'] as const
    await Promise.all(modes.map((mode) => actAs(ada, () => noteAlone(ground().database, { ...scope, mode }, keys))))
    expect((await newest(scope)).map(({ seq }) => seq)).toEqual([6n, 5n, 4n, 3n, 2n, 1n])
    expect(await chainOf(scope)).toEqual({ entries: 6n })
  })

  test('TRU-56: the application itself can neither edit nor delete an entry', async () => {
    const scope = await five()
    for (const verb of [sql`update app.audit_entries set action = 'x'`, sql`delete from app.audit_entries`])
      await expect(inScope(ground().database, scope, (rows) => verb.execute(rows))).rejects.toThrow(/permission denied/)
    expect(await chainOf(scope)).toEqual({ entries: 5n })
  })

  test('TRU-21: an edit, a deletion, an exchange and a cut end are each found and named', async () => {
    if (ground().kind === 'postgres') return
    const [edited, deleted, swapped, cut] = [await five(), await five(), await five(), await five()]
    await tamper(
      sql`update app.audit_entries set values_after = '{"count":9}' where operator_id = ${edited.operatorId} and seq = 3`,
    )
    await tamper(sql`delete from app.audit_entries where operator_id = ${deleted.operatorId} and seq = 2`)
    await tamper(sql`
      update app.audit_entries a set (values_after, hash) = (select b.values_after, b.hash from app.audit_entries b
        where b.operator_id = a.operator_id and b.seq = case a.seq when 2 then 4 else 2 end)
      where operator_id = ${swapped.operatorId} and seq in (2, 4)`)
    await tamper(sql`delete from app.audit_entries where operator_id = ${cut.operatorId} and seq > 3`)

    const found = await Promise.all([edited, deleted, swapped, cut].map(chainOf))
    expect(found.map(({ broken }) => broken?.words)).toEqual([
      'entry 3 was changed',
      'entry 2 is missing',
      'entry 2 was changed',
      'cut after entry 3: the end of the chain says 5',
    ])
  })

  test('UI-108: pages by number, and only what was asked for', async () => {
    const scope = await five()
    const bob = { ...ada, name: 'Bob Stone' }
    await actAs(bob, () =>
      noteAlone(ground().database, scope, { action: 'refund.requested', object: { kind: 'refund', id: '' } }),
    )
    const page = (filter: object, before?: bigint) =>
      inScope(ground().database, scope, (rows) => listAudit(rows, { filter, before, limit: 2 }))
    const first = await page({})
    expect([first.entries.map(({ seq }) => seq), first.next]).toEqual([[6n, 5n], 5n])
    expect((await page({}, first.next)).entries.map(({ seq }) => seq)).toEqual([4n, 3n])
    expect((await page({ actor: 'STONE' })).entries.map(({ action }) => action)).toEqual(['refund.requested'])
    expect((await page({ kind: 'connection', to: new Date(0) })).entries).toEqual([])
  })
})
