/** What a fault waits for (SBX-41): each field narrows, `nth` lets calls pass first, `probability` draws by the seed. */
import type { Mode } from '../views.ts'
import type { Where } from './effects.ts'
import { FaultRefused, readCount, readWord, refuseStrangers } from './fields.ts'
import type { Loose } from './fields.ts'

export interface Match {
  readonly method?: string
  readonly path?: RegExp
  readonly account?: string
  readonly mode?: Mode
  /** A type, or its beginning: 'charge.*'. */
  readonly eventType?: string
  /** Mail only: part of a recipient's address. */
  readonly to?: string
  /** Acts from the nth matching call on, counted from 1. */
  readonly nth?: number
  /** Above 0 and up to 1; the same seed draws the same. */
  readonly probability?: number
}

/** What a fault is held against: an API call, a delivery, an event about to be made, a mail. */
export interface Subject {
  readonly method?: string
  readonly path?: string
  readonly account?: string | undefined
  readonly mode?: Mode | undefined
  readonly eventType?: string
  readonly to?: string
  /** What the log of hits shows: a request id, a delivery id, a mail's id. */
  readonly name: string
}

const fieldsOf: Readonly<Record<Where, readonly string[]>> = {
  api: ['method', 'path', 'account', 'mode', 'nth', 'probability'],
  webhook: ['event_type', 'account', 'mode', 'nth', 'probability'],
  mail: ['to', 'nth', 'probability'],
}

/** Effects that are not about one API call cannot be narrowed by one. */
const fieldsOfEffect: Readonly<Record<string, readonly string[]>> = {
  refuse: [],
  decline_next: ['account', 'mode', 'nth', 'probability'],
}

/** Throws FaultRefused. */
export function readMatch(given: Loose, fault: { where: Where; kind: string }): Match {
  refuseStrangers(given, fieldsOfEffect[fault.kind] ?? fieldsOf[fault.where], 'match.')
  const { method, path, account, mode, event_type: eventType, to, nth, probability } = given
  if (mode !== undefined && mode !== 'test' && mode !== 'live')
    throw new FaultRefused('match.mode must be "test" or "live".')
  return {
    ...(method !== undefined && { method: readMethod(method) }),
    ...(path !== undefined && { path: readPattern(path) }),
    ...(account !== undefined && { account: readWord(account, 'match.account') }),
    ...(mode !== undefined && { mode }),
    ...(eventType !== undefined && { eventType: readWord(eventType, 'match.event_type') }),
    ...(to !== undefined && { to: readWord(to, 'match.to').toLowerCase() }),
    ...(nth !== undefined && { nth: readCount(nth, 'match.nth', 1_000_000) }),
    ...(probability !== undefined && { probability: readProbability(probability) }),
  }
}

function readMethod(given: unknown): string {
  const method = readWord(given, 'match.method').toUpperCase()
  if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    throw new FaultRefused('match.method must be one of GET, POST, PUT, PATCH, DELETE.')
  return method
}

function readPattern(given: unknown): RegExp {
  try {
    return new RegExp(readWord(given, 'match.path'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new FaultRefused(`match.path is not a regular expression: ${error.message}`)
    throw error
  }
}

function readProbability(given: unknown): number {
  if (typeof given === 'number' && given > 0 && given <= 1) return given
  throw new FaultRefused('match.probability must be a number above 0 and at most 1.')
}

/** Whether the subject is of the kind waited for; `nth` and `probability` are judged by who counts. */
export function fits(match: Match, subject: Subject): boolean {
  const { method, path, account, mode, eventType, to } = match
  return (
    (method === undefined || method === subject.method) &&
    (path === undefined || path.test(subject.path ?? '')) &&
    (account === undefined || account === subject.account) &&
    (mode === undefined || mode === subject.mode) &&
    (eventType === undefined || isOfType(subject.eventType ?? '', eventType)) &&
    (to === undefined || (subject.to ?? '').toLowerCase().includes(to))
  )
}

function isOfType(type: string, wanted: string): boolean {
  return type === wanted || (wanted.endsWith('*') && type.startsWith(wanted.slice(0, -1)))
}
