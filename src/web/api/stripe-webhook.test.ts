import { createConnection } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { listInboxEvents } from '#inbox'
import { startInbox, type Inbox, type Receiver } from '#webhooks'
import { eachDatabase } from '#test/databases'
import {
  countEffects,
  eventText,
  makeConnection,
  makeReceiver,
  reactionsOf,
  signatureFor,
  type TestConnection,
} from '#test/inbox'
import { soon } from '#test/soon'
import { createMetrics } from './observe.ts'
import { startServer, type WebServer } from './server.ts'
import { stripeWebhookListener } from './stripe-webhook.ts'

eachDatabase('the address of the webhook', {}, (ground) => {
  let server: WebServer
  let inbox: Inbox | undefined
  const metrics = createMetrics()

  beforeAll(async () => {
    const receiver = makeReceiver(ground(), () => inbox?.wake())
    server = await serve(receiver)
  })

  const serve = (receiver: Pick<Receiver, 'receive'>) => {
    const { logs, clock } = ground()
    const raw = stripeWebhookListener({ receiver, logs, clock, metrics, publicUrl: 'https://rentroll.test' })
    const fetch = () => new Response(null, { status: 404 })
    return startServer({ host: '127.0.0.1', port: 0, answering: () => ({ fetch, raw }) })
  }

  afterAll(() => server.stop())

  afterEach(async () => {
    await inbox?.stop()
    inbox = undefined
  })

  const post = (connection: TestConnection, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const signature = signatureFor(ground(), { body: Buffer.from(body).toString('utf8'), secret: connection.secret })
    return fetch(`${server.origin}/api/stripe/webhook/${connection.endpointToken}`, {
      method: 'POST',
      headers: { 'Stripe-Signature': signature, 'Content-Type': 'application/json; charset=utf-8', ...headers },
      body: Buffer.from(body),
    })
  }
  const count = async ({ scope }: TestConnection) => (await listInboxEvents(ground().database, scope)).events.length
  const told = async (reply: Response) => `${reply.status} ${await reply.text()}`

  test('STR-54: 200 ok or 400 invalid signature, as plain text, with the same headers', async () => {
    const connection = await makeConnection(ground())
    const body = eventText({ objectId: 'pi_http' })

    const good = await post(connection, body)
    const bad = await post(connection, body, { 'Stripe-Signature': 't=1,v1=00' })

    expect(await told(good)).toBe('200 ok')
    expect(await told(bad)).toBe('400 invalid signature')
    const names = (reply: Response) => [...reply.headers.keys()].toSorted()
    expect(names(bad)).toEqual(names(good))
    expect([good, bad].map((reply) => reply.headers.get('content-type'))).toEqual([
      'text/plain; charset=UTF-8',
      'text/plain; charset=UTF-8',
    ])
  })

  test('STR-113: a hundred copies at once: one row, one effect, a hundred times 200', async () => {
    const connection = await makeConnection(ground())
    const { database, logs } = ground()
    inbox = startInbox({ database, logs, reactions: reactionsOf(), isOnlyProcess: false })
    const body = eventText({ objectId: 'pi_hundredfold' })

    const replies = await Promise.all(Array.from({ length: 100 }, () => post(connection, body).then(told)))

    expect(new Set(replies)).toEqual(new Set(['200 ok']))
    await soon(async () => {
      const { events } = await listInboxEvents(database, connection.scope)
      expect(events.map(({ state, deliveries }) => [state, deliveries])).toEqual([['done', 100]])
    })
    expect(await countEffects(ground(), connection.scope, 'pi_hundredfold')).toBe(1)
  })

  test('STR-49: only POST, and never an encoded body', async () => {
    const connection = await makeConnection(ground())
    const address = `${server.origin}/api/stripe/webhook/${connection.endpointToken}`
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const reply = await fetch(address, { method })
      expect([method, reply.status, reply.headers.get('allow')]).toEqual([method, 405, 'POST'])
    }
    expect((await fetch(`${server.origin}/api/stripe/webhook`)).status).toBe(405)
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(405)

    const body = eventText({ objectId: 'pi_encoded' })
    expect((await post(connection, gzipSync(body), { 'Content-Encoding': 'gzip' })).status).toBe(415)
    expect((await post(connection, body, { 'Content-Encoding': 'identity' })).status).toBe(200)
    expect(await count(connection)).toBe(1)
  })

  test('STR-49: a mebibyte is read, one byte more is not', async () => {
    const connection = await makeConnection(ground())
    const sized = (bytes: number) => {
      const body = eventText({ objectId: 'pi_large', padding: '' })
      return body.replace('"padding": ""', `"padding": "${'x'.repeat(bytes - Buffer.byteLength(body))}"`)
    }

    expect((await post(connection, sized(1_048_576))).status).toBe(200)
    expect(await told(await post(connection, sized(1_048_577)))).toBe('413 body too large')
    expect(await count(connection)).toBe(1)
  })

  test('STR-49: an endless body without a length is cut off', async () => {
    const connection = await makeConnection(ground())
    const chunk = Buffer.alloc(65_536, 'x')
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += chunk.length
        controller.enqueue(chunk)
      },
    })

    const reply = await fetch(`${server.origin}/api/stripe/webhook/${connection.endpointToken}`, {
      method: 'POST',
      headers: { 'Stripe-Signature': 't=1,v1=00' },
      body: endless,
      duplex: 'half',
    } as RequestInit)

    expect(reply.status).toBe(413)
    expect(sent).toBeLessThan(64 * 1_048_576)
  })

  test('STR-49: a repeated, absent or over-long header is 400', async () => {
    const connection = await makeConnection(ground())
    const body = eventText({ objectId: 'pi_twice' })
    const good = signatureFor(ground(), { body, secret: connection.secret })
    const raw = (lines: readonly string[]) => {
      const head = [
        `POST /api/stripe/webhook/${connection.endpointToken} HTTP/1.1`,
        'Host: rentroll',
        'Connection: close',
      ]
      return exchange(
        server.port,
        [...head, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'),
      )
    }

    expect(await raw([`Stripe-Signature: ${good}`])).toMatch(/^HTTP\/1.1 200 /)
    expect(await raw([`Stripe-Signature: ${good}`, `Stripe-Signature: ${good}`])).toMatch(/^HTTP\/1.1 400 /)
    expect(await raw([])).toMatch(/^HTTP\/1.1 400 /)
    expect(await raw([`Stripe-Signature: ${good},v0=${'a'.repeat(5_000)}`])).toMatch(/^HTTP\/1.1 400 /)
    expect(await count(connection)).toBe(1)
  })

  test('STR-56: what could not be kept is not acknowledged', async () => {
    const connection = await makeConnection(ground())
    const broken = await serve({ receive: () => Promise.reject(new Error('the database is away')) })
    const full = await serve({ receive: async () => 'busy' })
    const send = ({ origin }: WebServer) =>
      fetch(`${origin}/api/stripe/webhook/${connection.endpointToken}`, { method: 'POST', body: 'x' })

    expect(await told(await send(broken))).toBe('500 not kept')
    const wait = await send(full)
    expect([wait.status, wait.headers.get('retry-after')]).toEqual([503, '2'])
    await Promise.all([broken.stop(), full.stop()])
  })

  test('TRU-126: deliveries are counted by path and reason', async () => {
    const text = await metrics.registry.metrics()
    expect(text).toMatch(
      /rentroll_webhook_deliveries_total\{path="own",outcome="refused",reason="invalid_signature"\} \d+/,
    )
    expect(text).toMatch(/rentroll_webhook_deliveries_total\{path="own",outcome="accepted",reason="kept"\} \d+/)
  })
})

/** What a server answers to these very bytes. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(text))
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.on('error', reject)
  })
}
