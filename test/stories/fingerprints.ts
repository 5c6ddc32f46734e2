/** What an operator's rows are, in one word per table: the same word before and after means that not one byte of them changed. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { inScope, openDatabase } from '#platform'
import { eventually, type Product, type Session } from '#test/product'

export type Fingerprints = Readonly<Record<string, string>>

/**
 * Every table of schema `app` that knows operators, in both modes, read under the operator's own scope; without those the watch for
 * troubles writes by itself at any time.
 */
export async function readFingerprints(product: Product, operatorId: string): Promise<Fingerprints> {
  const { database } = product.ground
  const found: Record<string, string> = {}
  for (const mode of ['test', 'live'] as const) {
    await inScope(database, { operatorId, mode }, async (rows) => {
      const { rows: tables } = await sql<{ name: string }>`
        select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'app' and c.relkind = 'r'
          and c.relname not in ('troubles', 'diagnosis_asks') and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'operator_id')
        order by 1`.execute(rows)
      const prints = tables.map(
        ({ name }) => sql`
          select ${sql.lit(name)} as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print
          from ${sql.table(`app.${name}`)} t where operator_id = ${operatorId}`,
      )
      const seen = await sql<{ name: string; print: string }>`${sql.join(prints, sql` union all `)}`.execute(rows)
      for (const { name, print } of seen.rows) found[`${name} ${mode}`] = print
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

const unfinished = new Set(['received', 'processing', 'retry'])

/** Nothing is on the road from Stripe, and what came is counted: a connection notes when it was last sent something. */
export async function untilDelivered({ sandbox, ground }: Product): Promise<void> {
  await sandbox.stripe.runDue()
  await ground.receiver.settle()
}

/** Stripe's news are worked on and the mails are out, so that whatever changes from now on was changed by the test. */
export async function untilAtRest(product: Product, session: Session, operatorId: string): Promise<void> {
  const { database } = product.ground
  const look = async () => {
    await untilDelivered(product)
    const { rows: events } = await session.good('GET', '/webhooks/events?limit=100')
    const due = await sql<{ name: string }>`
      select name from pgboss.job where state in ('created', 'retry', 'active') and start_after <= now()`.execute(
      database.handle,
    )
    const mails = await inScope(database, { operatorId, mode: session.mode }, (rows) =>
      rows.selectFrom('app.mail_outbox').select('id').where('state', '=', 'waiting').execute(),
    )
    const news = events.filter(({ state }: { state: string }) => unfinished.has(state))
    return [...news, ...due.rows, ...mails]
  }
  // What ends between two looks may have set something off that the first of them was too early for.
  const lookTwice = async () => [...(await look()), ...(await look())]
  await eventually(lookTwice, (underway) => underway.length === 0)
}

const hourMs = 3_600_000

/** Whatever waits for its time waits longer, also what the job that was under way plans at its end; what was due is done. */
export async function holdJobs({ ground: { jobs } }: Product): Promise<void> {
  await eventually(
    async () => {
      await jobs.shift(-hourMs)
      return jobs.outlook()
    },
    ({ isBusy, waiting }) =>
      !isBusy && waiting.every(({ startAfter }) => startAfter.getTime() > Date.now() + hourMs / 2),
  )
}

export async function operatorIdOf(product: Product, { slug }: Session): Promise<string> {
  const all = product.ground.database.handle.selectFrom('app.operators').select('id')
  return (await all.where('slug', '=', slug).executeTakeFirstOrThrow())['id']
}

/**
 * The rows of every operator at once, one word per table and operator. On PostgreSQL as the role that owns the tables; on the embedded
 * database the product's own handle sees everything.
 */
export async function readAllFingerprints(product: Product): Promise<ReadonlyMap<string, Fingerprints>> {
  const { ownerUrl: url, clock, ground } = product
  // Deliveries are counted a moment after they were answered.
  await ground.receiver.settle()
  const whole = url === undefined ? ground.database : await openDatabase({ clock, url, poolSize: 1 })
  try {
    const { rows: tables } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'app' and c.relkind = 'r' and c.relname not in ('troubles', 'diagnosis_asks')
        and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'operator_id')
      order by 1`.execute(whole.handle)
    expect(tables.length).toBeGreaterThan(20)
    const prints = tables.map(
      ({ name }) => sql`
        select operator_id::text as operator, ${sql.lit(name)} as name,
          count(*) || ' ' || md5(string_agg(t::text, '|' order by t::text)) as print
        from ${sql.table(`app.${name}`)} t group by operator_id`,
    )
    const seen = await sql<{
      operator: string
      name: string
      print: string
    }>`${sql.join(prints, sql` union all `)}`.execute(whole.handle)
    const byOperator = Map.groupBy(seen.rows, ({ operator }) => operator)
    return new Map(
      [...byOperator].map(([operator, rows]) => [
        operator,
        Object.fromEntries(rows.map(({ name, print }) => [name, print])),
      ]),
    )
  } finally {
    if (whole !== ground.database) await whole.close()
  }
}

/** Which operators have rows that are not as they were, and in which tables. */
export function differencesOf(
  before: ReadonlyMap<string, Fingerprints>,
  after: ReadonlyMap<string, Fingerprints>,
): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {}
  for (const operator of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(operator) ?? {}, after.get(operator) ?? {}]
    const tables = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name])
    if (tables.length > 0) found[operator] = tables.toSorted()
  }
  return found
}
