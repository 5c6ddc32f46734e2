/**
 * The PostgreSQL adapter. A database restart emits `error` on idle and on checked-out clients alike; without a listener on both the
 * process would exit (STK-57, TRU-60).
 */
import { PostgresDialect, type Dialect } from 'kysely'
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
  pool.on('connect', (client) => client.on('error', options.onError))
  return { dialect: new PostgresDialect({ pool }), pool, close: () => pool.end() }
}

/** bigint, numeric, date and timestamp without zone stay text; the store turns them into what it needs (STK-64). */
const textTypes = new Set([20, 1700, 1082, 1114])
