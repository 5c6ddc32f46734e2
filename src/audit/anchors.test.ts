import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope, newId, systemClock, tokenHash, type ScopedHandle } from '#platform'
import { cutWithEnd, tamper, writeEntries } from '#test/audit-chains'
import { eachDatabase, type TestGround } from '#test/databases'
import { lineOf } from './anchor.ts'
import { chainStart, hashOf } from './entry.ts'
import { createAnchorRounds, verifyChain, verifyChains } from './index.ts'
import { listChain } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'rentroll-anchors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = () => join(folder, `${newId(systemClock)}.jsonl`)

/** Another story in the place of entry `from`, and every hash from there on recounted as the product would. */
async function rewrite(ground: TestGround, scope: Scope, from: bigint): Promise<void> {
  const entries = await inScope(ground.database, scope, (rows) => listChain(rows, 0n, 1_000))
  let prevHash = entries.find(({ seq }) => seq === from - 1n)?.hash ?? chainStart
  const statements = entries
    .filter(({ seq }) => seq >= from)
    .map((entry) => {
      const told = { ...entry, prevHash, after: entry.seq === from ? '{"number":999}' : entry.after }
      const hash = hashOf(scope.operatorId, told)
      prevHash = hash
      return sql`update app.audit_entries set values_after = ${told.after}, prev_hash = ${told.prevHash}, hash = ${hash}
        where operator_id = ${scope.operatorId} and seq = ${String(entry.seq)}`
    })
  await tamper(
    ground,
    ...statements,
    sql`update app.audit_heads set hash = ${prevHash} where operator_id = ${scope.operatorId}`,
  )
}

eachDatabase('anchors of the audit log', {}, (ground) => {
  const operators: string[] = []
  const five = async (): Promise<Scope> => {
    const { scope } = await ground().makeOperator()
    operators.push(scope.operatorId)
    await writeEntries(ground(), scope, 5)
    return scope
  }
  const rounds = (file: string | undefined, scopes: readonly Scope[]) => {
    const { database, logs } = ground()
    const listOperatorIds = async () => scopes.map(({ operatorId }) => operatorId)
    return createAnchorRounds({ database, logs, file, listOperatorIds })
  }
  const anchored = async (...scopes: readonly Scope[]): Promise<string> => {
    const file = fresh()
    await rounds(file, scopes)()
    return file
  }
  const verify = async (file: string | undefined, ...scopes: readonly Scope[]) => {
    const listOperatorIds = async () => scopes.map(({ operatorId }) => operatorId)
    return verifyChains(ground().database, { file, listOperatorIds })
  }
  const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const told = () =>
    ground()
      .logLines.map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'audit log anchored')

  describe('TRU-97: told outside', () => {
    test('every end that moved since the last round, once, to the log and to the file', async () => {
      const [first, second] = [await five(), await five()]
      const { scope: silent } = await ground().makeOperator()
      const file = fresh()
      const before = told().length
      const round = rounds(file, [first, second, silent])

      await round()
      await round()
      await writeEntries(ground(), second, 1)
      await round()

      expect(linesOf(file).map((line) => JSON.parse(line))).toMatchObject([
        { operatorId: first.operatorId, seq: 5 },
        { operatorId: second.operatorId, seq: 5 },
        { operatorId: second.operatorId, seq: 6 },
      ])
      const [all, moved, ...more] = told().slice(before)
      expect(more).toEqual([])
      expect([all, moved]).toMatchObject([
        { heads: 2, waiting: 0, digest: tokenHash(linesOf(file).slice(0, 2).join('\n')) },
        { heads: 1, waiting: 0, named: [expect.stringContaining(`${second.operatorId} 6 `)] },
      ])
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(await verify(file, first, second, silent)).toEqual({
        operators: 3,
        entries: 11n,
        anchors: 3,
        unreadable: 0,
        wrong: [],
      })
    })

    test('a line of the log names a hundred; the others come next, unless the file has them', async () => {
      const { scope } = await ground().makeOperator()
      const many = Array.from({ length: 230 }, () => newId(ground().clock))
      for (const operatorId of many) await writeEntries(ground(), { ...scope, operatorId }, 1)
      const scopes = many.map((operatorId) => ({ ...scope, operatorId }))
      const before = told().length
      const onlyLog = rounds(undefined, scopes)
      for (let count = 0; count < 4; count += 1) await onlyLog()

      const lines = told().slice(before)
      expect(lines.map(({ heads, named, waiting }) => [heads, named.length, waiting])).toEqual([
        [230, 100, 130],
        [130, 100, 30],
        [30, 30, 0],
      ])
      expect(lines.flatMap(({ named }) => named.map((text: string) => text.split(' ')[0]))).toEqual(many)
      for (const line of ground().logLines.slice(-4)) expect(line.length).toBeLessThan(16_000)

      const file = await anchored(...scopes)
      expect(linesOf(file)).toHaveLength(230)
      expect(told().at(-1)).toMatchObject({ heads: 230, waiting: 0 })
    })

    test('a file that cannot be written stops nothing, is logged, and gets everything once it can be', async () => {
      const scope = await five()
      const file = join(folder, newId(systemClock), 'anchors.jsonl')
      const round = rounds(file, [scope])
      await round()
      const [line] = ground()
        .logLines.slice(-2)
        .map((text) => JSON.parse(text))
      expect(line).toMatchObject({ level: 50, file, waiting: 1, error: expect.stringContaining('ENOENT') })
      expect(line.msg).toContain('AUDIT_ANCHOR_FILE')
      expect(told().at(-1)).toMatchObject({ heads: 1, named: [expect.stringContaining(scope.operatorId)] })

      mkdirSync(join(file, '..'))
      await round()
      expect(linesOf(file).map((text) => JSON.parse(text))).toMatchObject([{ operatorId: scope.operatorId, seq: 5 }])
    })

    test('the file is there after the first round, also when nothing was told', async () => {
      expect(existsSync(await anchored())).toBe(true)
    })
  })

  describe('TRU-21: what was done to a chain is found and named', () => {
    test('edited, taken out, exchanged and cut off the end, each alone', async () => {
      const [edited, deleted, swapped, cut] = [await five(), await five(), await five(), await five()]
      const file = await anchored(edited, deleted, swapped, cut)
      await tamper(
        ground(),
        sql`update app.audit_entries set values_after = '{"number":9}' where operator_id = ${edited.operatorId} and seq = 3`,
        sql`delete from app.audit_entries where operator_id = ${deleted.operatorId} and seq = 2`,
        sql`update app.audit_entries a set (values_after, hash) = (select b.values_after, b.hash from app.audit_entries b
          where b.operator_id = a.operator_id and b.seq = case a.seq when 2 then 4 else 2 end)
          where operator_id = ${swapped.operatorId} and seq in (2, 4)`,
        sql`delete from app.audit_entries where operator_id = ${cut.operatorId} and seq > 3`,
      )
      const { wrong } = await verify(file, edited, deleted, swapped, cut)
      expect(wrong).toEqual([
        { operatorId: edited.operatorId, seq: 3n, words: 'entry 3 was changed' },
        { operatorId: deleted.operatorId, seq: 2n, words: 'entry 2 is missing' },
        { operatorId: swapped.operatorId, seq: 2n, words: 'entry 2 was changed' },
        { operatorId: cut.operatorId, seq: 4n, words: 'cut after entry 3: the end of the chain says 5' },
      ])
      expect((await verify(undefined, edited, deleted, swapped, cut)).wrong).toEqual(wrong)
    })

    test('cut together with its end, or taken out altogether: only the anchor tells', async () => {
      const [cut, gone, whole] = [await five(), await five(), await five()]
      const file = await anchored(cut, gone, whole)
      await tamper(
        ground(),
        ...cutWithEnd(cut, 3),
        sql`delete from app.audit_entries where operator_id = ${gone.operatorId}`,
        sql`delete from app.audit_heads where operator_id = ${gone.operatorId}`,
      )
      expect((await verify(undefined, cut, gone, whole)).wrong).toEqual([])
      // Nobody knows of the second operator any more but the file.
      expect((await verify(file, cut, whole)).wrong).toEqual([
        { operatorId: cut.operatorId, seq: 4n, words: 'cut after seq 3 (anchor says 5)' },
        { operatorId: gone.operatorId, seq: 1n, words: 'cut after seq 0 (anchor says 5)' },
      ])
    })

    test('an entry exchanged and every hash recounted: only the anchor tells, also when it was anchored again since', async () => {
      const scope = await five()
      const file = fresh()
      const round = rounds(file, [scope])
      await round()
      await rewrite(ground(), scope, 3n)
      await writeEntries(ground(), scope, 2)
      await round()
      expect((await verify(undefined, scope)).wrong).toEqual([])
      const at = JSON.parse(linesOf(file)[0]!).at
      expect((await verify(file, scope)).wrong).toEqual([
        { operatorId: scope.operatorId, seq: 5n, words: `entry 5 is not the one that was anchored at ${at}` },
      ])
    })

    test('an end that was put back, exchanged or taken out', async () => {
      const [back, other, none] = [await five(), await five(), await five()]
      await tamper(
        ground(),
        sql`update app.audit_heads h set seq = 3, hash = (select hash from app.audit_entries e
          where e.operator_id = h.operator_id and e.seq = 3) where operator_id = ${back.operatorId}`,
        sql`update app.audit_heads set hash = ${'f'.repeat(64)} where operator_id = ${other.operatorId}`,
        sql`delete from app.audit_heads where operator_id = ${none.operatorId}`,
      )
      expect((await verify(undefined, back, other, none)).wrong.map(({ seq, words }) => [seq, words])).toEqual([
        [4n, 'entries go on to 5: the end of the chain says 3'],
        [5n, 'entry 5 is not the one at the end of the chain'],
        [1n, 'entries go on to 5: the end of the chain says 0'],
      ])
    })
  })

  test('TRU-97: a line half written at the end is passed over, and ended by whoever writes next', async () => {
    const scope = await five()
    const file = await anchored(scope)
    await writeEntries(ground(), scope, 1)
    const half = lineOf({ operatorId: scope.operatorId, seq: 6n, hash: 'a'.repeat(64), at: new Date(0) }).slice(0, 80)
    appendFileSync(file, half)
    expect(await verify(file, scope)).toMatchObject({ anchors: 1, unreadable: 1, wrong: [] })

    await rounds(file, [scope])()
    expect(linesOf(file).map((line) => line.length)).toEqual([expect.any(Number), 80, expect.any(Number)])
    expect(await verify(file, scope)).toMatchObject({ anchors: 2, unreadable: 1, wrong: [] })
    await tamper(ground(), ...cutWithEnd(scope, 5))
    expect((await verify(file, scope)).wrong).toMatchObject([{ words: 'cut after seq 5 (anchor says 6)' }])
  })

  test('TRU-97: a file that is not there is an error and not a whole chain', async () => {
    await expect(verify(fresh(), await five())).rejects.toThrow('ENOENT')
  })

  test('TRU-97: the very first entries, written while the chain is walked, are no cut', async ({ skip }) => {
    skip(ground().kind === 'pglite', 'the embedded database has one transaction at a time')
    const { scope } = await ground().makeOperator()
    const walked = Promise.withResolvers<void>()
    const written = walked.promise.then(() => writeEntries(ground(), scope, 2))
    let readings = 0
    const report = await inScope(ground().database, scope, (rows) => {
      // After the first look at the entries, which finds none, and before the next look at the end.
      const slow = rows.withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          readings += 1
          if (readings === 2) walked.resolve()
          if (readings === 2) await written
          return result
        },
      })
      return verifyChain(Object.assign(slow, { scope: rows.scope, clock: rows.clock }) as ScopedHandle)
    })
    expect(report).toEqual({ entries: 2n })
  })
})
