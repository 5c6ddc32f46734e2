/** The whole database as text, to be searched for what must not be in it. */
import { sql } from 'kysely'
import { openDatabase } from '#platform'
import type { Product } from '#test/product'

/** Every row of every table, as JSON, one text per table; bytes are added as the text they are. */
export async function dump(product: Product): Promise<ReadonlyMap<string, string>> {
  const { database } = product.ground
  const { ownerUrl: url, clock } = product
  const whole = url === undefined ? database : await openDatabase({ clock, url, poolSize: 1 })
  const { rows: names } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`.execute(whole.handle)
  const tables = new Map<string, string>()
  for (const { schema, name } of names) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(`${schema}.${name}`)} t`.execute(whole.handle)
    const text = rows.map(({ row }) => row).join(',')
    const bytes = text.matchAll(/\\\\x([0-9a-f]{2,})/g).map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1'))
    tables.set(`${schema}.${name}`, text)
    tables.set(`the bytes of ${schema}.${name}`, [...bytes].join('\n'))
  }
  if (whole !== database) await whole.close()
  return tables
}
