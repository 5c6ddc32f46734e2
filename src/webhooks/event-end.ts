/**
 * How one try at an event ends, and when it is tried again (STR-68, STR-70). Pure. Three clocks run: failures of our own are counted,
 * at most eight; silence of the outside and waiting for a row of ours are measured by age instead, so that an outage of a day uses
 * up no attempt.
 */
import type { InboxState } from '#inbox'
import type { Scope } from '#kernel'
import { scrub } from '#platform'
import { StripeFault, type ReactionVerdict } from '#stripe'

/** One operator's object with news, owned by one process until its lease ends. */
export type Claim = {
  /** The name this process wrote on the row. */
  readonly claim: string
  /** What the object's news were counted at; more have come when it has risen. */
  readonly version: string
  readonly scope: Scope
  readonly connectionId: string
  readonly objectKind: string
  readonly objectId: string
  readonly events: readonly ClaimedEvent[]
}

export type ClaimedEvent = {
  readonly id: string
  readonly eventId: string
  readonly type: string
  /** This one included, and those of owners that died. */
  readonly attempts: number
  readonly receivedAt: Date
}

export type EventEnd = {
  readonly state: InboxState
  readonly reason: string
  /** When it is tried again; undefined when it rests. */
  readonly nextAttemptAt: Date | undefined
  /** Whether this try uses up one of the eight. */
  readonly isCounted: boolean
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

const afterFailureMs = [10 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, 2 * hour, 6 * hour]
const parkedStepsMs = [15 * second, minute, 5 * minute, 15 * minute, hour]
const parkedLaterMs = 4 * hour
const patienceMs = 72 * hour

/** @param attempts how often it was tried, this time included. @returns undefined when it is given up. */
export function afterFailure(attempts: number, now: Date): Date | undefined {
  const delayMs = afterFailureMs[attempts - 1]
  return delayMs === undefined ? undefined : later(now, delayMs)
}

/** A tenth of its age, 5 seconds at least and 10 minutes at most. @returns undefined once it is older than 72 hours. */
export function afterSilence(receivedAt: Date, now: Date): Date | undefined {
  const ageMs = now.getTime() - receivedAt.getTime()
  if (ageMs >= patienceMs) return undefined
  return later(now, Math.min(10 * minute, Math.max(5 * second, ageMs / 10)))
}

/** 15 s, 1, 5, 15 min and 1 h after each other, then every 4 h. @returns undefined once it is older than 72 hours. */
export function afterParking(receivedAt: Date, now: Date): Date | undefined {
  const ageMs = now.getTime() - receivedAt.getTime()
  if (ageMs >= patienceMs) return undefined
  let nextMs = 0
  for (let step = 0; nextMs <= ageMs; step += 1) nextMs += parkedStepsMs[step] ?? parkedLaterMs
  return later(receivedAt, Math.min(nextMs, patienceMs))
}

function later(instant: Date, delayMs: number): Date {
  return new Date(instant.getTime() + delayMs)
}

/** Decides for each event of a claim; `now` is the moment of its transaction. */
export type Ending = (event: ClaimedEvent, now: Date) => EventEnd

export function endByVerdict(verdict: ReactionVerdict): Ending {
  if (verdict === 'done') return () => atRest('done', '')
  if (verdict === 'foreign')
    return () => atRest('ignored_foreign', 'It is about something that was not made by Rentroll.')
  if ('quarantine' in verdict) return () => atRest('quarantined', verdict.quarantine)
  if ('ignore' in verdict) return () => atRest('ignored_unhandled', verdict.ignore)
  return ({ receivedAt }, now) => {
    const nextAttemptAt = afterParking(receivedAt, now)
    if (!nextAttemptAt) return atRest('dead', `${verdict.park} It was waited for during 72 hours.`)
    return { state: 'parked', reason: verdict.park, nextAttemptAt, isCounted: false }
  }
}

/** For a kind of object no reaction is registered for. */
export const endUnhandled: Ending = () => atRest('ignored_unhandled', 'Rentroll does not act on this kind of object.')

/** @param what in words, such as `payment intent pi_1`. */
export function endMissing(what: string): Ending {
  return counted(`Stripe does not know the ${what} in this account.`)
}

/** Silence costs none of the eight tries for 72 hours. A refused key counts as silence, because it can be replaced (STR-28). */
export function endByFailure(error: unknown): Ending {
  const silence = error instanceof StripeFault ? silences[error.kind] : undefined
  const failed = counted(silence ?? `It could not be processed (${firstLine(error)}).`)
  return (event, now) => {
    const nextAttemptAt = silence === undefined ? undefined : afterSilence(event.receivedAt, now)
    if (silence === undefined || !nextAttemptAt) return failed(event, now)
    return { state: 'retry', reason: silence, nextAttemptAt, isCounted: false }
  }
}

const silences: Partial<Record<StripeFault['kind'], string>> = {
  network: 'Stripe could not be reached.',
  server: 'Stripe answered with a fault of its own.',
  rate: 'Stripe asked for fewer requests.',
  conflict: 'Stripe was busy with the same object.',
  auth: 'Stripe does not accept the key. Replace it under Integrations; nothing is lost.',
}

function counted(reason: string): Ending {
  return ({ attempts }, now) => {
    const nextAttemptAt = afterFailure(attempts, now)
    if (!nextAttemptAt) return atRest('dead', `${reason} It was tried ${attempts} times.`)
    return { state: 'retry', reason, nextAttemptAt, isCounted: true }
  }
}

function atRest(state: InboxState, reason: string): EventEnd {
  return { state, reason, nextAttemptAt: undefined, isCounted: true }
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return scrub(line).slice(0, 300)
}
