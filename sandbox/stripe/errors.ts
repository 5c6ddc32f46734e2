/**
 * Stripe's error envelope (SBX-15) and the refusals operations answer with. A refusal is thrown; whether its effects stay
 * is part of it: a declined card leaves a failed charge and an event behind, a refused parameter leaves nothing.
 */

export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

export interface ErrorBody {
  readonly type: ErrorType
  readonly message: string
  readonly code?: string
  readonly param?: string
  readonly decline_code?: string
  readonly advice_code?: string
  readonly charge?: string
  readonly payment_intent?: unknown
  readonly setup_intent?: unknown
  readonly payment_method?: unknown
}

export class StripeRefusal extends Error {
  readonly status: number
  readonly body: ErrorBody
  /** Read by the world: true commits what the operation wrote before it threw. */
  readonly keepsEffects: boolean

  constructor(status: number, body: ErrorBody, keepsEffects = false) {
    super(body.message)
    this.status = status
    this.body = body
    this.keepsEffects = keepsEffects
  }
}

/** A refusal of the request as sent: 400 unless told otherwise. */
export function refuse(
  message: string,
  details: { code?: string; param?: string; status?: number } = {},
): StripeRefusal {
  const { status = 400, ...named } = details
  return new StripeRefusal(status, { type: 'invalid_request_error', message, ...named })
}

/** A refusal because of the state an intent is in; the whole intent is inside, as Stripe does. */
export function refuseState(message: string, code: string, intent: Record<string, unknown>): StripeRefusal {
  return new StripeRefusal(400, { type: 'invalid_request_error', message, code, ...intent })
}

/** Something Stripe has and this sandbox has not. Said loudly, never answered with an invented success (SBX-6). */
export function notSupported(what: string, param?: string): StripeRefusal {
  return refuse(`The sandbox does not support ${what} yet.`, {
    code: 'sandbox_not_supported',
    ...(param !== undefined && { param }),
  })
}

/** `what` as Stripe writes it in the message, such as 'payment_intent' or 'PaymentMethod'. */
export function missing(
  what: string,
  id: string,
  details: { param: string; status: number; hint?: string | undefined },
): StripeRefusal {
  const hint = details.hint === undefined ? '' : `; ${details.hint}`
  return refuse(`No such ${what}: '${id}'${hint}`, {
    code: 'resource_missing',
    param: details.param,
    status: details.status,
  })
}

/** The envelope as it goes over the wire. */
export function toEnvelope(body: ErrorBody, requestLogUrl: string): { error: Record<string, unknown> } {
  const documentation = body.code === undefined ? {} : { doc_url: documentationOf(body.code) }
  return { error: { ...body, ...documentation, request_log_url: requestLogUrl } }
}

function documentationOf(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`
}
