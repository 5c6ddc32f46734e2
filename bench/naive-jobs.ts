/** The table of the naive worker: one row for each event, taken one at a time. */
import { runSql, withClient, type BenchDatabase } from './databases.ts'
import type { ServerProcess } from './processes.ts'
import { operatorCount } from './seed.ts'

/** A duplicate is known by its id, as everywhere: it is no second job. */
export async function writeJobs(
  database: BenchDatabase,
  events: readonly { readonly id: string; readonly body: string }[],
) {
  const jobs = events.map(({ id, body }, place) => {
    const intent = /"(pi_3Bench\d+)"/.exec(body)?.[1] ?? ''
    return { id, place, intent, operator: Number(intent.slice(-14)) % operatorCount }
  })
  await withClient(database.ownerUrl, async (client) => {
    await client.query(`create table naive_jobs (id text primary key, place int not null, state text not null default 'waiting',
      operator_id uuid not null, connection_id uuid not null, intent_id text not null)`)
    await client.query(`create index naive_jobs_waiting on naive_jobs (place) where state = 'waiting'`)
    await client.query(
      `insert into naive_jobs (id, place, operator_id, connection_id, intent_id)
       select id, place, md5('operator ' || operator)::uuid, md5('connection ' || operator)::uuid, intent
       from jsonb_to_recordset($1::jsonb) as job (id text, place int, operator int, intent text) on conflict do nothing`,
      [JSON.stringify(jobs)],
    )
  })
}

export async function waitUntilEmpty(database: BenchDatabase, server: ServerProcess): Promise<void> {
  for (;;) {
    server.assertAlive()
    const [row] = await runSql(database.ownerUrl, `select count(*) from naive_jobs where state <> 'done'`)
    if (Number(row?.['count']) === 0) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
