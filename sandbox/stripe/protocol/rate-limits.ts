/**
 * Stripe's rate limits, when they are switched on (SBX-19): so many calls a second per account and mode, and so many
 * updates an hour of one PaymentIntent. Counted on the sandbox clock, before idempotency; what was refused does not count.
 */
import { StripeRefusal } from '../errors.ts'
import { callsPerSecond, paymentIntentUpdatesPerHour } from '../facts.ts'
import type { Space } from '../world/space.ts'

interface Limit {
  readonly name: string
  readonly most: number
  readonly windowMs: number
}

const update = /^\/v1\/payment_intents\/(pi_[^/]+)(?:\/|$)/

export class RateLimits {
  /** Instants of the calls that were let through, oldest first. */
  readonly #calls = new Map<string, number[]>()

  /** Throws StripeRefusal 429 when the call is one too many; otherwise counts it. */
  check(space: Space, call: { method: string; path: string }): void {
    const limits = listLimits(space, call)
    const nowMs = space.world.nowMs()
    const recent = limits.map(({ name, windowMs }) =>
      (this.#calls.get(name) ?? []).filter((at) => at > nowMs - windowMs),
    )
    const isFull = limits.some(({ most }, place) => (recent[place]?.length ?? 0) >= most)
    if (isFull) throw tooMany()
    for (const [place, { name }] of limits.entries()) this.#calls.set(name, [...(recent[place] ?? []), nowMs])
  }

  clear(): void {
    this.#calls.clear()
  }
}

function listLimits(space: Space, call: { method: string; path: string }): Limit[] {
  const perAccount = { name: space.name, most: callsPerSecond[space.mode], windowMs: 1000 }
  const intent = call.method === 'POST' ? update.exec(call.path)?.[1] : undefined
  if (intent === undefined) return [perAccount]
  const perIntent = { name: `${space.name} ${intent}`, most: paymentIntentUpdatesPerHour, windowMs: 3_600_000 }
  return [perAccount, perIntent]
}

function tooMany(): StripeRefusal {
  const message = 'Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits.'
  return new StripeRefusal(429, { type: 'invalid_request_error', code: 'rate_limit', message })
}
