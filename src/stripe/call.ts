/**
 * One call to Stripe: who may make it, how fast, how often again, and what is written down about it. Two things surprise. The SDK
 * decides success by the absence of an `error` key, so the HTTP status and the shape are checked here (STR-6); and it does not
 * repeat 429 by itself, so this file does (STR-5).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { AccountId, Mode } from '#kernel'
import { assertNoTransaction, guardedFetch, jitter, type Clock, type Logs, type Secret } from '#platform'
import { Stripe } from 'stripe'
import { faultOf, StripeFault, WrongStatus } from './fault.ts'
import { fieldsOf, WrongShape } from './shape.ts'

export const PINNED_API_VERSION = '2026-10-28.endive'

/** Whose credential a call travels with. There is no call without one (STR-1). */
export type StripeScope = {
  /** A key of the operator, or by name the installation's own of this mode, which nobody but this gateway holds (STR-2). */
  readonly credential: Secret | 'platform'
  /** Sent as the header `Stripe-Account` when given (STR-2). */
  readonly account?: AccountId
  /** The account has left: nothing is sent for it, every call is refused here (STR-27). */
  readonly isClosed?: boolean
  readonly mode: Mode
  readonly connectionId: string
  readonly operatorId: string
  readonly handling?: CallHandling
}

/** Shorter limits while a person waits, and an ear for how each call went (Test Connection). */
export type CallHandling = {
  readonly timeoutMs?: number
  readonly retries?: number
  onAnswer?(trace: CallTrace): void
}

export type CallTrace = {
  readonly operation: string
  durationMs: number
  requestId?: string
  httpStatus?: number
  /** Our clock minus Stripe's `Date` header; whole seconds are all the header tells. */
  clockDifferenceMs?: number
}

export type CallRequest<Seen> = {
  /** Stripe's resource and verb, such as `refunds.create`. */
  readonly operation: string
  /** Ours, stored before the call; its presence marks a write (STR-4). */
  readonly idempotencyKey?: string
  /** A card error that carries the intent is an answer, not an exception. */
  readonly acceptsDecline?: boolean
  send(client: Stripe, options: Stripe.RequestOptions): Promise<unknown>
  /** @throws WrongShape when the answer is not what was asked for. */
  read(body: unknown, trace: CallTrace): Seen
}

/** Our ids of the things this object is for. The gateway adds installation and operator. A hint for look-up, never a proof. */
export type LocalIds = Readonly<
  Partial<
    Record<
      | 'rentroll_payment'
      | 'rentroll_refund'
      | 'rentroll_invoice'
      | 'rentroll_setup'
      | 'rentroll_booking'
      | 'rentroll_renter'
      | 'rentroll_probe'
      | 'rentroll_rotation'
      | 'rentroll_connection'
      | 'rentroll_endpoint'
      | 'rentroll_payout'
      | 'rentroll_retry'
      | 'rotation_of',
      string
    >
  >
>

export type Write = {
  /** Stored in our row before the call, at most 255 characters (STR-79). */
  readonly idempotencyKey: string
  readonly metadata: LocalIds
}

/** Makes the full metadata of an object from its own ids and the scope's. */
export type FullMetadata = (scope: { readonly operatorId: string }, ids: LocalIds) => Record<string, string>

/** @throws StripeFault in every case but the expected object. */
export type Call = <Seen>(scope: StripeScope, request: CallRequest<Seen>) => Promise<Seen>

/** The keys of the installation's own account, the platform of Connect, as far as it has them. */
export type PlatformKeys = Readonly<Partial<Record<Mode, Secret>>>

type CallOptions = {
  readonly apiBase: string
  readonly logs: Logs
  readonly clock: Clock
  readonly platformKeys?: PlatformKeys
}
type Parts = {
  readonly client: Stripe
  readonly logs: Logs
  readonly take: (scope: StripeScope) => Promise<void>
  readonly keys: PlatformKeys
}

const triesWhenLimited = 4
const longestPauseMs = 8_000

export function createCall({ apiBase, logs, clock, platformKeys: keys = {} }: CallOptions): Call {
  const traces = new AsyncLocalStorage<CallTrace>()
  const client = createClient(apiBase, watchedFetch(traces, clock))
  const parts: Parts = { client, logs, take: tokenBuckets(), keys }
  return async (scope, request) => {
    assertNoTransaction(`Stripe call ${request.operation}`)
    credentialOf(keys, scope, request)
    for (let attempt = 1; ; attempt += 1) {
      await parts.take(scope)
      const trace: CallTrace = { operation: request.operation, durationMs: 0 }
      try {
        return await traces.run(trace, () => callOnce(parts, { scope, request, trace }))
      } catch (error) {
        const pauseMs = error instanceof Limited ? error.pauseMs(attempt) : undefined
        if (pauseMs === undefined) throw error instanceof Limited ? error.fault : error
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }
}

async function callOnce<Seen>(
  parts: Parts,
  { scope, request, trace }: { scope: StripeScope; request: CallRequest<Seen>; trace: CallTrace },
) {
  const startedAt = performance.now()
  let outcome = 'failed on our side'
  try {
    const body = await request
      .send(parts.client, optionsOf(parts.keys, scope, request))
      .catch((error: unknown) => declinedIntent(error, request))
    const { httpStatus } = trace
    if (httpStatus !== 402 && (httpStatus === undefined || httpStatus < 200 || httpStatus > 299))
      throw new WrongStatus()
    const seen = request.read(body, trace)
    outcome = 'ok'
    return seen
  } catch (error) {
    const { fault, headers } = faultOf(error, {
      operation: request.operation,
      isWrite: request.idempotencyKey !== undefined,
      isByPlatform: scope.credential === 'platform',
      requestId: trace.requestId,
      httpStatus: trace.httpStatus,
    })
    outcome = fault.kind
    throw fault.kind === 'rate' ? new Limited(fault, headers) : fault
  } finally {
    trace.durationMs = Math.round(performance.now() - startedAt)
    scope.handling?.onAnswer?.(trace)
    parts.logs.info(
      {
        stripe: trace.operation,
        connectionId: scope.connectionId,
        operatorId: scope.operatorId,
        mode: scope.mode,
        key: request.idempotencyKey,
        requestId: trace.requestId,
        ms: trace.durationMs,
        outcome,
      },
      'stripe call',
    )
  }
}

/** What the platform does for itself; everything else it does for one of its accounts, and never without naming it. */
const ofPlatformItself = /^(v2\.)?(accounts|account_links|webhook_endpoints)\./

/** @throws StripeFault `auth` where nothing may be sent. */
function credentialOf(keys: PlatformKeys, scope: StripeScope, { operation, idempotencyKey }: CallRequest<unknown>) {
  const refuse = (code: string, message: string) =>
    new StripeFault({ operation, isWrite: idempotencyKey !== undefined, kind: 'auth', code, message })
  if (scope.isClosed) throw refuse('disconnected', 'this account is no longer connected')
  if (scope.credential !== 'platform') return scope.credential
  if (!scope.account && !ofPlatformItself.test(operation))
    throw new Error(`${operation} with the platform's key has to name the account it is for`)
  const key = keys[scope.mode]
  if (!key) throw refuse('no_platform_key', `this installation has no platform key for ${scope.mode} mode`)
  return key
}

function optionsOf(keys: PlatformKeys, scope: StripeScope, request: CallRequest<unknown>): Stripe.RequestOptions {
  const { idempotencyKey } = request
  const isWrite = idempotencyKey !== undefined
  return {
    apiKey: credentialOf(keys, scope, request).reveal(),
    timeout: scope.handling?.timeoutMs ?? (isWrite ? 30_000 : 15_000),
    maxNetworkRetries: scope.handling?.retries ?? (isWrite ? 1 : 2),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(scope.account !== undefined && { stripeAccount: scope.account }),
  }
}

/** Stripe puts the whole intent inside a card error, so that a decline can be read like any other state. */
function declinedIntent(error: unknown, { acceptsDecline }: CallRequest<unknown>): unknown {
  if (
    acceptsDecline &&
    error instanceof Stripe.errors.StripeCardError &&
    error.statusCode === 402 &&
    error.payment_intent
  ) {
    return error.payment_intent
  }
  throw error
}

/** 429, with what Stripe said about when to come back. */
class Limited extends Error {
  readonly fault: StripeFault
  readonly headers: Readonly<Record<string, unknown>>
  constructor(fault: StripeFault, headers: Readonly<Record<string, unknown>>) {
    super(fault.message)
    this.fault = fault
    this.headers = headers
  }
  /** Undefined when it is better to let the job come back later. */
  pauseMs(attempt: number): number | undefined {
    if (attempt >= triesWhenLimited || this.headers['stripe-should-retry'] === 'false') return undefined
    const seconds = Number(this.headers['retry-after'])
    const pauseMs = seconds > 0 ? seconds * 1000 : jitter(500 * 2 ** (attempt - 1))
    return pauseMs <= longestPauseMs ? pauseMs : undefined
  }
}

function createClient(apiBase: string, fetchFunction: typeof fetch): Stripe {
  const { protocol, hostname, port } = new URL(apiBase)
  return new Stripe(undefined as never, {
    apiVersion: PINNED_API_VERSION,
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || (protocol === 'http:' ? '80' : '443'),
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(fetchFunction),
    appInfo: { name: 'Rentroll', version: '0.1.0' },
    // Never reached: every call brings its own key, and a call that brought none must not find one (STR-1).
    authenticator: () => Promise.reject(new Error('a Stripe call without a scope')),
  })
}

/** Notes status, request id and Stripe's time; follows no redirect; turns anything but a JSON object into an empty one, over
 *  which the SDK would otherwise hang or throw outside our reach. */
function watchedFetch(traces: AsyncLocalStorage<CallTrace>, clock: Clock): typeof fetch {
  return async (input, init) => {
    const reply = await guardedFetch(input, { ...init, redirect: 'manual' })
    const trace = traces.getStore()
    const text = await reply.text()
    if (trace) {
      trace.httpStatus = reply.status
      const requestId = reply.headers.get('request-id')
      const date = Date.parse(reply.headers.get('date') ?? '')
      if (requestId) trace.requestId = requestId
      if (!Number.isNaN(date)) trace.clockDifferenceMs = clock.now().getTime() - date
    }
    const hasBody = ![204, 205, 304].includes(reply.status)
    return new Response(isJsonObject(text) ? text : '{}', {
      status: hasBody ? reply.status : 200,
      headers: reply.headers,
    })
  }
}

function isJsonObject(text: string): boolean {
  try {
    return Boolean(fieldsOf(JSON.parse(text), 'the answer'))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof WrongShape) return false
    throw error
  }
}

const mostAtOnce = 20

/**
 * One bucket per connection and mode: 20 calls a second in test, 80 in live; Stripe allows 25 and 100 (STR-5). What may leave at once after
 * a pause is what Stripe allows above the rate, so that a backlog is not refused in its first second.
 */
function tokenBuckets(): (scope: StripeScope) => Promise<void> {
  const buckets = new Map<string, { tokens: number; filledAt: number }>()
  return async ({ connectionId, mode }) => {
    const rate = mode === 'live' ? 80 : 20
    const bucket = buckets.get(connectionId) ?? { tokens: mostAtOnce, filledAt: performance.now() }
    buckets.set(connectionId, bucket)
    const now = performance.now()
    bucket.tokens = Math.min(mostAtOnce, bucket.tokens + ((now - bucket.filledAt) / 1000) * rate) - 1
    bucket.filledAt = now
    if (bucket.tokens < 0) await new Promise((resolve) => setTimeout(resolve, (-bucket.tokens / rate) * 1000))
  }
}
