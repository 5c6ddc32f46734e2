/**
 * The product as a process of its own, as `npm start` runs it, on a throw-away PostgreSQL or, where none is installed, on the embedded
 * database. It has the two signing secrets of an installation and one operator with an address and a secret of their own.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startCluster, type Cluster } from '../scripts/cluster.ts'

export type ProductProcess = {
  readonly port: number
  readonly database: string
  readonly secrets: { readonly platform: string; readonly connect: string; readonly own: string }
  /** The path of the operator's own address. */
  readonly ownPath: string
  /** Undefined while it runs. */
  exit(): string | undefined
  residentMb(): number
  /** The ids of all events that were delivered and kept; undefined where nobody but the product can look. */
  keptEvents(): Promise<readonly string[] | undefined>
  stop(): Promise<void>
}

const readyWithinMs = 90_000
const secretOf = (): string => `whsec_${randomBytes(24).toString('base64url')}`

export async function startProductProcess(): Promise<ProductProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster({ isDurable: true }).catch(() => undefined)
  const secrets = { platform: secretOf(), connect: secretOf(), own: secretOf() }
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    env: environmentOf({ folder, cluster, secrets }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let exit: string | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = `code ${code}, signal ${signal}`
      resolve()
    })
  })
  // Whoever ends the proof ends the product with it.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    child.kill('SIGTERM')
    await ended
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const said = await new Promise<string>((resolve, reject) => {
      let text = ''
      const timer = setTimeout(() => reject(new Error(`The product was not ready in time:\n${text}`)), readyWithinMs)
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (!text.includes('Stop with')) return
        clearTimeout(timer)
        resolve(text)
      })
      child.once('exit', () => reject(new Error(`The product did not start:\n${text}`)))
    })
    const origin = /Operator console\s+(http:\/\/[^/\s]+)/.exec(said)?.[1] ?? ''
    return {
      port: Number(new URL(origin).port),
      database: cluster ? 'PostgreSQL' : 'the embedded database',
      secrets,
      ownPath: await connect(origin, { said, webhookSecret: secrets.own }),
      exit: () => exit,
      residentMb: () => residentMb(child.pid ?? 0),
      keptEvents: async () => cluster && readKept(cluster),
      stop,
    }
  } catch (fault) {
    await stop()
    throw fault
  }
}

type Setting = {
  readonly folder: string
  readonly cluster: Cluster | undefined
  readonly secrets: { readonly platform: string; readonly connect: string }
}

function environmentOf({ folder, cluster, secrets }: Setting): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    PORT: '0',
    SANDBOX_PORT: '0',
    RENTROLL_DATA_DIR: folder,
    RENTROLL_SANDBOX: 'on',
    RENTROLL_MASTER_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'silent',
    STRIPE_WEBHOOK_SECRET: secrets.platform,
    STRIPE_WEBHOOK_SECRET_CONNECT: secrets.connect,
    ...(cluster && {
      DATABASE_URL: cluster.url,
      DATABASE_OWNER_URL: cluster.ownerUrl,
      DATABASE_AUTH_URL: cluster.url.replace('rentroll_app', 'rentroll_auth'),
    }),
  }
}

/** Signs in to the demo operator, saves the sandbox's keys with a pasted signing secret, and answers with the path of its address. */
async function connect(origin: string, about: { said: string; webhookSecret: string }): Promise<string> {
  const signedIn = await call(`${origin}/api/v1/demo/sign-in`, { origin, body: {} })
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const { slug } = (await signedIn.json()) as { slug: string }
  const find = (form: RegExp): string => form.exec(about.said)?.[0] ?? ''
  const body = {
    publishableKey: find(/pk_test_\w+/),
    secretKey: find(/sk_test_\w+/),
    webhookSecret: about.webhookSecret,
  }
  const url = `${origin}/api/v1/w/${slug}/connections/stripe?mode=test`
  const saved = await call(url, { origin, cookie, method: 'PUT', body })
  const own = /"own":"([^"]+)"/.exec(await saved.text())?.[1] ?? ''
  return new URL(own).pathname
}

type Wish = { readonly origin: string; readonly cookie?: string; readonly method?: string; readonly body: object }

async function call(url: string, { origin, cookie = '', method = 'POST', body }: Wish): Promise<Response> {
  const headers = { Origin: origin, Cookie: cookie, 'Content-Type': 'application/json' }
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer
}

function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}

async function readKept({ ownerUrl }: Cluster): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ event_id: string }>(
      `select event_id from app.inbox_events where via = 'delivery'`,
    )
    return rows.map((row) => row.event_id)
  } finally {
    await client.end()
  }
}
