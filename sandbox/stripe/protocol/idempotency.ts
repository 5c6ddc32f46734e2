/**
 * Idempotency (SBX-14). The first result of a key is kept with its status and body, errors included, and shown again for 24
 * hours of sandbox time; the same key with anything else is an error; a key whose first call still runs is a 409. Under /v2
 * a key lives for 30 days, and what failed is tried again.
 * Results that never began to execute (refused keys, refused parameters) are not kept.
 */
import { hash } from 'node:crypto'
import { StripeRefusal, refuse } from '../errors.ts'
import { idempotencyKeyMaxLength, idempotencyLifeMs } from '../facts.ts'
import type { StoredAnswer } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import type { FormGroup, FormValue } from './form.ts'

export interface IdempotentCall {
  readonly space: Space
  readonly key: string
  readonly fingerprint: string
  readonly api: 'v1' | 'v2'
}

export function fingerprintOf(call: { method: string; path: string; form: FormGroup }): string {
  return hash('sha256', JSON.stringify([call.method, call.path, inOrder(call.form)]), 'hex')
}

/** The same parameters in another order are the same call. */
function inOrder(value: FormValue): unknown {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(inOrder)
  return Object.keys(value)
    .toSorted()
    .map((name) => [name, inOrder(value[name] as FormValue)])
}

export function checkKeyLength(key: string): void {
  if (key.length > idempotencyKeyMaxLength) {
    throw refuse(`The idempotency key is longer than ${idempotencyKeyMaxLength} characters.`)
  }
}

export class Idempotency {
  readonly #running = new Set<string>()

  /** The stored answer, or undefined when this call is the first. Throws StripeRefusal on mismatch and on a running call. */
  find(call: IdempotentCall): StoredAnswer | undefined {
    if (this.#running.has(nameOf(call))) {
      const message = `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${call.key}. Please try again later.`
      throw new StripeRefusal(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message })
    }
    const stored = call.space.find('stored_answer', call.key)?.object
    if (stored === undefined || stored.firstUsedAt + stored.livesMs <= call.space.world.nowMs()) return undefined
    if (stored.fingerprint === call.fingerprint) return stored
    const message = `Keys for idempotent requests can only be used with the same endpoint and parameters they were first used with. Try using a key other than '${call.key}' if you meant to execute a different request.`
    throw new StripeRefusal(400, { type: 'idempotency_error', message })
  }

  /** Marks the call as running until `finish`. */
  begin(call: IdempotentCall): void {
    this.#running.add(nameOf(call))
  }

  finish(call: IdempotentCall): void {
    this.#running.delete(nameOf(call))
  }

  /** Keeps the first result; must run inside the transaction that made it. */
  keep(call: IdempotentCall, answer: { status: number; body: string; requestId: string }): void {
    call.space.remove('stored_answer', call.key)
    if (call.api === 'v2' && answer.status >= 400) return
    const firstUsedAt = call.space.world.nowMs()
    const livesMs = idempotencyLifeMs[call.api]
    const object = { key: call.key, fingerprint: call.fingerprint, firstUsedAt, livesMs, ...answer }
    call.space.insert('stored_answer', call.key, { object, hidden: {} })
  }
}

const neverKept: readonly number[] = [401, 403, 409, 429]
/** Refusals of a parameter as sent, wherever they are found: the operation did not begin. */
const ofParameters = /^(?:parameter_|url_invalid$|email_invalid$|amount_too_(?:small|large)$|sandbox_not_supported$)/

/** Whether a refusal is the result of an operation that began to execute. */
export function isKeepable({ status, body }: StripeRefusal): boolean {
  return !neverKept.includes(status) && !ofParameters.test(body.code ?? '')
}

/** Drops the stored answers whose time is over, all of them, or all of one space. Returns how many were dropped. */
export function forgetStoredAnswers(world: World, which: 'old' | 'all' | Space): number {
  const isOver = ({ firstUsedAt, livesMs }: StoredAnswer): boolean => firstUsedAt + livesMs <= world.nowMs()
  let dropped = 0
  world.transaction(() => {
    for (const space of typeof which === 'string' ? world.spaces() : [which]) {
      for (const row of space.oldestFirst('stored_answer')) {
        if (which === 'old' && !isOver(row.object)) continue
        space.remove('stored_answer', row.id)
        dropped += 1
      }
    }
  })
  return dropped
}

function nameOf(call: IdempotentCall): string {
  return `${call.space.name} ${call.key}`
}
