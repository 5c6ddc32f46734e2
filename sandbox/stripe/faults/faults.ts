/**
 * Faults on demand (SBX-41, SBX-47). A fault waits for what it matches, changes the outcome, and ends after `times` hits,
 * at `until`, or when it is cleared. Three surprises: `nth: 3` lets two matching calls pass first; a delivery that was
 * kept back is not kept back again by the same fault; and effects that are no matter of one call (`decline_next`,
 * `no_event`, `two_events`, `refuse`) are asked for where they act, with `take`.
 */
import { hash } from 'node:crypto'
import { readEffect } from './effects.ts'
import type { ApiEffect, Effect, MailEffect, WebhookEffect, Where } from './effects.ts'
import { readEnd } from './end.ts'
import { FaultRefused, readGroup, refuseStrangers } from './fields.ts'
import { fits, readMatch } from './match.ts'
import type { Match, Subject } from './match.ts'

export interface Fault {
  readonly id: string
  readonly where: Where
  readonly match: Match
  readonly effect: Effect
  /** Hits left; null means that hits do not end it. */
  timesLeft: number | null
  /** Milliseconds of sandbox time; null means until cleared. */
  readonly endsAt: number | null
  /** Matching calls seen so far, for `nth` and for the draws of `probability`. */
  seen: number
  hits: number
  /** Deliveries it kept back already. */
  readonly held: Set<string>
}

/** One line of the log of hits; it outlives the fault. */
export interface FaultHit {
  /** Milliseconds of sandbox time. */
  readonly at: number
  readonly faultId: string
  readonly where: Where
  readonly effect: string
  readonly subject: Subject
}

export interface FaultsOptions {
  /** Sandbox time in milliseconds. */
  readonly nowMs: () => number
  readonly seed: () => string
}

const keptHits = 1000
/** Effects that are asked for by name, at the place where they act. */
const askedFor: readonly string[] = ['refuse', 'decline_next', 'no_event', 'two_events']

export class Faults {
  readonly #faults = new Map<string, Fault>()
  readonly #options: FaultsOptions
  #hits: FaultHit[] = []
  #count = 0
  /** Told after every arming and clearing; the listener closes and opens its port by it. */
  onChange: () => void = () => undefined

  constructor(options: FaultsOptions) {
    this.#options = options
  }

  /** Arms a fault given as JSON. Throws FaultRefused with the field at fault; nothing is armed then. */
  arm(description: unknown): Fault {
    const given = readGroup(description, 'the body')
    refuseStrangers(given, ['where', 'match', 'effect', 'times', 'until'], '')
    const where = readWhere(given['where'])
    const effect = readEffect(where, given['effect'])
    const match = readMatch(readGroup(given['match'] ?? {}, 'match'), { where, kind: effect.kind })
    const nowMs = this.#options.nowMs()
    const end = readEnd(given, nowMs)
    this.#count += 1
    const fault: Fault = {
      id: `fault_${this.#count}`,
      where,
      match,
      effect,
      timesLeft: end.timesLeft,
      endsAt: effect.kind === 'outage' ? nowMs + effect.hours * 3_600_000 : end.endsAt,
      seen: 0,
      hits: 0,
      held: new Set(),
    }
    this.#faults.set(fault.id, fault)
    this.onChange()
    return fault
  }

  /** The faults that are armed now, oldest first. */
  list(): readonly Fault[] {
    if (this.#faults.size === 0) return []
    const nowMs = this.#options.nowMs()
    for (const fault of this.#faults.values()) {
      if (fault.endsAt !== null && fault.endsAt <= nowMs) this.#faults.delete(fault.id)
    }
    return [...this.#faults.values()]
  }

  /** Ends one fault or all; returns how many ended. */
  clear(id?: string): number {
    const before = this.list().length
    if (id === undefined) this.#faults.clear()
    else this.#faults.delete(id)
    this.onChange()
    return before - this.#faults.size
  }

  /** Newest first, ended faults included. */
  listHits(limit = 100): readonly FaultHit[] {
    return this.#hits.slice(-limit).toReversed()
  }

  apiEffects(subject: Subject): readonly ApiEffect[] {
    return this.#hit('api', subject).map((fault) => fault.effect as ApiEffect)
  }

  /** Kept back once: a delivery whose time has come is not caught by the same `delay` or `reorder` again. */
  webhookEffects(subject: Subject): readonly WebhookEffect[] {
    return this.#hit('webhook', subject).map((fault) => {
      if (fault.effect.kind === 'delay' || fault.effect.kind === 'reorder') fault.held.add(subject.name)
      return fault.effect as WebhookEffect
    })
  }

  mailEffects(subject: Subject): readonly MailEffect[] {
    return this.#hit('mail', subject).map((fault) => fault.effect as MailEffect)
  }

  /** The first armed effect of this kind that is meant for the subject; it counts as a hit. */
  take<K extends Effect['kind']>(kind: K, subject: Subject): Extract<Effect, { kind: K }> | undefined {
    const fault = this.list().find((one) => one.effect.kind === kind && this.#strikes(one, subject))
    if (fault === undefined) return undefined
    this.#note(fault, subject)
    return fault.effect as Extract<Effect, { kind: K }>
  }

  #hit(where: Where, subject: Subject): readonly Fault[] {
    const hit = this.list().filter(
      (fault) =>
        fault.where === where &&
        !askedFor.includes(fault.effect.kind) &&
        !fault.held.has(subject.name) &&
        concerns(fault.effect, subject) &&
        this.#strikes(fault, subject),
    )
    for (const fault of hit) this.#note(fault, subject)
    return hit
  }

  #strikes(fault: Fault, subject: Subject): boolean {
    if (!fits(fault.match, subject)) return false
    fault.seen += 1
    const { nth = 1, probability = 1 } = fault.match
    return fault.seen >= nth && (probability === 1 || this.#draw(fault) < probability)
  }

  /** From 0 up to 1; the same seed, fault and count draw the same. */
  #draw({ id, seen }: Fault): number {
    return hash('sha256', `${this.#options.seed()}/${id}/${seen}`, 'buffer').readUInt32BE(0) / 2 ** 32
  }

  #note(fault: Fault, subject: Subject): void {
    fault.hits += 1
    const { id: faultId, where, effect } = fault
    this.#hits.push({ at: this.#options.nowMs(), faultId, where, effect: effect.kind, subject })
    if (this.#hits.length > 2 * keptHits) this.#hits = this.#hits.slice(-keptHits)
    if (fault.timesLeft === null) return
    fault.timesLeft -= 1
    if (fault.timesLeft === 0) this.#faults.delete(fault.id)
  }
}

function readWhere(given: unknown): Where {
  if (given === 'api' || given === 'webhook' || given === 'mail') return given
  throw new FaultRefused('where must be "api", "webhook" or "mail".')
}

/** Some effects exist for one kind of call only; other calls pass without a hit. */
function concerns({ kind }: Effect, { path = '' }: Subject): boolean {
  if (kind === 'search_lag') return path.endsWith('/search')
  if (kind === 'payout_off_by_one') return path === '/v1/balance_transactions'
  return true
}

/** What the control API and the console show. */
export function describeFault(fault: Fault): Record<string, unknown> {
  const { match, held: _, endsAt, ...shown } = fault
  const { path, eventType, ...others } = match
  return {
    ...shown,
    match: {
      ...others,
      ...(path !== undefined && { path: path.source }),
      ...(eventType !== undefined && { event_type: eventType }),
    },
    until: endsAt === null ? null : new Date(endsAt).toISOString(),
  }
}
