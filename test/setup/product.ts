/**
 * The whole product in this process, as `npm start` runs it: database, queue, inbox, sandbox and HTTP, each on its own free port. Story
 * tests talk to it over HTTP only, and look into the sandbox to see what really happened at Stripe.
 */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { localDateAt, type LocalDate, type Scope } from '#kernel'
import { makeDemoOperator } from '#operators'
import { createLogs, readConfiguration, type TurnableClock } from '#platform'
import { createAnswering, startServer, type Answering } from '#web/api'
import { platformKeysOf } from '../../src/platform-keys.ts'
import { applicationSide, openSandboxTime } from '../../src/sandbox-time.ts'
import { apiContext, openGround, openMigrated, startWork, type Ground } from '../../src/wiring.ts'
import { breachesOf, createPostgresDatabase } from './databases.ts'
import './choose-databases.ts'
import { patienceMs } from './soon.ts'
import { copyEmbeddedTemplate } from './templates.ts'

type Sandbox = Awaited<ReturnType<typeof startSandbox>>

export type Product = {
  readonly ground: Ground
  readonly sandbox: Sandbox
  readonly clock: TurnableClock
  readonly origin: string
  readonly logLines: readonly string[]
  /** The role that owns every table, for looking at all of them; undefined on the embedded database, whose handle sees everything. */
  readonly ownerUrl: string | undefined
  close(): Promise<void>
}

export function eachProduct(
  title: string,
  stories: (product: () => Product) => void,
  options: ProductOptions = {},
): void {
  for (const kind of inject('databaseKinds')) {
    describe(`${title} (${kind})`, () => {
      let product: Product
      beforeAll(async () => {
        product = await startProduct(kind, options)
      })
      afterAll(() => product?.close())
      stories(() => product)
    })
  }
}

/** For stories that one database is enough for: the built-in one, as a newcomer has it, unless this run is about PostgreSQL alone. */
export function usualDatabase(): 'pglite' | 'postgres' {
  return inject('databaseKinds').includes('pglite') ? 'pglite' : 'postgres'
}

type ProductOptions = {
  /** It has a Stripe account of its own, to which operators connect theirs. */
  readonly isPlatform?: boolean
  /** What it takes of their payments, as the environment says it. */
  readonly platformFee?: string
}

const hourMs = 3_600_000

/** Time begins at 22:00 UTC, which is morning in Sydney, where most operators of the stories are: no story meets midnight by chance. */
const msUntilMorning = (): number => 24 * hourMs - ((Date.now() + 2 * hourMs) % (24 * hourMs))

export async function startProduct(kind: 'pglite' | 'postgres', options: ProductOptions = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-'))
  const time = openSandboxTime()
  const { clock } = time
  clock.advance(msUntilMorning())
  const logLines: string[] = []
  const logs = createLogs('info', (line) => void logLines.push(line))
  const sandbox = await startSandbox({ port: 0, clock: time.port, webhookProfile: 'fast' })
  await demandReturnUrls(sandbox)
  const own = kind === 'postgres' ? await createPostgresDatabase() : undefined
  if (!own) copyEmbeddedTemplate(inject('embeddedTemplate'), folder)
  const configuration = readConfiguration({
    RENTROLL_DATA_DIR: folder,
    RENTROLL_MASTER_KEY: randomBytes(32).toString('base64'),
    RENTROLL_SANDBOX: 'on',
    RENTROLL_PLATFORM_FEE: options.platformFee,
    ...(own && {
      DATABASE_URL: own.url,
      DATABASE_OWNER_URL: own.ownerUrl,
      DATABASE_AUTH_URL: own.url.replace('rentroll_app', 'rentroll_auth'),
    }),
  })
  if ('problems' in configuration) throw new Error(configuration.problems.join('\n'))
  const ready: { application?: Answering } = {}
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    answering: () => ({
      fetch: (request, bindings) => ready.application!.fetch(request, bindings),
      raw: (request, response) => ready.application!.raw!(request, response),
    }),
  })
  const database = await openMigrated({ configuration, clock, logs })
  const ground = await openGround({
    database,
    configuration,
    clock,
    logs,
    publicUrl: server.origin,
    sandboxUrl: sandbox.url,
    ...(options.isPlatform && { platformKeys: platformKeysOf(configuration, sandbox.keys) }),
  })
  await makeDemoOperator(ground.people)
  const work = await startWork(ground)
  const letGoOfTime = await time.follow(ground)
  sandbox.time.join(applicationSide(ground, work, clock))
  ready.application = createAnswering(apiContext(ground, new URL('../../dist/', import.meta.url)))
  return {
    ground,
    sandbox,
    clock,
    origin: server.origin,
    logLines,
    ownerUrl: own?.ownerUrl,
    async close() {
      await server.stop()
      await ground.receiver.settle()
      letGoOfTime()
      await work.stop()
      await ground.people.settle()
      await sandbox.close()
      await ground.database.close()
      await own?.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Reply = { readonly status: number; readonly body: any }

/**
 * A browser's session without a browser: cookies kept, same origin said, JSON both ways. Asked to prove who is there, it enters its password
 * and repeats what it did, as a person at the dialog would (TRU-78).
 */
export class Session {
  readonly #origin: string
  #cookies = new Map<string, string>()
  #proof: Promise<boolean> | undefined
  #answeredAt = ''
  slug = ''
  mode: 'test' | 'live' = 'test'
  /** Set by whoever signs up or in with it; in the demo the dialog shows one. */
  password = ''
  constructor(origin: string) {
    this.#origin = origin
  }

  /** What a browser would send back as `Cookie`; empty before anybody signed in. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** The day that it was there when the product last answered. */
  todayIn(timeZone: string): LocalDate {
    return localDateAt(new Date(this.#answeredAt), timeZone)
  }

  /** @param key of the form it is sent from (UI-36). */
  async call(method: string, path: string, body?: unknown, key?: string): Promise<Reply> {
    const reply = await this.#send(method, path, body, key)
    if (reply.status !== 403 || reply.body.code !== 'step_up_required') return reply
    this.#proof ??= this.#prove().finally(() => (this.#proof = undefined))
    return (await this.#proof) ? this.#send(method, path, body, key) : reply
  }

  /** Before a plain form, which cannot be repeated: the button of such a form asks first. */
  async makeSure(): Promise<void> {
    const { status, body } = await this.#send('GET', '/api/v1/step-up')
    if (status === 200 && body.secondsLeft < 20) await this.#prove()
  }

  /** Once for all requests that wait for it, as the one dialog does. */
  async #prove(): Promise<boolean> {
    const shown = (await this.#send('GET', '/api/v1/step-up')).body
    const password = this.password || shown.demoPassword
    if (password === undefined) return false
    return (await this.#send('POST', '/api/v1/step-up', { method: 'password', password })).status === 200
  }

  async #send(method: string, path: string, body?: unknown, key?: string): Promise<Reply> {
    const reply = await fetch(`${this.#origin}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        Origin: this.#origin,
        ...(this.cookie !== '' && { Cookie: this.cookie }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    this.#answeredAt = reply.headers.get('Date') ?? ''
    for (const cookie of reply.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text }
  }

  get(path: string): Promise<Reply> {
    return this.call('GET', this.#own(path))
  }

  /** Expects the answer to be good and returns its body. */
  async good(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<any> {
    const reply = await this.call(method, this.#own(path), method === 'GET' ? undefined : (body ?? {}))
    expect(reply, `${method} ${path}: ${JSON.stringify(reply.body)}`).toMatchObject({
      status: expect.toSatisfy((status: number) => status >= 200 && status < 300),
    })
    return reply.body
  }

  async refused(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<Reply> {
    const reply = await this.call(method, this.#own(path), body ?? {})
    expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBeGreaterThanOrEqual(400)
    return reply
  }

  #own(path: string): string {
    if (path.startsWith('/api/')) return path
    return `/api/v1/w/${this.slug}${path}${path.includes('?') ? '&' : '?'}mode=${this.mode}`
  }
}

/** Polls a condition with a limit; a test never sleeps for a guessed time (ARC-63). */
export async function eventually<Value>(
  read: () => Promise<Value>,
  isThere: (value: Value) => boolean,
  limitMs = patienceMs,
): Promise<Value> {
  const until = performance.now() + limitMs
  for (;;) {
    const value = await read()
    if (isThere(value)) return value
    if (performance.now() > until)
      throw new Error(
        `it did not come true within ${limitMs} ms; last seen: ${String(JSON.stringify(value)).slice(0, 2000)}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export const requestKey = (): string => crypto.randomUUID()

/** Books that do not hold end a story with the rows that break them. */
export async function expectBooksToHold(product: Product, scope: Scope): Promise<void> {
  expect(await breachesOf(product.ground.database, scope)).toEqual([])
}

/** Stripe demands a way back for methods it picks by itself; the sandbox does so only when asked to (SBX-45). */
async function demandReturnUrls(sandbox: Sandbox): Promise<void> {
  const asked = sandbox.stripe.accounts().map(({ id }) =>
    fetch(`${sandbox.url}/_sandbox/settings`, {
      method: 'POST',
      body: JSON.stringify({ account: id, strictReturnUrl: true }),
    }),
  )
  for (const { status } of await Promise.all(asked)) {
    if (status !== 200) throw new Error(`The sandbox answered ${status} to its setting strictReturnUrl.`)
  }
}
