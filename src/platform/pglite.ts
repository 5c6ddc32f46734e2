/**
 * The embedded database: PostgreSQL in WebAssembly, one session. Two things surprise. It takes no lock on its folder, and two
 * processes on one folder silently lose rows, so we keep our own lock file (STK-51). And Kysely's built-in dialect lets a query
 * slip into a transaction somebody else has open, so ours hands the single connection out one holder at a time.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { PGlite as EmbeddedPostgres } from '@electric-sql/pglite'
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { StartRefusal } from './configuration.ts'

export type EmbeddedSession = {
  readonly dialect: Dialect
  /** Raw statements for the job library, which brings its own SQL; they wait for the connection like everybody else. */
  readonly raw: {
    query(text: string, values?: unknown[]): Promise<{ rows: any[] }>
    exec(text: string): Promise<{ rows: any[] }[]>
  }
  dump(): Promise<Blob>
  close(): Promise<void>
}

/** @param folder where the rows live; undefined keeps them in memory. @param dump a data folder to start from (tests). */
export async function openEmbedded(options: { folder?: string; dump?: Blob }): Promise<EmbeddedSession> {
  const unlock = options.folder === undefined ? () => undefined : lockFolder(options.folder)
  const where = options.folder === undefined ? {} : { dataDir: join(options.folder, 'database') }
  // Loaded where it is used: with a server of its own a process has no need of it.
  const { PGlite } = await import('@electric-sql/pglite')
  const { btree_gist } = await import('@electric-sql/pglite/contrib/btree_gist')
  const pglite = await PGlite.create({
    ...where,
    extensions: { btree_gist },
    ...(options.dump && { loadDataDir: options.dump }),
  })
  const turn = turnstile()
  return {
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => embeddedDriver(pglite, turn),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    raw: {
      query: (text, values) => turn.alone(() => pglite.query(text, values)),
      exec: (text) => turn.alone(() => pglite.exec(text)),
    },
    dump: () => turn.alone(() => pglite.dumpDataDir('none')),
    async close() {
      await turn.alone(() => pglite.close())
      unlock()
    },
  }
}

type Turnstile = { take(): Promise<() => void>; alone<Result>(work: () => Promise<Result>): Promise<Result> }

function turnstile(): Turnstile {
  let last = Promise.resolve()
  const take = async () => {
    const before = last
    let leave = () => {}
    last = new Promise((pass) => (leave = pass))
    await before
    return leave
  }
  return {
    take,
    async alone(work) {
      const leave = await take()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}

function embeddedDriver(pglite: EmbeddedPostgres, turn: Turnstile): Driver {
  const leaves = new WeakMap<DatabaseConnection, () => void>()
  const run = async (text: string) => void (await pglite.query(text))
  return {
    init: async () => {},
    async acquireConnection() {
      const leave = await turn.take()
      const connection = embeddedConnection(pglite)
      leaves.set(connection, leave)
      return connection
    },
    async releaseConnection(connection) {
      leaves.get(connection)?.()
    },
    beginTransaction: () => run('begin'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    destroy: async () => {},
  }
}

function embeddedConnection(pglite: EmbeddedPostgres): DatabaseConnection {
  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, affectedRows } = await pglite.query<Row>(query.sql, [...query.parameters], { parsers })
      return { rows, numAffectedRows: BigInt(affectedRows ?? 0) }
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error('The embedded database does not stream.')
    },
  }
}

/** The same shapes as from PostgreSQL through `pg`: bigint and numeric as text (STK-64), dates as text, instants as Date. */
const asText = (value: string) => value
const parsers = { 20: asText, 1700: asText, 1082: asText, 1114: asText, 1184: (value: string) => new Date(value) }

/** Begins anew: removes what Rentroll itself put into the folder and nothing else. @throws StartRefusal while a process uses it. */
export function emptyDataFolder(folder: string): void {
  lockFolder(folder)()
  for (const name of ['database', 'sandbox', 'master.key']) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Step by step, because Node's own recursive form never comes back from places such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

function lockFolder(folder: string): () => void {
  const path = join(folder, '.owner')
  try {
    makeFolder(resolve(folder))
  } catch (error) {
    throw new StartRefusal(
      `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}). Set RENTROLL_DATA_DIR to a folder you may write to.`,
    )
  }
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = openSync(path, 'wx', 0o600)
      writeSync(handle, String(process.pid))
      closeSync(handle)
      return () => rmSync(path, { force: true })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST')
        throw new StartRefusal(
          `The data folder ${folder} cannot be written (${code}). Set RENTROLL_DATA_DIR to a folder you may write to.`,
        )
      const owner = Number(readFileSync(path, 'utf8'))
      if (isAlive(owner))
        throw new StartRefusal(
          `The data folder is in use by process ${owner}. Stop it, or set RENTROLL_DATA_DIR to another folder.`,
        )
      rmSync(path, { force: true })
    }
  }
  throw new StartRefusal(`The data folder ${folder} could not be locked. Try again.`)
}

/** EPERM means somebody else's process, which is alive all the same. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
