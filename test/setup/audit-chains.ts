/** Chains of the audit log as tests want them: written entry by entry by the product, and then changed behind its back. */
import { sql, type RawBuilder } from 'kysely'
import { inject } from 'vitest'
import { actAs, noteAlone, type Actor } from '#audit'
import type { Scope } from '#kernel'
import { openDatabase } from '#platform'
import type { TestGround } from './databases.ts'

/** Somebody who changes things. */
export const ada: Actor = {
  kind: 'person',
  id: '0198c1d2-0000-7000-8000-0000000000ab',
  name: 'Ada Quill',
  sessionId: 's1',
  ipPrefix: '203.0.113.0/24',
  requestId: 'req_1',
}

type Ground = Pick<TestGround, 'database'>

export function writeEntries({ database }: Ground, scope: Scope, count: number): Promise<void> {
  const note = { action: 'connection.keys_saved', object: { kind: 'connection', id: 'con_1' } }
  const entry = (number: number) => actAs(ada, () => noteAlone(database, scope, { ...note, after: { number } }))
  return Array.from({ length: count }, (_, number) => number).reduce(
    (before, number) => before.then(() => entry(number)),
    Promise.resolve(),
  )
}

/** As whoever owns the tables, which no rule of the application binds. */
export async function tamper(
  { kind, database }: TestGround,
  ...statements: readonly RawBuilder<unknown>[]
): Promise<void> {
  if (kind === 'pglite') {
    for (const statement of statements) await statement.execute(database.handle)
    return
  }
  const found = await sql<{ name: string }>`select current_database() as name`.execute(database.handle)
  const url = Object.assign(new URL(inject('postgresOwnerUrl')), { pathname: `/${found.rows[0]!.name}` }).href
  const owner = await openDatabase({ clock: database.clock, url, poolSize: 1 })
  const force = (word: string) =>
    sql.raw(
      `alter table app.audit_entries ${word} row level security; alter table app.audit_heads ${word} row level security`,
    )
  for (const statement of [force('no force'), ...statements, force('force')]) await statement.execute(owner.handle)
  await owner.close()
}

/** The end of the chain as it would stand had it never gone on. */
export const cutWithEnd = ({ operatorId }: Scope, after: number) => [
  sql`delete from app.audit_entries where operator_id = ${operatorId} and seq > ${after}`,
  sql`update app.audit_heads h set seq = ${after}, hash = coalesce(
    (select hash from app.audit_entries e where e.operator_id = h.operator_id and e.seq = ${after}), ${'0'.repeat(64)})
    where operator_id = ${operatorId}`,
]
