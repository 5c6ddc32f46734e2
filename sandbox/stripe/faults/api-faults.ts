/**
 * What the faults of the API do to one call: instead of the work, or to the answer after the work was done and kept.
 * Everything after the work is what makes a caller's life hard: the money moved and the caller cannot know.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { StripeRefusal } from '../errors.ts'
import type { ApiEffect } from './effects.ts'
import { patchJson } from './json-patch.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  /** JSON when not told otherwise. */
  readonly contentType?: string
  /** Bytes of the body after which the connection breaks. */
  readonly cutAt?: number
}

/** Thrown where a fault closes the connection. */
export class Dropped extends Error {}

/** An answer a fault gives instead of the work; nothing of it is kept under the idempotency key. */
export class AnsweredInstead extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super('A fault answers instead.')
    this.answer = answer
  }
}

/** Resolves when the caller hung up. */
type Gone = () => Promise<void>

/** Throws what a fault answers instead of the work. */
export async function applyFaultsBefore(effects: readonly ApiEffect[], gone: Gone): Promise<void> {
  for (const effect of effects) {
    await applyPause(effect, 'before', gone)
    if (effect.kind === 'status_before') throw faultRefusal(effect.status)
    if (effect.kind === 'drop_before') throw new Dropped()
    if (effect.kind === 'lock_timeout') throw faultRefusal(409)
    if (effect.kind === 'key_in_use') throw keyInUse()
    if (effect.kind === 'no_error_key') throw new AnsweredInstead(withoutErrorKey(effect.status))
    if (effect.kind === 'html_502') throw new AnsweredInstead(badGateway)
  }
}

/** The work is done and its answer kept; a fault may still lose it or put another in its place. */
export async function applyFaultsAfter(effects: readonly ApiEffect[], answer: Answer, gone: Gone): Promise<Answer> {
  let shown = answer
  for (const effect of effects) {
    await applyPause(effect, 'after', gone)
    if (effect.kind === 'drop_after') throw new Dropped()
    shown = change(effect, shown)
  }
  return shown
}

async function applyPause(effect: ApiEffect, when: 'before' | 'after', gone: Gone): Promise<void> {
  if (effect.kind === 'delay' && effect.when === when) await wait(effect.ms, undefined, { ref: false })
  if (effect.kind !== 'hang' || effect.when !== when) return
  await Promise.race([wait(effect.ms, undefined, { ref: false }), gone()])
  throw new Dropped()
}

function change(effect: ApiEffect, answer: Answer): Answer {
  switch (effect.kind) {
    case 'empty_200':
      return { status: 200, body: '{}' }
    case 'mutate':
      return { ...answer, body: patchJson(answer.body, effect.patch) }
    case 'payout_off_by_one':
      return { ...answer, body: offByOne(answer.body) }
    case 'truncate':
      return { ...answer, cutAt: Math.floor((Buffer.byteLength(answer.body) * effect.percent) / 100) }
    default:
      return answer
  }
}

/** The first transaction of a page is one minor unit too large. */
function offByOne(body: string): string {
  const list = JSON.parse(body) as { data?: { amount: number; net: number }[] }
  const [first] = list.data ?? []
  if (first === undefined) return body
  first.amount += 1
  first.net += 1
  return JSON.stringify(list, null, 2)
}

const badGateway: Answer = {
  status: 502,
  contentType: 'text/html',
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
}

function withoutErrorKey(status: number): Answer {
  return { status, body: JSON.stringify({ message: `A fault of the sandbox answered ${status} without an error.` }) }
}

function keyInUse(): StripeRefusal {
  const message =
    'There is currently another in-progress request using this Idempotent Key. A fault of the sandbox says so.'
  return new StripeRefusal(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message })
}

const codes: Readonly<Record<number, string>> = { 409: 'lock_timeout', 429: 'rate_limit' }

/** The error of a fault that answers with a status. */
export function faultRefusal(status: number): StripeRefusal {
  const code = codes[status]
  return new StripeRefusal(status, {
    type: status >= 500 ? 'api_error' : 'invalid_request_error',
    message: `A fault of the sandbox answered ${status}.`,
    ...(code !== undefined && { code }),
  })
}
