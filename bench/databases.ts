/**
 * The PostgreSQL of a bench: the one of DATABASE_URL, or a cluster of its own on disk that is gone afterwards. Every mode gets a fresh
 * copy of its own template per repetition, and the settings that make a commit durable are read back and printed (PERF-1, PERF-15).
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startCluster } from '../scripts/cluster.ts'
import { parentOf } from './processes.ts'

export interface BenchCluster {
  /** Version and the settings that decide about durability. */
  readonly settings: string
  readonly dataFolder: string
  /** The head of the cluster, for its processor time; undefined where it runs elsewhere. */
  readonly pid: number | undefined
  create(template?: BenchDatabase): Promise<BenchDatabase>
  /** Drops what is left, and ends a cluster of our own. */
  close(): Promise<void>
}

export interface BenchDatabase {
  readonly name: string
  /** Addresses by role; all the same where only one is known. */
  readonly ownerUrl: string
  readonly appUrl: string
  readonly authUrl: string
  drop(): Promise<void>
}

interface Addresses {
  readonly owner: string
  readonly app: string
  readonly auth: string
}

const durable = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }

/** @throws when the settings that may never be sold for speed are off. */
export async function openCluster(): Promise<BenchCluster> {
  const given = process.env['DATABASE_URL']
  const own = given === undefined ? await startCluster({ isDurable: true }) : undefined
  try {
    const addresses = own
      ? { owner: own.ownerUrl, app: own.url, auth: own.url.replace('//rentroll_app', '//rentroll_auth') }
      : readAddresses(given ?? '')
    if (own) await runSql(addresses.owner, 'create role postgres nologin').catch(() => undefined)
    return await describeCluster(addresses, async () => own?.stop())
  } catch (error) {
    await own?.stop()
    throw error
  }
}

/** Like the product: one address per role. */
function readAddresses(app: string): Addresses {
  const { DATABASE_OWNER_URL: owner, DATABASE_AUTH_URL: auth } = process.env
  if (owner === undefined || auth === undefined)
    throw new Error(
      'DATABASE_URL is set (role rentroll_app). Set DATABASE_OWNER_URL (may create databases) and DATABASE_AUTH_URL as well, or none of the three: then the bench starts a cluster of its own.',
    )
  return { owner, app, auth }
}

async function describeCluster(addresses: Addresses, stop: () => Promise<void>): Promise<BenchCluster> {
  const [about] = await runSql(
    addresses.owner,
    `select current_setting('server_version') as version, current_setting('data_directory') as folder,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('full_page_writes') as full_page_writes, current_setting('shared_buffers') as shared_buffers,
       current_setting('max_wal_size') as max_wal_size`,
  )
  const text = (name: string): string => String(about?.[name])
  for (const [name, needed] of Object.entries(durable))
    if (text(name) !== needed) throw new Error(`PostgreSQL runs with ${name}=${text(name)}; a bench needs ${needed}.`)
  const isHere = /127\.0\.0\.1|localhost|%2F|host=\//.test(addresses.owner)
  const live = new Set<BenchDatabase>()
  const names = [...Object.keys(durable), 'shared_buffers', 'max_wal_size']
  return {
    settings: `PostgreSQL ${text('version')}, ${names.map((name) => `${name}=${text(name)}`).join(', ')}`,
    dataFolder: text('folder'),
    pid: isHere ? await findHead(addresses.owner) : undefined,
    create: (template) => createDatabase(addresses, live, template),
    async close() {
      for (const database of live) await database.drop().catch(() => undefined)
      await stop()
    },
  }
}

/** The parent of a backend is the head of its cluster; the backend has to live while it is looked at. */
async function findHead(url: string): Promise<number | undefined> {
  return withClient(url, async (client) => {
    const { rows } = await client.query('select pg_backend_pid() as backend')
    return parentOf(Number(rows[0].backend))
  })
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function runSql(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  return withClient(url, async (client) => (await client.query(text, [...values])).rows ?? [])
}

async function createDatabase(
  addresses: Addresses,
  live: Set<BenchDatabase>,
  template?: BenchDatabase,
): Promise<BenchDatabase> {
  const name = `bench_${randomBytes(6).toString('hex')}`
  const at = (address: string): string => Object.assign(new URL(address), { pathname: `/${name}` }).href
  await runSql(addresses.owner, `create database ${name}${template ? ` template ${template.name}` : ''}`)
  const database: BenchDatabase = {
    name,
    ownerUrl: at(addresses.owner),
    appUrl: at(addresses.app),
    authUrl: at(addresses.auth),
    async drop() {
      await runSql(addresses.owner, `drop database if exists ${name} with (force)`)
      live.delete(database)
    },
  }
  live.add(database)
  return database
}
