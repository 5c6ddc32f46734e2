/**
 * What can go wrong between us and Stripe, in eleven kinds (STR-7). The one question a caller must ask is `isOutcomeUnknown`: when
 * it is true the call may have happened, and nothing may be repeated before looking (TRU-133). Codes are compared as plain
 * strings, because the SDK's union lacks some that Stripe sends.
 */
import { Stripe } from 'stripe'
import { WrongShape } from './shape.ts'

export type StripeFaultKind =
  | 'auth'
  | 'permission'
  | 'missing'
  | 'card'
  | 'invalid'
  | 'idempotency_mismatch'
  | 'conflict'
  | 'rate'
  | 'server'
  | 'network'
  | 'unexpected_response'

export type StripeFaultFacts = {
  readonly kind: StripeFaultKind
  /** What was asked, such as `payment_intents.confirm`. */
  readonly operation: string
  readonly isWrite: boolean
  readonly message: string
  /** Stripe's code; for kind `network` one of timeout, refused, dns, tls, closed. */
  readonly code?: string | undefined
  readonly declineCode?: string | undefined
  readonly adviceCode?: string | undefined
  readonly parameter?: string | undefined
  readonly requestId?: string | undefined
  readonly httpStatus?: number | undefined
}

/** Thrown by every gateway call that did not bring the expected object. Stripe's own error object never leaves this module. */
export class StripeFault extends Error {
  readonly kind: StripeFaultKind
  readonly operation: string
  readonly code: string | undefined
  readonly declineCode: string | undefined
  readonly adviceCode: string | undefined
  readonly parameter: string | undefined
  readonly requestId: string | undefined
  readonly httpStatus: number | undefined
  /** True when a write may have been carried out although no usable answer came. */
  readonly isOutcomeUnknown: boolean

  constructor(facts: StripeFaultFacts) {
    super(`${facts.operation}: ${facts.kind}${facts.code ? ` (${facts.code})` : ''}: ${facts.message}`)
    this.name = 'StripeFault'
    this.kind = facts.kind
    this.operation = facts.operation
    this.code = facts.code
    this.declineCode = facts.declineCode
    this.adviceCode = facts.adviceCode
    this.parameter = facts.parameter
    this.requestId = facts.requestId
    this.httpStatus = facts.httpStatus
    this.isOutcomeUnknown = facts.isWrite && unknownKinds.has(facts.kind)
  }
}

const unknownKinds: ReadonlySet<StripeFaultKind> = new Set(['server', 'network', 'unexpected_response'])
const conflictCodes: ReadonlySet<string> = new Set(['lock_timeout', 'idempotency_key_in_use'])

/** The kind of an answered error, from its code first and its HTTP status second. */
export function kindOfAnswer(answer: {
  readonly httpStatus: number | undefined
  readonly type: string | undefined
  readonly code: string | undefined
}): StripeFaultKind {
  const { httpStatus = 0, type, code } = answer
  if (httpStatus === 401) return 'auth'
  if (httpStatus === 403) return 'permission'
  if (httpStatus === 429 || code === 'rate_limit') return 'rate'
  if (httpStatus === 409 || (code !== undefined && conflictCodes.has(code))) return 'conflict'
  if (type === 'idempotency_error') return 'idempotency_mismatch'
  if (httpStatus === 404 || code === 'resource_missing') return 'missing'
  if (httpStatus === 402) return 'card'
  if (httpStatus >= 500) return 'server'
  return httpStatus >= 400 ? 'invalid' : 'unexpected_response'
}

/** An HTTP status that is no success, and no error object with it. */
export class WrongStatus extends Error {}

type Asked = Pick<StripeFaultFacts, 'operation' | 'isWrite' | 'requestId' | 'httpStatus'> & {
  /** With the installation's own key, for one of its accounts. */
  readonly isByPlatform: boolean
}

/** What was thrown, as a fault, and what Stripe said beside it. @throws the error itself when it is our own mistake and no fault of the outside. */
export function faultOf(error: unknown, { isByPlatform, ...base }: Asked) {
  const { httpStatus } = base
  const without = (facts: Pick<StripeFaultFacts, 'kind' | 'message' | 'code'>) => ({
    fault: new StripeFault({ ...base, ...facts }),
    headers: {},
  })
  if (error instanceof WrongShape) return without({ kind: 'unexpected_response', message: error.message })
  if (error instanceof WrongStatus) {
    const kind = kindOfAnswer({ httpStatus, type: undefined, code: undefined })
    return without({ kind, message: `HTTP ${httpStatus ?? 'unknown'} without an error object` })
  }
  if (error instanceof Stripe.errors.StripeConnectionError)
    return without({ kind: 'network', code: networkReason(error), message: 'no answer came' })
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  // The account has left the platform, or never was one of its own: the platform's key opens nothing there.
  const hasLeft = isByPlatform && httpStatus === 403 && error.code === 'account_invalid'
  const kind = hasLeft ? 'auth' : kindOfAnswer({ httpStatus, type: error.rawType, code: error.code })
  const facts = {
    code: error.code,
    declineCode: error.decline_code,
    adviceCode: error.advice_code,
    parameter: error.param,
  }
  return { fault: new StripeFault({ ...base, ...facts, kind, message: error.message }), headers: error.headers ?? {} }
}

const reasonsByCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  UND_ERR_SOCKET: 'closed',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

/** Why no answer came, in one word, read from the chain of causes: timeout, refused, dns, tls, closed or unreachable. */
export function networkReason(error: unknown): string {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 6; depth += 1) {
    const { code, detail } = cause as { code?: unknown; detail?: unknown }
    if (typeof code === 'string') {
      const reason = reasonsByCode[code]
      if (reason) return reason
      if (/^(ERR_(TLS|SSL)|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return 'tls'
    }
    if (/time(d )?out/i.test(cause.message)) return 'timeout'
    cause = detail instanceof Error ? detail : cause.cause
  }
  return 'unreachable'
}

/** For reads: an id this account does not know is an answer, not a failure. Every other fault goes on. */
export async function absentWhenMissing<Seen>(reading: Promise<Seen>): Promise<Seen | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'missing') return undefined
    throw error
  }
}
