/**
 * The HTTP side on a port of its own, with real mail in the sandbox's outbox: what a test of routes needs. Visitors keep their cookies
 * and say their origin, as a browser does.
 */
import { createPeople } from '#operators'
import { createMailer, newId } from '#platform'
import { createStripe } from '#stripe'
import { createAnswering, createDrain, createMetrics, createRegistry, startServer, type ApiContext } from '#web/api'
import { createReceiver } from '#webhooks'
import { startSandbox } from '../../sandbox/index.ts'
import type { TestGround } from './databases.ts'
import { patienceMs } from './soon.ts'

export type TestAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: any
}
export type TestCall = { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> }

export type Visitor = {
  /** Sends JSON with the cookies so far and keeps what comes back. A body that is a string is sent as it is. */
  call(path: string, call?: TestCall): Promise<TestAnswer>
  post(path: string, body?: unknown): Promise<TestAnswer>
  readonly cookies: Map<string, string>
}

export type SignedUp = {
  readonly visitor: Visitor
  readonly slug: string
  readonly email: string
  readonly password: string
}
export type TestMail = { readonly subject: string; readonly text: string; readonly links: readonly string[] }
export type TestApi = Awaited<ReturnType<typeof openTestApi>>

export async function openTestApi(ground: TestGround, changes: Partial<ApiContext> = {}) {
  const sandbox = await startSandbox({ port: 0, now: () => ground.clock.now() })
  const { database, clock, logs, box, jobs } = ground
  const mailer = createMailer({ from: 'Rentroll <billing@rentroll.test>', outbox: `${sandbox.url}/_sandbox/mail` })
  const drain = createDrain()
  let context: ApiContext | undefined
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    answering: (origin) => {
      const people = createPeople({ database, clock, logs, box, mailer, publicUrl: origin })
      const stripe = createStripe({ apiBase: sandbox.url, logs, clock, installation: newId(clock) })
      const receiver = createReceiver({ database, box, logs, onKept: () => undefined })
      const outside = {
        stripe,
        receiver,
        wakeInbox: () => undefined,
        mailer,
        people,
        isSandboxOn: true,
        sandboxOrigin: sandbox.url,
      }
      const rules = { hasFinalisedInvoice: async () => false, findDefaultMode: async () => 'test' as const }
      const installation = {
        database,
        box,
        logs,
        stripe,
        mailer,
        publicUrl: origin,
        administrators: [],
        isSandboxOn: false,
        hasOutsideSecret: false,
        version: '0.0.0',
        keyMasks: {},
        isKeyOfSandbox: () => false,
      }
      const distFolder = new URL('../../dist/', import.meta.url)
      context = {
        database,
        clock,
        jobs,
        logs,
        box,
        ...outside,
        ...rules,
        installation,
        metrics: createMetrics(createRegistry()),
        drain,
        publicUrl: origin,
        distFolder,
        ...changes,
      }
      return createAnswering(context)
    },
  })
  if (!context) throw new Error('the server did not ask for the application')
  const visitor = () => makeVisitor(server.origin)
  const mailsTo = (address: string) => listMails(sandbox.url, address)
  return {
    origin: server.origin,
    context,
    drain,
    sandbox,
    visitor,
    mailsTo,
    /** The first mail to an address whose subject contains these words. */
    mailTo: (address: string, subject: string) =>
      until(
        async () => (await mailsTo(address)).find((mail) => mail.subject.includes(subject)),
        `a mail "${subject}" to ${address}`,
      ),
    /** A person with a workspace of their own, through the same steps as anybody. */
    signUp: () => signUp({ visitor, mailsTo }),
    async stop() {
      drain.mark()
      await server.stop()
      await context?.people.settle()
      await sandbox.close()
    },
  }
}

/** Asks until there is an answer. @throws once the patience is used up. */
export async function until<Value>(ask: () => Promise<Value | undefined>, what: string): Promise<Value> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    if (performance.now() > giveUpAt) throw new Error(`There was no sign of ${what} within ${patienceMs} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function makeVisitor(origin: string): Visitor {
  const cookies = new Map<string, string>()
  const call = async (path: string, { method = 'GET', body, headers = {} }: TestCall = {}): Promise<TestAnswer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${origin}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(method !== 'GET' && { origin }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    for (const line of answer.headers.getSetCookie()) keepCookie(cookies, line)
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') === true
    return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
  return { cookies, call, post: (path, body) => call(path, { method: 'POST', body }) }
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const at = pair.indexOf('=')
  if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

async function listMails(sandboxUrl: string, to: string): Promise<readonly TestMail[]> {
  const answer = await fetch(`${sandboxUrl}/_sandbox/mail?to=${encodeURIComponent(to)}`, {
    headers: { accept: 'application/json' },
  })
  const { messages } = (await answer.json()) as { messages: readonly TestMail[] }
  return messages
}

type Reach = { readonly visitor: () => Visitor; readonly mailsTo: (address: string) => Promise<readonly TestMail[]> }

async function signUp({ visitor: makeOne, mailsTo }: Reach): Promise<SignedUp> {
  const visitor = makeOne()
  const unique = crypto.randomUUID().slice(0, 13)
  const [slug, email, password] = [`w-${unique}`, `ada-${unique}@example.test`, 'forty-two green teapots']
  await visitor.post('/api/v1/sign-up', { name: 'Ada Quill', email, slug })
  const mail = await until(async () => (await mailsTo(email))[0], `the link for ${email}`)
  const token = new URL(mail.links[0] ?? '').searchParams.get('token')
  const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }
  const confirmed = await visitor.post('/api/v1/verify-email', { token, password, ...place })
  if (confirmed.status !== 200) throw new Error(`the sign-up was refused: ${confirmed.text}`)
  return { visitor, slug, email, password }
}
