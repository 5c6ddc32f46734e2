/**
 * The load: a process of its own, so that its work is nobody's (PERF-13). It signs everything beforehand, then keeps `c` connections
 * busy, each with one request at a time. It speaks just enough HTTP to be cheaper than any server it measures.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { quantile } from './figures.ts'
import { makeEvents, signEvent, type EventsWish } from './events.ts'

export interface LoadWish {
  readonly port: number
  readonly path: string
  readonly c: number
  readonly secret: string
  readonly events: EventsWish
}

export interface LoadResult {
  readonly sent: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The clock at the first acknowledgement. */
  readonly firstAckAt: number
  /** How often each status but 200 came, with the first body. */
  readonly refused: readonly string[]
}

interface Run {
  readonly wish: LoadWish
  readonly requests: readonly Buffer[]
  readonly latencies: Float64Array
  readonly refused: Map<string, number>
  next: number
  firstAckAt: number
}

function prepare(wish: LoadWish): Run {
  const timestamp = Math.floor(Date.now() / 1000)
  const requests: readonly Buffer[] = makeEvents(wish.events).map(({ body }) => {
    const head = [
      `POST ${wish.path} HTTP/1.1`,
      `Host: 127.0.0.1:${wish.port}`,
      'Content-Type: application/json; charset=utf-8',
      'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      `Stripe-Signature: ${signEvent(body, { secret: wish.secret, timestamp })}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
  return begin(wish, requests)
}

function begin(wish: LoadWish, requests: readonly Buffer[]): Run {
  const latencies = new Float64Array(requests.length)
  return { wish, requests, latencies, refused: new Map(), next: 0, firstAckAt: 0 }
}

const mostPractised = 2_000

/** The same against somebody here who answers at once: how long this process takes to become quick is nobody's latency. */
async function practise({ wish, requests }: Run): Promise<void> {
  const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  const server = createServer({ noDelay: true }, (socket) => {
    let left = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      if (left === 0) left = sizeOf(chunk)
      left -= chunk.length
      if (left === 0) socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await run(begin({ ...wish, port }, requests.slice(0, mostPractised)))
  await new Promise((resolve) => server.close(resolve))
}

/** Of a whole request, by its head. */
function sizeOf(chunk: Buffer): number {
  const headEnd = chunk.indexOf('\r\n\r\n') + 4
  return headEnd + Number(/\ncontent-length: (\d+)/i.exec(chunk.toString('latin1', 0, headEnd))?.[1])
}

async function run(load: Run): Promise<LoadResult> {
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: load.wish.c }, () => keepBusy(load)))
  const seconds = (performance.now() - startedAt) / 1000
  const sorted = load.latencies.toSorted()
  return {
    sent: load.requests.length,
    seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    firstAckAt: load.firstAckAt,
    refused: [...load.refused].map(([text, count]) => `${count} × ${text}`),
  }
}

/** One caller, on a new connection whenever the server closed the last one. */
async function keepBusy(load: Run): Promise<void> {
  while (load.next < load.requests.length) await callUntilClosed(load)
}

function callUntilClosed(load: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: load.wish.port, host: '127.0.0.1', noDelay: true })
    let place = -1
    let sentAt = 0
    let heard = ''
    const send = (): void => {
      const request = load.requests[load.next]
      if (request === undefined) return end(socket, resolve)
      place = load.next
      load.next += 1
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('data', (chunk: Buffer) => {
      heard = heard === '' ? chunk.toString('latin1') : heard + chunk.toString('latin1')
      const answer = readAnswer(heard)
      if (answer === undefined) return
      heard = ''
      load.latencies[place] = performance.now() - sentAt
      place = -1
      if (load.firstAckAt === 0) load.firstAckAt = Date.now()
      if (answer.status !== '200') note(load.refused, `${answer.status} ${answer.body.slice(0, 160)}`)
      if (answer.isLast) end(socket, resolve)
      else send()
    })
    socket.on('error', reject)
    socket.on('close', () => (place === -1 ? resolve() : reject(new Error('The server hung up on a request.'))))
  })
}

function end(socket: Socket, resolve: () => void): void {
  socket.end()
  resolve()
}

function note(counts: Map<string, number>, text: string): void {
  counts.set(text, (counts.get(text) ?? 0) + 1)
}

/** Undefined until the answer is whole. */
function readAnswer(text: string): { status: string; body: string; isLast: boolean } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const head = text.slice(0, headEnd).toLowerCase()
  const body = text.slice(headEnd + 4)
  const length = /\ncontent-length: (\d+)/.exec(head)?.[1]
  if (length === undefined ? !body.endsWith('0\r\n\r\n') : body.length < Number(length)) return undefined
  return { status: text.slice(9, 12), body, isLast: head.includes('\nconnection: close') }
}

let prepared: Run | undefined
process.on('message', (message: LoadWish | 'go' | 'end') => {
  if (message === 'end') process.exit(0)
  if (message !== 'go') {
    const load = prepare(message)
    prepared = load
    void practise(load).then(() => process.send?.('ready'))
  } else if (prepared) {
    const load = prepared
    prepared = undefined
    run(load).then(
      (result) => process.send?.(result),
      (error: unknown) => process.send?.({ failure: String(error) }),
    )
  }
})
