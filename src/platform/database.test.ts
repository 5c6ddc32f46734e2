import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { breachesOf, eachDatabase } from '#test/databases'
import { inScope, withoutScope, type GlobalHandle } from './database.ts'
import { getFact, listFacts, recordFact } from './facts.ts'
import { guardedFetch } from './http.ts'
import { newId } from './random.ts'

eachDatabase('the way to a row', { jobs: [{ name: 'test.reader', reads: ['invoice.paid'] }] }, (ground) => {
  const scoped = async () => (await ground().makeOperator()).scope

  test('ARC-4: a malformed scope is refused before anything is asked', async () => {
    const injected = { operatorId: "x'; drop table app.facts; --", mode: 'test' as const }
    await expect(inScope(ground().database, injected, async () => 1)).rejects.toThrow('is not a uuid')
    const { operatorId } = await scoped()
    await expect(inScope(ground().database, { operatorId, mode: 'both' as never }, async () => 1)).rejects.toThrow(
      'neither test nor live',
    )
  })

  test('TRU-51: without a scope business tables answer nothing, and another mode sees nothing', async () => {
    const scope = await scoped()
    await inScope(ground().database, scope, (rows) =>
      recordFact(rows, { name: 'renter.created', ids: { renter: 'r' } }),
    )
    const count = (rows: GlobalHandle) =>
      sql<{ count: number }>`select count(*)::int as count from app.facts`.execute(rows)
    expect((await withoutScope(ground().database, count)).rows[0]!.count).toBe(0)
    expect((await inScope(ground().database, { ...scope, mode: 'live' }, count)).rows[0]!.count).toBe(0)
    expect((await inScope(ground().database, scope, count)).rows[0]!.count).toBe(1)
  })

  test('TRU-51: a row of another operator cannot be written either', async () => {
    const [own, other] = [await scoped(), await scoped()]
    const write = inScope(ground().database, own, (rows) =>
      rows
        .insertInto('app.facts')
        .values({
          operator_id: other.operatorId,
          mode: 'test',
          id: newId(rows.clock),
          name: 'renter.created',
          ids: '{}',
          actor: 'x',
          recorded_at: rows.clock.now(),
        })
        .execute(),
    )
    await expect(write).rejects.toThrow('row-level security')
  })

  test('ARC-23: no HTTP and no second transaction inside a transaction', async () => {
    const scope = await scoped()
    await expect(inScope(ground().database, scope, () => guardedFetch('http://127.0.0.1:9/'))).rejects.toThrow(
      'outgoing HTTP inside a transaction',
    )
    const nested = inScope(ground().database, scope, () => inScope(ground().database, scope, async () => 1))
    await expect(nested).rejects.toThrow('a second transaction inside a transaction')
  })

  test('ARC-40: a fact and the job of its reader come together, and go together when rolled back', async () => {
    const scope = await scoped()
    const { database } = ground()
    const waiting = () =>
      sql<{
        count: number
      }>`select count(*)::int as count from pgboss.job where name = 'test.reader' and data->>'operatorId' = ${scope.operatorId}`.execute(
        database.handle,
      )
    const rolledBack = inScope(database, scope, async (rows) => {
      await recordFact(rows, { name: 'invoice.paid', ids: { invoice: 'i' } })
      throw new Error('changed its mind')
    })
    await expect(rolledBack).rejects.toThrow('changed its mind')
    expect((await waiting()).rows[0]!.count).toBe(0)
    const id = await inScope(database, scope, (rows) =>
      recordFact(rows, { name: 'invoice.paid', ids: { invoice: 'i', renter: 'r' }, actor: 'test' }),
    )
    expect((await waiting()).rows[0]!.count).toBe(1)
    expect(await inScope(database, scope, (rows) => getFact(rows, id))).toMatchObject({
      name: 'invoice.paid',
      actor: 'test',
    })
    expect(await inScope(database, scope, (rows) => listFacts(rows, { renter: 'r' }))).toHaveLength(1)
    expect(await breachesOf(database, scope)).toEqual([])
  })

  test('PERF-54: what was planned before a migration is planned anew after it', async ({ skip }) => {
    const { pool } = ground().database
    if (!pool) return skip('the embedded database plans each statement')
    const client = await pool.connect()
    try {
      await client.query('create temp table growing (a integer)')
      const ask = () => client.query('select * from growing where $1 = 1', [1])
      for (let time = 0; time < 4; time += 1) expect((await ask()).fields).toHaveLength(1)
      await client.query('alter table growing add column b integer')
      await expect(ask()).rejects.toThrow('cached plan')
      expect((await ask()).fields).toHaveLength(2)
    } finally {
      client.release(true)
    }
  })
})
