/** The two ends of an API call: its form on the way in, its answer, headers and faults on the way out. */
import type { SandboxReply, SandboxRequest } from '../../http.ts'
import type { RecordedExchange } from '../../traffic-record.ts'
import { StripeRefusal, refuse, toEnvelope } from '../errors.ts'
import type { ErrorBody } from '../errors.ts'
import { AnsweredInstead, Dropped } from '../faults/api-faults.ts'
import type { Answer } from '../faults/api-faults.ts'
import type { ApiEffect } from '../faults/effects.ts'
import type { World } from '../world/world.ts'
import type { Caller } from './authentication.ts'
import { emptyGroup, parseForm, parseJsonForm } from './form.ts'
import type { FormGroup } from './form.ts'
import { parseMultipart } from '../parts/multipart.ts'
import type { Router } from './router.ts'
import { renderFor } from './versions.ts'

/** One call while it is on its way; filled as more becomes known, so that the log has what there was. */
export interface Exchange {
  readonly request: SandboxRequest
  readonly requestId: string
  caller: Caller | undefined
  version: string
  isReplay: boolean
  /** Request whose stored answer is shown again. */
  originalRequest: string | undefined
  effects: readonly ApiEffect[]
}

/** An error as it is answered. One that is no refusal is a bug of the sandbox: it is also written to its output. */
export function toAnswer(world: World, exchange: Exchange, error: unknown): Answer {
  if (error instanceof Dropped) return { status: 0, body: '' }
  if (error instanceof AnsweredInstead) return error.answer
  const logUrl = `${world.publicUrl}/_sandbox/requests/${exchange.requestId}`
  const envelope = (body: ErrorBody): string => JSON.stringify(toEnvelope(body, logUrl), null, 2)
  if (error instanceof StripeRefusal) return { status: error.status, body: envelope(inVersion(exchange, error.body)) }
  const { method, url } = exchange.request
  process.stderr.write(`The Stripe sandbox failed on ${method} ${url.pathname}: ${describe(error)}\n`)
  const reason = error instanceof Error ? error.message : String(error)
  return { status: 500, body: envelope({ type: 'api_error', message: `The sandbox itself failed: ${reason}` }) }
}

/** The intent inside an error is shown in the version that was asked for, as everywhere. */
function inVersion({ caller, version }: Exchange, body: ErrorBody): ErrorBody {
  const intent = body.payment_intent
  if (caller === undefined || typeof intent !== 'object' || intent === null) return body
  return { ...body, payment_intent: renderFor(version, intent as Record<string, unknown>, caller.space) }
}

/** Status 0 means that the connection is closed without an answer. */
export function toReply(world: World, exchange: Exchange, answer: Answer): SandboxReply {
  const { headers } = exchange.request
  const retry = shouldRetry(answer.status)
  return {
    status: answer.status,
    hangUp: answer.status === 0,
    ...(answer.cutAt !== undefined && { cutAt: answer.cutAt }),
    body: answer.body,
    headers: {
      'content-type': answer.contentType ?? 'application/json',
      'request-id': exchange.requestId,
      'stripe-version': exchange.version,
      date: new Date(world.nowMs()).toUTCString(),
      ...(headers['stripe-account'] !== undefined && { 'stripe-account': headers['stripe-account'] }),
      ...(headers['idempotency-key'] !== undefined && { 'idempotency-key': headers['idempotency-key'] }),
      ...(exchange.isReplay && { 'idempotent-replayed': 'true' }),
      ...(exchange.originalRequest !== undefined && { 'original-request': exchange.originalRequest }),
      ...(retry !== undefined && { 'stripe-should-retry': retry }),
    },
  }
}

/** The whole exchange for the traffic record; the key is left out, and so are files that were sent. */
export function describeExchange(exchange: Exchange, reply: SandboxReply, router: Router): RecordedExchange {
  const { method, url, headers, body } = exchange.request
  const { authorization: _, ...shown } = headers
  const operation = router.find(method, url.pathname)?.operation
  const isFile = (headers['content-type'] ?? '').startsWith('multipart/')
  return {
    kind: 'exchange',
    method,
    path: `${url.pathname}${url.search}`,
    operation: operation === undefined ? null : `${method} ${operation.path}`,
    request: { headers: shown, body: isFile ? '' : body.toString('utf8') },
    answer: {
      status: reply.hangUp === true ? 0 : reply.status,
      headers: reply.headers,
      body: String(reply.body),
    },
    faults: exchange.effects.map((effect) => effect.kind),
  }
}

function shouldRetry(status: number): string | undefined {
  return status === 409 || status === 429 || status >= 500 ? 'true' : undefined
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Addresses that take files, and with them multipart bodies. */
const uploadPaths = ['/v1/files']

/** Throws StripeRefusal for a body that is no form. Parameters of the address count as well, as at Stripe. */
export function readForm(request: SandboxRequest): FormGroup {
  const query = parseForm(request.url.search)
  if (request.method === 'GET' || request.body.length === 0) return query
  const type = request.headers['content-type'] ?? ''
  if (request.url.pathname.startsWith('/v2/')) return readJsonForm(type, request)
  if (type.startsWith('multipart/form-data') && uploadPaths.includes(request.url.pathname))
    return Object.assign(emptyGroup(), query, parseMultipart(request.body, type))
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw refuse(
      'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
    )
  }
  return Object.assign(emptyGroup(), query, parseForm(request.body.toString('utf8')))
}

/** v2 takes JSON only, as v1 takes forms only. */
function readJsonForm(type: string, request: SandboxRequest): FormGroup {
  if (!type.startsWith('application/json'))
    throw refuse('Invalid request: requests to /v2 must have the content type application/json.')
  return parseJsonForm(request.body.toString('utf8'))
}
