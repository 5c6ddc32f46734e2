/**
 * What `webhook` measures: the product, two peers, a naive endpoint and a ceiling. Each mode knows how its tables are made, how it is
 * started, how its stored events are counted, and what it says of a payment afterwards.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../scripts/free-port.ts'
import type { BenchCluster, BenchDatabase } from './databases.ts'
import { runSql } from './databases.ts'
import { runToEnd, startServer, type ServerProcess } from './processes.ts'
import { masterKey, platformKey, secrets } from './secrets.ts'
import { seedOperators } from './seed.ts'

export type ModeName = 'product' | 'stripe-sync' | 'supabase-sync' | 'naive' | 'verify-only'

export interface Mode {
  readonly name: ModeName
  readonly path: string
  /** Makes the tables in an empty database. */
  prepare(database: BenchDatabase): Promise<void>
  /** Writes what is there before the server starts. */
  fill?(database: BenchDatabase): Promise<void>
  start(database: BenchDatabase, changes?: Readonly<Record<string, string>>): Promise<ServerProcess>
  /** How many different events, or rows made of them, are stored; undefined for what stores nothing. */
  countStored(database: BenchDatabase): Promise<number | undefined>
  /** How many payments it calls `processing`. Undefined for what keeps no state of payments. */
  countProcessing(database: BenchDatabase): Promise<number | undefined>
}

const here = import.meta.dirname
export const peersFolder = join(here, 'peers')
const productFolder = join(here, '..')

/** Stripe, as far as `settle` asks for it. */
export function startStandIn(answerAfterMs: number): Promise<ServerProcess> {
  return startServer({
    args: [join(here, 'floors/stripe-stand-in.ts')],
    environment: { ANSWER_AFTER_MS: String(answerAfterMs) },
  })
}

export function arePeersInstalled(): boolean {
  return existsSync(join(peersFolder, 'node_modules/@stripe/sync-engine'))
}

async function count(database: BenchDatabase, text: string): Promise<number> {
  const [row] = await runSql(database.ownerUrl, text)
  return Number(row?.['count'])
}

/** What Node is started with, as the unit file of the guide to production has it. @throws when the guide does not say. */
function readStart(): { readonly flags: readonly string[]; readonly file: string } {
  const guide = readFileSync(join(productFolder, 'docs/operations/production.md'), 'utf8')
  const words = /^ExecStart=\S+\/node (.+)$/m.exec(guide)?.[1]?.split(' ') ?? []
  const file = words.at(-1)
  if (file === undefined) throw new Error('docs/operations/production.md does not say how the product is started.')
  return { flags: words.slice(0, -1), file: join(productFolder, file) }
}

/** As any user would start it (PERF-16), in an empty folder so that no `.env` takes part. */
export async function startProduct(
  database: BenchDatabase,
  changes: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-product-'))
  const port = await findFreePort()
  const environment = {
    PORT: String(port),
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_AUTH_URL: database.authUrl,
    RENTROLL_MASTER_KEY: masterKey,
    RENTROLL_SANDBOX: 'off',
    STRIPE_SECRET_KEY_TEST: platformKey,
    // Nothing listens there: a bench that wants Stripe to answer says where.
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    LOG_LEVEL: 'warn',
    ...secrets,
    ...changes,
  }
  const { flags, file } = readStart()
  const server = await startServer({
    args: [...flags, file],
    environment,
    folder,
    readyAt: { port, path: '/readyz' },
  })
  return {
    ...server,
    async stop(signal) {
      await server.stop(signal)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Web and worker as processes of their own (PERF-50). */
export async function startProductApart(
  database: BenchDatabase,
  changes: Readonly<Record<string, string>> = {},
): Promise<{ readonly web: ServerProcess; readonly worker: ServerProcess }> {
  const web = await startProduct(database, { RENTROLL_WORK: 'off', ...changes })
  const worker = await startServer({
    args: [...readStart().flags, join(productFolder, 'src/worker.ts')],
    environment: {
      DATABASE_URL: database.appUrl,
      DATABASE_AUTH_URL: database.authUrl,
      RENTROLL_MASTER_KEY: masterKey,
      RENTROLL_SANDBOX: 'off',
      STRIPE_SECRET_KEY_TEST: platformKey,
      LOG_LEVEL: 'warn',
      ...changes,
    },
    // It answers no requests; whoever waits for work to be done finds out whether it lives.
    readyAt: { port: web.port, path: '/readyz' },
  })
  return { web, worker }
}

const product: Mode = {
  name: 'product',
  path: '/api/stripe/webhook',
  async prepare(database) {
    // Migrated by itself at its first start.
    const server = await startProduct(database)
    await server.stop()
  },
  fill: seedOperators,
  // The worker is a process of its own, which `settle` measures: a ratio of acknowledgements must not hold the work of one side only.
  start: (database, changes) => startProduct(database, { RENTROLL_WORK: 'off', ...changes }),
  countStored: (database) => count(database, `select count(*) from app.inbox_events where event_id like 'evt_3Bench%'`),
  countProcessing: async () => undefined,
}

const storedByPeers = `select (select count(*) from stripe.payment_intents) + (select count(*) from stripe.invoices)
  + (select count(*) from stripe.charges) + (select count(*) from stripe.refunds) as count`
const processingAtPeers = `select count(*) from stripe.payment_intents where status = 'processing'`

const stripeSync: Mode = {
  name: 'stripe-sync',
  path: '/',
  async prepare(database) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-description-'))
    const description = join(folder, 'stripe.json')
    const given = process.env['STRIPE_OPENAPI']
    try {
      await runToEnd(['describe-stripe.mjs', description], {
        folder: peersFolder,
        environment: given === undefined ? {} : { STRIPE_OPENAPI: given },
      })
      await runToEnd(['stripe-sync.mjs', 'migrate', description], {
        folder: peersFolder,
        environment: { DATABASE_URL: database.ownerUrl },
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  start: (database) => startPeer('stripe-sync.mjs', database),
  countStored: (database) => count(database, storedByPeers),
  countProcessing: (database) => count(database, processingAtPeers),
}

const supabaseSync: Mode = {
  name: 'supabase-sync',
  path: '/',
  prepare: (database) =>
    runToEnd(['supabase-sync.cjs', 'migrate'], {
      folder: peersFolder,
      environment: { DATABASE_URL: database.ownerUrl },
    }),
  start: (database) => startPeer('supabase-sync.cjs', database),
  countStored: (database) => count(database, storedByPeers),
  countProcessing: (database) => count(database, processingAtPeers),
}

/** As the owner of its tables: a peer has no roles, and no checks of rows either. */
function startPeer(file: string, database: BenchDatabase): Promise<ServerProcess> {
  return startServer({
    args: [file, 'serve'],
    folder: peersFolder,
    environment: { DATABASE_URL: database.ownerUrl, ...secrets },
  })
}

const naive: Mode = {
  name: 'naive',
  path: '/',
  prepare: (database) =>
    runToEnd([join(here, 'floors/naive.ts'), 'migrate'], {
      folder: here,
      environment: { DATABASE_URL: database.ownerUrl },
    }),
  start: (database) =>
    startServer({
      args: [join(here, 'floors/naive.ts')],
      environment: { DATABASE_URL: database.ownerUrl, ...secrets },
    }),
  countStored: (database) => count(database, 'select count(*) from events'),
  countProcessing: async () => undefined,
}

const verifyOnly: Mode = {
  name: 'verify-only',
  path: '/',
  prepare: async () => undefined,
  start: () => startServer({ args: [join(here, 'floors/verify-only.ts')], environment: secrets }),
  countStored: async () => undefined,
  countProcessing: async () => undefined,
}

/** In the order in which a repetition runs them. @param names only these. */
export function listModes(names?: readonly string[]): readonly Mode[] {
  const all = arePeersInstalled()
    ? [product, stripeSync, supabaseSync, naive, verifyOnly]
    : [product, naive, verifyOnly]
  return names === undefined ? all : all.filter(({ name }) => names.includes(name))
}

/** A database with the mode's tables, to copy a fresh one from for each repetition. */
export async function makeTemplate(cluster: BenchCluster, mode: Mode): Promise<BenchDatabase> {
  const database = await cluster.create()
  await mode.prepare(database)
  return database
}
