/**
 * The PostgreSQL adapter. A database restart emits `error` on idle and on checked-out clients alike; without a listener on both the
 * process would exit (STK-57, TRU-60). What surprises: a statement met again gets a name, so that the server plans it once per connection
 * and not each time; and a transaction begins in the same trip that sets its scope (PERF-54).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  type DatabaseConnection,
  type Dialect,
  type TransactionSettings,
} from 'kysely'
import pg from 'pg'

const asText = (value: string) => value

export type PostgresPool = { readonly dialect: Dialect; readonly pool: pg.Pool; close(): Promise<void> }

/** @param onError told of connections lost while idle or in use; the next query takes a fresh one. */
export function openPostgres(options: {
  url: string
  poolSize: number
  onError: (error: Error) => void
}): PostgresPool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: 5_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        textTypes.has(oid) ? asText : (pg.types.getTypeParser(oid, format as 'text') as never),
    },
  } as pg.PoolConfig)
  pool.on('error', options.onError)
  const names = statementNames()
  pool.on('connect', (client) => {
    client.on('error', options.onError)
    prepareRepeated(client, names)
  })
  return { dialect: new OneTripDialect(pool), pool, close: () => pool.end() }
}

/** What stands beside the next `begin`; taken by the first transaction that begins, so that it can reach no other. */
const opening = new AsyncLocalStorage<{ settings: string | undefined }>()

/** Lets the transaction that `work` begins set these in the trip of its `begin`. @param settings statements, joined by semicolons. */
export function beginningWith<Result>(settings: string, work: () => Promise<Result>): Promise<Result> {
  return opening.run({ settings }, work)
}

type OpenConnection = Parameters<PostgresDriver['rollbackTransaction']>[0]

class OneTripDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection, wish: TransactionSettings): Promise<void> {
    const asked = opening.getStore()
    const settings = asked?.settings
    if (!asked || settings === undefined) return super.beginTransaction(connection, wish)
    asked.settings = undefined
    try {
      await connection.executeQuery(CompiledQuery.raw(`begin; ${settings}`))
    } catch (error) {
      // It may have begun; nobody else may be handed a connection that stands in it.
      await this.rollbackTransaction(connection as OpenConnection)
      throw error
    }
  }
}

class OneTripDialect extends PostgresDialect {
  readonly #pool: pg.Pool
  constructor(pool: pg.Pool) {
    super({ pool })
    this.#pool = pool
  }
  override createDriver(): PostgresDriver {
    return new OneTripDriver({ pool: this.#pool })
  }
}

type StatementNames = { of(text: string): string | undefined; forget(): void }

const mostNames = 400
const mostCandidates = 2_000

/** A name from the third time on, and for so many texts at most: what is made anew each time would fill the server with plans. */
function statementNames(): StatementNames {
  const names = new Map<string, string>()
  const met = new Map<string, number>()
  let made = 0
  return {
    of(text) {
      const name = names.get(text)
      if (name !== undefined || names.size >= mostNames) return name
      const times = (met.get(text) ?? 0) + 1
      if (met.size >= mostCandidates) met.clear()
      met.set(text, times)
      if (times < 3) return undefined
      met.delete(text)
      names.set(text, `rentroll_${(made += 1)}`)
      return names.get(text)
    },
    forget: () => names.clear(),
  }
}

type Query = (text: unknown, values?: unknown, done?: unknown) => Promise<unknown> | undefined

function prepareRepeated(client: pg.PoolClient, names: StatementNames): void {
  const query = client.query.bind(client) as unknown as Query
  const prepared: Query = (text, values, done) => {
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? names.of(text) : undefined
    if (name === undefined) return query(text, values, done)
    const answer = query({ name, text, values }, done)
    answer?.catch((error: unknown) => isOutdatedPlan(error) && names.forget())
    return answer
  }
  client.query = prepared as unknown as typeof client.query
}

/** A migration changed what a prepared statement answers. New names are planned anew; whoever met this tries again like after any fault. */
function isOutdatedPlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
}

/** bigint, numeric, date and timestamp without zone stay text; the store turns them into what it needs (STK-64). */
const textTypes = new Set([20, 1700, 1082, 1114])
