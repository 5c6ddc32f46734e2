/**
 * The port to the database, and the one way to a business row (ARC-20 to ARC-23). SET LOCAL takes no bind parameter and Citus
 * forwards only SET LOCAL, so the scope is checked here and written as a literal. What surprises: inside a transaction only its own
 * handle may be used and no HTTP may run; both throw at once instead of hanging.
 */
import { isMode, isUuid, type Scope } from '#kernel'
import { CompiledQuery, Kysely, sql, type Transaction } from 'kysely'
import type { Clock } from './clock.ts'
import type { FactName } from './facts.ts'
import { assertNoTransaction, markTransaction } from './http.ts'
import { openEmbedded, type EmbeddedSession } from './pglite.ts'
import { beginningWith, openPostgres, type PostgresPool } from './postgres.ts'

/** What a job is told: whose it is and which row; never amounts or secrets (ARC-43). */
export type JobPayload = { readonly operatorId: string; readonly mode: string; readonly id: string }
export type JobRequest = {
  readonly name: string
  readonly payload: JobPayload
  readonly startAt?: Date
  readonly onceFor?: string
}

/** The part of the job runner that a transaction needs; the wiring connects it before anything is written. */
export type JobLink = {
  send(transaction: Transaction<any>, requests: readonly JobRequest[]): Promise<void>
  /** Told after the commit, so that a worker in this process need not wait for its next poll. */
  committed(names: ReadonlySet<string>): void
  readersOf(fact: FactName): readonly string[]
}

export type Database = {
  readonly kind: 'pglite' | 'postgres'
  /** Unbound; only `platform`, `operators`, `webhooks/receive.ts` and the job runner may touch it (ARC-22). */
  readonly handle: Kysely<any>
  /** People, sessions and memberships: schema `auth`, reached only through `operators` (TRU-61). */
  readonly auth: Kysely<any>
  readonly embedded: EmbeddedSession | undefined
  readonly pool: PostgresPool['pool'] | undefined
  readonly clock: Clock
  /** Undefined until the job runner is connected; a job requested before that is an error, never lost in silence. */
  jobs: JobLink | undefined
  close(): Promise<void>
}

/** The handle of one transaction under one scope. Stores take this and nothing else. */
export type ScopedHandle = Transaction<any> & {
  readonly scope: Scope
  readonly clock: Clock
  readersOf(fact: FactName): readonly string[]
  /** Runs last in this transaction, right before it is committed: for what everybody of the operator waits for, so that nobody waits long. */
  atEnd(work: () => Promise<void>): void
  /** Enqueues in this transaction, all of one name in one statement: a rollback drops the jobs (STK-56). */
  enqueue(...requests: readonly JobOfRow[]): Promise<void>
}

/** A job about one row of this scope. */
export type JobOfRow = Omit<JobRequest, 'payload'> & { readonly id: string }

export async function openDatabase(options: {
  clock: Clock
  url?: string | undefined
  authUrl?: string | undefined
  folder?: string | undefined
  dump?: Blob
  poolSize?: number
  onError?: (error: Error) => void
}): Promise<Database> {
  const onError = options.onError ?? (() => {})
  const base = { clock: options.clock, jobs: undefined }
  if (options.url === undefined) {
    const embedded = await openEmbedded({
      ...(options.folder !== undefined && { folder: options.folder }),
      ...(options.dump && { dump: options.dump }),
    })
    const handle = new Kysely<any>({ dialect: embedded.dialect })
    return {
      ...base,
      kind: 'pglite',
      handle,
      auth: handle.withSchema('auth'),
      embedded,
      pool: undefined,
      close: () => embedded.close(),
    }
  }
  const main = openPostgres({ url: options.url, poolSize: options.poolSize ?? 10, onError })
  const auth = options.authUrl === undefined ? main : openPostgres({ url: options.authUrl, poolSize: 4, onError })
  const handle = new Kysely<any>({ dialect: main.dialect })
  return {
    ...base,
    kind: 'postgres',
    handle,
    auth: new Kysely<any>({ dialect: auth.dialect }).withSchema('auth'),
    embedded: undefined,
    pool: main.pool,
    async close() {
      if (auth !== main) await auth.close()
      await main.close()
    },
  }
}

/** Runs `work` in one transaction that sees only the rows of this operator and mode. @throws on a malformed scope. */
export function inScope<Result>(
  database: Database,
  scope: Scope,
  work: (rows: ScopedHandle) => Promise<Result>,
): Promise<Result> {
  return scoped({ database, scope, settings: [] }, work)
}

/**
 * As `inScope`, where each statement finds its rows by key, so that one plan is good for whatever values: it is made once per connection.
 * Because one made while a queue was empty would go on reading the whole of it when it is long, none may read a whole table.
 */
export function inScopeByKey<Result>(
  database: Database,
  scope: Scope,
  work: (rows: ScopedHandle) => Promise<Result>,
): Promise<Result> {
  return scoped({ database, scope, settings: database.kind === 'postgres' ? byKey : [] }, work)
}

const byKey = ['set local plan_cache_mode = force_generic_plan', 'set local enable_seqscan = off']

async function scoped<Result>(
  { database, scope, settings }: { database: Database; scope: Scope; settings: readonly string[] },
  work: (rows: ScopedHandle) => Promise<Result>,
): Promise<Result> {
  if (!isUuid(scope.operatorId)) throw new Error('inScope: the operator id is not a uuid')
  if (!isMode(scope.mode)) throw new Error('inScope: the mode is neither test nor live')
  const jobs = new Set<string>()
  const last: (() => Promise<void>)[] = []
  const own = [`set local app.operator_id = '${scope.operatorId}'`, `set local app.mode = '${scope.mode}'`]
  const opened = { what: `operator ${scope.operatorId}, ${scope.mode}`, settings: [...own, ...settings] }
  const answer = await transaction(database, opened, async (handle) => {
    const result = await work(Object.assign(handle, scopedParts(database, { scope, handle, jobs, last })))
    for (const deferred of last) await deferred()
    return result
  })
  if (jobs.size > 0) database.jobs?.committed(jobs)
  return answer
}

function scopedParts(
  database: Database,
  parts: { scope: Scope; handle: Transaction<any>; jobs: Set<string>; last: (() => Promise<void>)[] },
) {
  const { scope, handle, jobs, last } = parts
  const link = (): JobLink => {
    if (!database.jobs) throw new Error('A job was requested before the job runner was connected.')
    return database.jobs
  }
  return {
    scope,
    clock: database.clock,
    readersOf: (fact: FactName) => link().readersOf(fact),
    atEnd: (work: () => Promise<void>) => void last.push(work),
    async enqueue(...requests: readonly JobOfRow[]) {
      await link().send(
        handle,
        requests.map(({ name, id, ...when }) => ({ name, payload: { ...scope, id }, ...when })),
      )
      for (const { name } of requests) jobs.add(name)
    },
  }
}

/**
 * Holds a key that is kept with what it makes until this transaction ends (UI-36): whoever brings the same key waits, and then finds what was
 * made. Held after the locks of rows that are found by the request itself.
 */
export async function holdRequestKey(rows: ScopedHandle, key: string): Promise<void> {
  const { operatorId, mode } = rows.scope
  await sql`select pg_advisory_xact_lock(7236037, hashtext(${`${operatorId} ${mode} ${key}`}))`.execute(rows)
}

/** The handle of a transaction on global tables: with a scope or without, because those tables know none. */
export type GlobalHandle = Transaction<any>

/**
 * One transaction on the global tables (ARC-34), with the rights of the application role and without a scope: business tables
 * answer no row at all.
 */
export function withoutScope<Result>(
  database: Database,
  work: (rows: Transaction<any>) => Promise<Result>,
): Promise<Result> {
  return transaction(database, { what: 'global tables', settings: [] }, work)
}

/**
 * One statement on the global tables, which is its own transaction and is planned once per connection: one round trip, for the roads
 * where each costs. @param statement.name one name for one text, in the whole installation.
 */
export async function runPrepared<Row>(
  database: Database,
  statement: { readonly name: string; readonly text: string },
  values: readonly unknown[],
): Promise<readonly Row[]> {
  if (!database.pool) {
    const query = CompiledQuery.raw(statement.text, [...values])
    return withoutScope(database, async (rows) => (await rows.executeQuery<Row>(query)).rows)
  }
  assertNoTransaction('a statement of its own')
  const { rows } = await database.pool.query({ ...statement, values: [...values] })
  return rows
}

async function transaction<Result>(
  database: Database,
  { what, settings }: { readonly what: string; readonly settings: readonly string[] },
  work: (handle: Transaction<any>) => Promise<Result>,
): Promise<Result> {
  assertNoTransaction('a second transaction')
  const all = ["set local citus.propagate_set_commands = 'local'", ...settings]
  const { handle, kind } = database
  // In the trip of `begin` (PERF-54); the embedded database takes one statement at a time, and has no trip to save.
  if (kind === 'postgres')
    return markTransaction(what, () => beginningWith(all.join('; '), () => handle.transaction().execute(work)))
  return markTransaction(what, () =>
    handle.transaction().execute(async (rows) => {
      for (const setting of ['set local role rentroll_app', ...all]) await sql.raw(setting).execute(rows)
      return work(rows)
    }),
  )
}
