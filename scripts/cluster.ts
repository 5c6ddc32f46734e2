/**
 * A throw-away PostgreSQL for tests: its own folder, its own port on 127.0.0.1, gone afterwards. A cluster that already
 * runs on this machine is neither used nor touched. PostgreSQL refuses to run as root, so root starts it as `postgres`.
 *
 * As a command it lends the cluster to another one and hands back that one's exit code:
 * `node scripts/cluster.ts npm test` sets TEST_DATABASE_URL and TEST_DATABASE_OWNER_URL for `npm test`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, chmodSync, closeSync, constants, existsSync, mkdtempSync } from 'node:fs'
import { openSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { findFreePort } from './free-port.ts'

/** Addresses of the two roles; `stop` ends the server and removes its folder. */
export type Cluster = { readonly url: string; readonly ownerUrl: string; readonly stop: () => Promise<void> }

const oldestVersion = 15
const databaseName = 'rentroll_test'

/** Finds the newest PostgreSQL of this machine; throws a sentence when there is none that is new enough. */
function getBinariesFolder(): string {
  const packaged = '/usr/lib/postgresql'
  const versions = existsSync(packaged) ? readdirSync(packaged).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(packaged, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  const folder = folders.find((candidate) => existsSync(join(candidate, 'initdb')))
  if (folder === undefined) throw new Error('no PostgreSQL binaries were found')
  const words = execFileSync(join(folder, 'initdb'), ['--version'], { encoding: 'utf8' })
  const version = Number(/(\d+)(\.|devel|\s|$)/.exec(words)?.[1])
  if (version >= oldestVersion) return folder
  throw new Error(`PostgreSQL ${version} is installed and ${oldestVersion} or newer is needed`)
}

/** The words in front of a command that make it run as `postgres` when we are root. */
function getRunner(): readonly string[] {
  if (process.getuid?.() !== 0) return []
  if (spawnSync('id', ['postgres']).status !== 0) {
    execFileSync('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'])
  }
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups']
}

/** The server must not outlive us even when we are killed; only Linux can promise that. */
function diesWithUs(runner: readonly string[]): readonly string[] {
  if (process.platform !== 'linux' || spawnSync('setpriv', ['--version']).status !== 0) return runner
  return [...(runner.length > 0 ? runner : ['setpriv']), '--pdeathsig', 'INT']
}

function run(words: readonly string[]): void {
  const [file = '', ...rest] = words
  // From `/`, because `postgres` may not be allowed to enter the folder we stand in.
  const result = spawnSync(file, rest, { cwd: '/', encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${file} failed: ${result.stderr || result.error?.message}`)
}

/** Connects as soon as the server answers; gives up when it ended or after 30 seconds. */
async function connectWhenReady(url: string, server: ChildProcess): Promise<pg.Client> {
  const giveUpAt = performance.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    const fault = await client.connect().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (fault === undefined) return client
    await client.end().catch(() => undefined)
    if (server.exitCode !== null || performance.now() > giveUpAt) throw fault
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function prepareRoles(ownerUrl: string, server: ChildProcess): Promise<void> {
  const client = await connectWhenReady(ownerUrl.replace(databaseName, 'postgres'), server)
  await client.query('CREATE ROLE rentroll_app LOGIN')
  await client.query('CREATE ROLE rentroll_auth LOGIN')
  await client.query('CREATE ROLE rentroll_backup LOGIN BYPASSRLS')
  await client.query(`CREATE DATABASE ${databaseName}`)
  await client.end()
}

/** What a cluster for tests leaves out: it never outlives the machine, and waiting for the disk tells nothing about us. */
const forgetful = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
]

const memory = '/dev/shm'
const neededBytes = 2 * 1024 ** 3

/** Where files are made and removed without a disk, if there is such a place and it has room; copying databases takes several times as long on one. */
function findPlace(isDurable: boolean): string {
  if (isDurable) return tmpdir()
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= neededBytes ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}

/**
 * Starts a cluster with the roles of docs/operations and an empty database. Throws a sentence when it cannot.
 * @param isDurable waits for the disk as a real one does: for whatever is measured or killed.
 */
export async function startCluster({ isDurable }: { readonly isDurable: boolean }): Promise<Cluster> {
  const binaries = getBinariesFolder()
  const runner = getRunner()
  const folder = mkdtempSync(join(findPlace(isDurable), 'rentroll-postgres-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  if (runner.length > 0) run(['chown', 'postgres:postgres', folder])
  else chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const shape = ['--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '-U', 'rentroll_owner']
  run([...runner, join(binaries, 'initdb'), '-D', data, ...shape])
  const port = await findFreePort()
  const settings = ['-h', '127.0.0.1', '-p', String(port), '-k', folder, '-c', 'max_connections=200']
  if (!isDurable) settings.push(...forgetful.flatMap((setting) => ['-c', setting]))
  const [file = '', ...words] = [...diesWithUs(runner), join(binaries, 'postgres'), '-D', data, ...settings]
  const logFile = join(folder, 'server.log')
  const log = openSync(logFile, 'a')
  const server = spawn(file, words, { cwd: '/', stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    server.kill('SIGINT') // "Fast" shutdown: open connections are ended.
    await ended
    remove()
    process.off('exit', remove)
  }
  const address = (role: string): string => `postgresql://${role}@127.0.0.1:${port}/${databaseName}`
  try {
    await prepareRoles(address('rentroll_owner'), server)
  } catch (fault) {
    const said = readFileSync(logFile, 'utf8').trim()
    await stop()
    throw new Error(`the server did not start: ${said}`, { cause: fault })
  }
  return { url: address('rentroll_app'), ownerUrl: address('rentroll_owner'), stop }
}

/** Ends the borrowing command on a signal; the cluster is stopped after it in every case. */
async function lend(words: readonly string[]): Promise<number> {
  const cluster = await startCluster({ isDurable: false })
  const env = { ...process.env, TEST_DATABASE_URL: cluster.url, TEST_DATABASE_OWNER_URL: cluster.ownerUrl }
  const [file = '', ...rest] = words
  const child = spawn(file, rest, { env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  await cluster.stop()
  return code
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  if (words.length === 0) throw new Error('Name the command to run with the cluster, for example: npm test')
  process.exitCode = await lend(words)
}
