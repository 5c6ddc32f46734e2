/**
 * Faults on demand (SBX-41, SBX-47), first set. A fault waits for what it matches, changes the outcome, and is used up
 * after `times` hits. Two surprises: `nth: 3` lets two matching calls pass first, and `empty_200`, `drop_after` and
 * `status_after` all happen after the work was done, because that is what makes them hard for a caller.
 */
import type { Mode } from './views.ts'

export type ApiEffect =
  | { readonly kind: 'status_before'; readonly status: number }
  | { readonly kind: 'status_after'; readonly status: number }
  | { readonly kind: 'drop_before' }
  | { readonly kind: 'drop_after' }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'empty_200' }

export type WebhookEffect =
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'duplicate'; readonly copies: number }
  | { readonly kind: 'wrong_secret' }
  | { readonly kind: 'bad_signature' }
  | { readonly kind: 'stale'; readonly seconds: number }

export interface Match {
  readonly method?: string
  readonly path?: RegExp
  readonly account?: string
  readonly mode?: Mode
  readonly eventType?: string
  /** Acts from the nth matching call on, counted from 1. */
  readonly nth?: number
}

export interface Fault {
  readonly id: string
  readonly where: 'api' | 'webhook'
  readonly match: Match
  readonly effect: ApiEffect | WebhookEffect
  /** Hits left; null means until cleared. */
  timesLeft: number | null
  /** Matching calls seen so far, for `nth`. */
  seen: number
  hits: { readonly at: number; readonly subject: string }[]
}

/** Thrown with a sentence that names the field; nothing is armed then (SBX-48). */
export class FaultRefused extends Error {}

type Loose = Readonly<Record<string, unknown>>

const statuses = [401, 403, 404, 409, 429, 500, 503]
const longestDelayMs = 40 * 86_400_000

const apiEffects: Readonly<Record<string, (effect: Loose) => ApiEffect>> = {
  status_before: (effect) => ({ kind: 'status_before', status: readChoice(effect['status'] ?? 500) }),
  status_after: (effect) => ({ kind: 'status_after', status: readChoice(effect['status'] ?? 500) }),
  drop_before: () => ({ kind: 'drop_before' }),
  drop_after: () => ({ kind: 'drop_after' }),
  delay: (effect) => ({
    kind: 'delay',
    ms: readCount(effect['ms'] ?? 1000, 'effect.ms', 120_000),
    when: effect['when'] === 'after' ? 'after' : 'before',
  }),
  empty_200: () => ({ kind: 'empty_200' }),
}

const webhookEffects: Readonly<Record<string, (effect: Loose) => WebhookEffect>> = {
  drop: () => ({ kind: 'drop' }),
  delay: (effect) => ({ kind: 'delay', ms: readCount(effect['ms'] ?? 60_000, 'effect.ms', longestDelayMs) }),
  duplicate: (effect) => ({ kind: 'duplicate', copies: readCount(effect['copies'] ?? 1, 'effect.copies', 100) }),
  wrong_secret: () => ({ kind: 'wrong_secret' }),
  bad_signature: () => ({ kind: 'bad_signature' }),
  stale: (effect) => ({ kind: 'stale', seconds: readCount(effect['seconds'] ?? 3600, 'effect.seconds', 10_000_000) }),
}

export interface Subject {
  readonly method?: string
  readonly path?: string
  readonly account?: string | undefined
  readonly mode?: Mode | undefined
  readonly eventType?: string
  /** What the log of hits shows: a request id or a delivery id. */
  readonly name: string
}

export class Faults {
  readonly #faults = new Map<string, Fault>()
  #count = 0

  /** Arms a fault given as JSON. Throws FaultRefused with the field at fault. */
  arm(description: unknown): Fault {
    const given = readGroup(description, 'the body')
    const where = given['where']
    if (where !== 'api' && where !== 'webhook') throw new FaultRefused('where must be "api" or "webhook".')
    const effect = readEffect(where, given['effect'])
    const match = readMatch(readGroup(given['match'] ?? {}, 'match'))
    const timesLeft =
      given['times'] === undefined || given['times'] === null ? null : readCount(given['times'], 'times', 1_000_000)
    this.#count += 1
    const fault: Fault = { id: `fault_${this.#count}`, where, match, effect, timesLeft, seen: 0, hits: [] }
    this.#faults.set(fault.id, fault)
    return fault
  }

  list(): readonly Fault[] {
    return [...this.#faults.values()]
  }

  clear(id?: string): number {
    const before = this.#faults.size
    if (id === undefined) this.#faults.clear()
    else this.#faults.delete(id)
    return before - this.#faults.size
  }

  apiEffects(subject: Subject, at: number): readonly ApiEffect[] {
    return this.#hit('api', subject, at) as readonly ApiEffect[]
  }

  webhookEffects(subject: Subject, at: number): readonly WebhookEffect[] {
    return this.#hit('webhook', subject, at) as readonly WebhookEffect[]
  }

  #hit(where: Fault['where'], subject: Subject, at: number): readonly Fault['effect'][] {
    if (this.#faults.size === 0) return []
    const hit = this.list().filter((fault) => fault.where === where && fault.timesLeft !== 0 && matches(fault, subject))
    for (const fault of hit) {
      fault.hits = [...fault.hits.slice(-99), { at, subject: subject.name }]
      if (fault.timesLeft !== null) fault.timesLeft -= 1
      if (fault.timesLeft === 0) this.#faults.delete(fault.id)
    }
    return hit.map((fault) => fault.effect)
  }
}

/** What the control API and the console show. */
export function describeFault(fault: Fault): Record<string, unknown> {
  const { path, ...match } = fault.match
  return { ...fault, match: { ...match, ...(path !== undefined && { path: path.source }) }, hits: fault.hits.length }
}

function matches(fault: Fault, subject: Subject): boolean {
  const { method, path, account, mode, eventType, nth = 1 } = fault.match
  const fits =
    (method === undefined || method === subject.method) &&
    (path === undefined || path.test(subject.path ?? '')) &&
    (account === undefined || account === subject.account) &&
    (mode === undefined || mode === subject.mode) &&
    (eventType === undefined || eventType === subject.eventType)
  if (!fits) return false
  fault.seen += 1
  return fault.seen >= nth
}

/** An effect is `{kind: 'delay', ms: 500}`, or its name alone: 'drop_after'. */
function readEffect(where: Fault['where'], given: unknown): Fault['effect'] {
  const effect = typeof given === 'string' ? { kind: given } : readGroup(given, 'effect')
  const known = where === 'api' ? apiEffects : webhookEffects
  const kind = String((effect as Loose)['kind'])
  const read = Object.hasOwn(known, kind) ? known[kind] : undefined
  if (read === undefined) throw new FaultRefused(`effect must be one of ${Object.keys(known).join(', ')} for ${where}.`)
  return read(effect as Loose)
}

function readMatch(given: Loose): Match {
  const stray = Object.keys(given).find(
    (name) => !['method', 'path', 'account', 'mode', 'event_type', 'nth'].includes(name),
  )
  if (stray !== undefined) throw new FaultRefused(`match.${stray} is not known.`)
  const mode = given['mode']
  if (mode !== undefined && mode !== 'test' && mode !== 'live')
    throw new FaultRefused('match.mode must be "test" or "live".')
  return {
    ...(given['method'] !== undefined && { method: readWord(given['method'], 'match.method').toUpperCase() }),
    ...(given['path'] !== undefined && { path: readPattern(given['path']) }),
    ...(given['account'] !== undefined && { account: readWord(given['account'], 'match.account') }),
    ...(mode !== undefined && { mode }),
    ...(given['event_type'] !== undefined && { eventType: readWord(given['event_type'], 'match.event_type') }),
    ...(given['nth'] !== undefined && { nth: readCount(given['nth'], 'match.nth', 1_000_000) }),
  }
}

function readPattern(given: unknown): RegExp {
  try {
    return new RegExp(readWord(given, 'match.path'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new FaultRefused(`match.path is not a regular expression: ${error.message}`)
    throw error
  }
}

function readGroup(given: unknown, field: string): Loose {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new FaultRefused(`${field} must be an object.`)
  return given as Loose
}

function readWord(given: unknown, field: string): string {
  if (typeof given !== 'string' || given === '') throw new FaultRefused(`${field} must be a text.`)
  return given
}

function readCount(given: unknown, field: string, most: number): number {
  if (!Number.isInteger(given) || (given as number) < 1 || (given as number) > most) {
    throw new FaultRefused(`${field} must be a whole number from 1 to ${most}.`)
  }
  return given as number
}

function readChoice(given: unknown): number {
  if (!statuses.includes(given as number))
    throw new FaultRefused(`effect.status must be one of ${statuses.join(', ')}.`)
  return given as number
}
