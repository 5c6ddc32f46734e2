/** What an operator's rows are, in one word per table: the same word before and after means that not one byte of them changed. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { inScope } from '#platform'
import type { Product } from '#test/product'

export type Fingerprints = Readonly<Record<string, string>>

/** Every table of schema `app` that knows operators, in both modes, read under the operator's own scope. */
export async function readFingerprints(product: Product, operatorId: string): Promise<Fingerprints> {
  const { database } = product.ground
  const found: Record<string, string> = {}
  for (const mode of ['test', 'live'] as const) {
    await inScope(database, { operatorId, mode }, async (rows) => {
      const { rows: tables } = await sql<{ name: string }>`
        select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'app' and c.relkind = 'r'
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'operator_id')
        order by 1`.execute(rows)
      for (const { name } of tables) {
        const table = sql.table(`app.${name}`)
        const { rows: seen } = await sql<{ print: string }>`
          select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print
          from ${table} t where operator_id = ${operatorId}`.execute(rows)
        found[`${name} ${mode}`] = seen[0]!.print
      }
    })
  }
  expect(Object.keys(found).length).toBeGreaterThan(40)
  return found
}

/** Runs the deed and finds every row of the operator as it was. */
export async function expectUnchanged<Result>(
  product: Product,
  operatorId: string,
  deed: () => Promise<Result>,
): Promise<Result> {
  const before = await readFingerprints(product, operatorId)
  const result = await deed()
  expect(await readFingerprints(product, operatorId)).toEqual(before)
  return result
}
