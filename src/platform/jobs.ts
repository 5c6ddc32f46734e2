/**
 * Background work on pg-boss, at least once, so every handler is idempotent (ARC-43). Jobs are enqueued inside the transaction that
 * needs them. pg-boss waits by the wall clock; a turned clock therefore shifts what is waiting (`shift`), so that scheduled work asks
 * the application's clock and not the wall's (ARC-45).
 */
import { sql, type Kysely } from 'kysely'
import { PgBoss, fromKysely, fromPglite, type ConstructorOptions } from 'pg-boss'
import type { Clock } from './clock.ts'
import type { Database, JobLink, JobPayload, JobRequest } from './database.ts'
import type { FactName } from './facts.ts'
import type { Logs } from './logs.ts'
import { newId } from './random.ts'

export type JobDeclaration = {
  /** Stable and documented. */
  readonly name: string
  /** The facts this job is a reader of; its payload id is then the fact's id. */
  readonly reads?: readonly FactName[]
  readonly retryLimit?: number
}

export type JobHandler = (payload: JobPayload) => Promise<void>
export type Jobs = {
  /** Makes the queues known and connects the database, so that transactions may enqueue. */
  connect(): Promise<void>
  work(handlers: Readonly<Record<string, JobHandler>>): Promise<void>
  /** Moves everything that waits by this much, because the clock was turned forward; or back again, because it stood. */
  shift(milliseconds: number): Promise<void>
  /** What waits and what is under way. Wall times, because that is what the queue waits by. */
  outlook(): Promise<JobOutlook>
  /** Lets the workers of these jobs look now instead of at their next poll. */
  wake(names: readonly string[]): void
  stop(): Promise<void>
}

export type JobOutlook = {
  readonly isBusy: boolean
  /** The earliest start of each job that waits. */
  readonly waiting: readonly { readonly name: string; readonly startAfter: Date }[]
}

const schema = 'pgboss'
const quiet = {
  reindex: false,
  monitorVacuum: false,
  persistWarnings: false,
  schedule: false,
} satisfies Partial<ConstructorOptions>

export function createJobs(options: {
  database: Database
  databaseUrl?: string | undefined
  logs: Logs
  declarations: readonly JobDeclaration[]
}): Jobs {
  const { database, logs, declarations } = options
  const boss = new PgBoss(bossOptions(database, options.databaseUrl))
  boss.on('error', (error) => logs.error({ error: String(error) }, 'job queue'))
  const workers = new Map<string, string>()
  return {
    async connect() {
      await boss.start()
      for (const { name, retryLimit } of declarations) {
        await boss.createQueue(name, queueOptions(retryLimit))
        // The library looks a queue up on first use, on its own connection. Inside a transaction of the embedded database that
        // would wait for ever, so it is looked up here, once (STK-50).
        await boss.findJobs(name, { id: newId(database.clock) })
      }
      if (database.kind === 'pglite') await grantJobs(database.handle)
      database.jobs = jobLink({ boss, declarations, workers, clock: database.clock })
    },
    async work(handlers) {
      if (database.kind === 'pglite') await takeOver(database.handle)
      for (const { name } of declarations) {
        const handler = handlers[name]
        if (!handler) throw new Error(`job ${name} has no handler`)
        const run = logged({ name, handler, logs })
        const worker = await boss.work<JobPayload>(name, { pollingIntervalSeconds: 0.5, batchSize: 1 }, (batch) => {
          // Looks again right after this one. The library does so by itself for batches only, where one that fails fails all (STK-55).
          boss.notifyWorker(worker)
          return run(batch)
        })
        workers.set(name, worker)
      }
    },
    async shift(milliseconds) {
      // What is due stays due: only what still waits can wait longer.
      const isMeant = milliseconds < 0 ? sql`start_after > now()` : sql`true`
      await sql`update ${sql.table(`${schema}.job`)} set start_after = start_after - make_interval(secs => ${milliseconds / 1000}) where state in ('created', 'retry') and ${isMeant}`.execute(
        database.handle,
      )
    },
    async outlook() {
      const { rows } = await sql<{ name: string; isActive: boolean; startAfter: Date }>`
        select name, state = 'active' as "isActive", min(start_after) as "startAfter" from ${sql.table(`${schema}.job`)}
        where state in ('created', 'retry', 'active') group by 1, 2`.execute(database.handle)
      return { isBusy: rows.some(({ isActive }) => isActive), waiting: rows.filter(({ isActive }) => !isActive) }
    },
    wake(names) {
      for (const name of names) {
        const worker = workers.get(name)
        if (worker) boss.notifyWorker(worker)
      }
    },
    stop: () => boss.stop({ graceful: true, timeout: 15_000, close: true }),
  }
}

function bossOptions(database: Database, databaseUrl: string | undefined): ConstructorOptions {
  if (database.embedded) return { ...quiet, schema, db: fromPglite(database.embedded.raw), backend: 'pglite' }
  return {
    ...quiet,
    schema,
    connectionString: databaseUrl!,
    max: 3,
    migrate: false,
    createSchema: false,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  }
}

function queueOptions(retryLimit = 20) {
  return {
    policy: 'short',
    retryLimit,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: 600,
    expireInSeconds: 120,
    heartbeatSeconds: 10,
  }
}

function jobLink(parts: {
  boss: PgBoss
  declarations: readonly JobDeclaration[]
  workers: Map<string, string>
  clock: Clock
}): JobLink {
  const { boss, declarations, workers, clock } = parts
  return {
    async send(transaction, requests) {
      const db = fromKysely(transaction as never)
      for (const [name, group] of Map.groupBy(requests, (request) => request.name)) {
        const made = group.map((request) => ({ data: request.payload, ...timing(request, clock) }))
        // In one order, so that two transactions that plan the same jobs never wait for each other in a circle.
        await boss.insert(name, made.toSorted(bySingletonKey), { db })
      }
    },
    committed(names) {
      for (const name of names) {
        const worker = workers.get(name)
        if (worker) boss.notifyWorker(worker)
      }
    },
    readersOf: (fact) => declarations.filter(({ reads }) => reads?.includes(fact)).map(({ name }) => name),
  }
}

/** One waiting job per row and purpose: asking twice changes nothing. */
function timing(request: JobRequest, clock: Clock) {
  const { operatorId, mode, id } = request.payload
  const singletonKey = `${operatorId}:${mode}:${id}${request.onceFor ? `:${request.onceFor}` : ''}`
  return request.startAt ? { singletonKey, startAfter: clock.wallTimeOf(request.startAt) } : { singletonKey }
}

function bySingletonKey(one: { singletonKey: string }, other: { singletonKey: string }): number {
  return one.singletonKey < other.singletonKey ? -1 : 1
}

function logged({ name, handler, logs }: { name: string; handler: JobHandler; logs: Logs }) {
  return async (batch: readonly { id: string; data: JobPayload }[]) => {
    for (const { id, data } of batch) {
      try {
        await handler(data)
      } catch (error) {
        logs.error(
          {
            job: name,
            jobId: id,
            operatorId: data.operatorId,
            mode: data.mode,
            error: error instanceof Error ? error.stack : String(error),
          },
          'job failed, it will be tried again',
        )
        throw error
      }
    }
  }
}

/** The embedded database has one process: whatever was active when it died is nobody's now and starts again at once. */
async function takeOver(handle: Kysely<any>): Promise<void> {
  await sql`update ${sql.table(`${schema}.job`)} set state = 'retry', start_after = now() where state = 'active'`.execute(
    handle,
  )
}

/** Lets the application role enqueue in its own transactions. */
async function grantJobs(owner: Kysely<any>): Promise<void> {
  for (const text of [
    `grant usage on schema ${schema} to rentroll_app`,
    `grant select, insert, update, delete on all tables in schema ${schema} to rentroll_app`,
    `grant execute on all functions in schema ${schema} to rentroll_app`,
  ])
    await sql.raw(text).execute(owner)
}

/** Creates or upgrades the job tables with the owner's rights; the application role never changes a schema. */
export async function migrateJobs(ownerUrl: string, owner: Kysely<any>): Promise<void> {
  const boss = new PgBoss({ ...quiet, schema, connectionString: ownerUrl, max: 2, supervise: false })
  await boss.start()
  await boss.stop({ graceful: false, close: true })
  await grantJobs(owner)
}
