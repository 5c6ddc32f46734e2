/**
 * The address Stripe sends its news to (STR-40, STR-49, STR-56). It stands before everything that reads bodies or makes requests of a
 * friendlier kind, because the signature covers the raw bytes and because this is the one road where each microsecond is paid a
 * million times (PERF-41). It decides only what depends on nothing secret: method, encoding, size. What surprises: every signature failure has
 * the same answer, and the answer to an event says nothing about it. A network that fails more than 600 times within a minute is told so, but only
 * after the whole work of verifying, and what is rightly signed is never counted (TRU-112).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { networkOf } from '#operators'
import { newRequestId } from '#platform'
import type { Receiver } from '#webhooks'
import { createAddressReader, type AddressReader } from './client-address.ts'
import type { ApiContext } from './context.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import { plainHeaders } from './security.ts'
import type { RawListener } from './server.ts'

type Parts = Pick<ApiContext, 'logs' | 'metrics' | 'clock' | 'publicUrl' | 'trustedProxies'> & {
  readonly receiver: Pick<Receiver, 'receive'>
}

const mostFailures = 600
const mostBytes = 1_048_576
const mostBytesInFlight = 64 * 1_048_576
export const webhookPath = '/api/stripe/webhook'
const address = /^\/api\/stripe\/webhook(?:\/([^/?#]+))?(?:\?|$)/

/** Answers `/api/stripe/webhook` and `/api/stripe/webhook/{endpointToken}`, and leaves everything else. */
export function stripeWebhookListener(parts: Parts): RawListener {
  const { logs, metrics, clock, receiver } = parts
  // Written out, so that every desk is of one make, as V8 sees it.
  const desk: Desk = {
    logs,
    metrics,
    clock,
    receiver,
    inFlight: { bytes: 0 },
    headers: headersOf(plainHeaders(parts).flat()),
    readAddress: createAddressReader(parts.trustedProxies),
    failures: createRateLimit({ clock, perMinute: mostFailures }),
  }
  return (request, response) => {
    const { url = '' } = request
    const match = url === webhookPath ? [] : address.exec(url)
    if (!match) return false
    take(desk, { request, response, endpointToken: match[1], startedAt: performance.now() })
    return true
  }
}

type Desk = Pick<Parts, 'logs' | 'metrics' | 'clock' | 'receiver'> & {
  readonly inFlight: { bytes: number }
  /** Of each answer, names and values in turn. */
  readonly headers: Readonly<Record<Answer, readonly string[]>>
  readonly readAddress: AddressReader
  /** By network: deliveries that nobody of ours signed. */
  readonly failures: RateLimit
}
type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly endpointToken: string | undefined
  /** Milliseconds of this process. */
  readonly startedAt: number
}

/** Every answer there is. What comes after a body that is too large is not read, so its connection ends. */
const answers = {
  kept: { status: 200, text: 'ok', headers: [] },
  invalid_signature: { status: 400, text: 'invalid signature', headers: [] },
  method: { status: 405, text: 'method not allowed', headers: [['Allow', 'POST']] },
  too_large: { status: 413, text: 'body too large', headers: [['Connection', 'close']] },
  encoding: { status: 415, text: 'unsupported content encoding', headers: [] },
  fault: { status: 500, text: 'not kept', headers: [] },
  too_many: { status: 429, text: 'too many failures', headers: [] },
  busy: { status: 503, text: 'busy', headers: [['Retry-After', '2']] },
} as const

type Answer = keyof typeof answers

function headersOf(always: readonly string[]): Readonly<Record<Answer, readonly string[]>> {
  const all = Object.entries(answers).map(([name, { text, headers }]) => [
    name,
    [...always, 'Content-Length', `${text.length}`, ...headers.flat()],
  ])
  return Object.fromEntries(all)
}

function take(desk: Desk, exchange: Exchange): void {
  const { request } = exchange
  const { inFlight } = desk
  const refusal = refusalOf(request)
  if (refusal) return answer(desk, exchange, refusal)
  let taken = 0
  const mayTake = (bytes: number) => {
    taken += bytes
    inFlight.bytes += bytes
    return inFlight.bytes <= mostBytesInFlight
  }
  readBody(request, mayTake, (body) => {
    const finish = (outcome: Answer | 'hung_up') => {
      inFlight.bytes -= taken
      // Whoever hung up meanwhile hears nothing.
      if (outcome !== 'hung_up') answer(desk, exchange, outcome)
    }
    if (typeof body === 'string') finish(body)
    else void keep(desk, { ...exchange, body, finish })
  })
}

/** What the head alone decides. */
function refusalOf({ method, headers }: IncomingMessage): Answer | undefined {
  if (method !== 'POST') return 'method'
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') return 'encoding'
  return Number(headers['content-length'] ?? 0) > mostBytes ? 'too_large' : undefined
}

function answer(desk: Desk, { request, response, endpointToken, startedAt }: Exchange, judged: Answer): void {
  const tooMany = judged === 'invalid_signature' ? desk.failures.take(networkOf(desk.readAddress(request))) : undefined
  const outcome = tooMany ? 'too_many' : judged
  const { status, text } = answers[outcome]
  const requestId = newRequestId(desk.clock)
  const limits = tooMany ? Object.entries(tooMany).flat() : []
  response.writeHead(status, [...desk.headers[outcome], 'Request-Id', requestId, ...limits])
  response.end(request.method === 'HEAD' ? '' : text, 'latin1')
  if (outcome === 'too_large') response.once('finish', () => request.destroy())
  const path = endpointToken === undefined ? 'shared' : 'own'
  const seconds = (performance.now() - startedAt) / 1000
  desk.metrics.countWebhook({ path, outcome: outcome === 'kept' ? 'accepted' : 'refused', reason: outcome })
  const route = endpointToken === undefined ? webhookPath : `${webhookPath}/:endpointToken`
  desk.metrics.countRequest({ method: wordOf(request.method), route, status, seconds })
  if (outcome !== 'kept') desk.logs.info({ requestId, route, status, reason: outcome }, 'a delivery was not accepted')
}

/** Methods people know; a made-up one must not become a label. */
function wordOf(method = ''): string {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : 'other'
}

async function keep(
  { receiver, logs }: Desk,
  { request, endpointToken, body, finish }: Exchange & { body: Buffer; finish: (outcome: Answer) => void },
): Promise<void> {
  const signature = request.headers['stripe-signature']
  if (Array.isArray(signature)) return finish('invalid_signature')
  let outcome: Answer = 'fault'
  try {
    outcome = await receiver.receive({ signature, body, ...(endpointToken !== undefined && { endpointToken }) })
  } catch (error) {
    logs.error({ error: error instanceof Error ? error.stack : String(error) }, 'a delivery could not be kept')
  }
  finish(outcome)
}

/**
 * @param mayTake told of each part; false when this process holds enough (TRU-110).
 * @param tell is given the raw bytes, or why there are none, once: a promise is not for nothing on this road.
 */
function readBody(
  request: IncomingMessage,
  mayTake: (bytes: number) => boolean,
  tell: (body: Buffer | 'too_large' | 'busy' | 'hung_up') => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  let isTold = false
  const end = (body: Parameters<typeof tell>[0]) => {
    if (isTold) return
    isTold = true
    tell(body)
  }
  const stop = (why: 'too_large' | 'busy') => {
    request.off('data', read)
    request.pause()
    end(why)
  }
  const read = (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > mostBytes) return stop('too_large')
    if (!mayTake(chunk.byteLength)) return stop('busy')
    chunks.push(chunk)
  }
  const hangUp = () => end('hung_up')
  request.on('data', read)
  request.on('end', () => end(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)))
  request.on('close', hangUp)
  request.on('error', hangUp)
}
