/**
 * What staff see of the inbox (UI-153, UI-155): a page of events, one event with its payload as sent, scrubbed, and how the road is
 * doing. What surprises: a dismissed dead letter stays dead and is called dismissed; it is found by its own filter and counted nowhere.
 */
import { isUuid, type Scope } from '#kernel'
import { scrub, withoutScope, type Database } from '#platform'
import {
  countByHour,
  countDeadByReason,
  countInboxEvents,
  countUnfinished,
  findNewestAt,
  selectInboxEvent,
  selectInboxEvents,
} from './inbox-view-store.ts'
import { stateWords, type InboxState } from './inbox-state.ts'

export type InboxEventRow = {
  readonly id: string
  readonly eventId: string
  readonly type: string
  readonly objectKind: string
  readonly objectId: string
  readonly connectionId: string | null
  readonly state: InboxState
  readonly reason: string
  readonly attempts: number
  readonly deliveries: number
  readonly via: 'delivery' | 'poll' | 'replay'
  readonly sourceAccount: string
  readonly receivedAt: Date
  readonly finishedAt: Date | undefined
  readonly nextAttemptAt: Date
  readonly dismissedAt: Date | undefined
  readonly dismissedNote: string
  readonly dismissedBy: string
}

/** `stateWords` is what the screen calls the state; `reason` is the sentence beside it. */
export type InboxEvent = InboxEventRow & { readonly stateWords: string }

export type InboxPage = {
  readonly events: readonly InboxEvent[]
  /** Give it as `after` to get the next page; undefined on the last one. */
  readonly next: string | undefined
  /** How many match the filter, counted up to 1,001. */
  readonly count: number
}

/** States as a person looks for them. */
export const inboxGroups = [
  'waiting',
  'done',
  'ignored',
  'parked',
  'retry',
  'dead',
  'quarantined',
  'dismissed',
] as const
export type InboxGroup = (typeof inboxGroups)[number]

export type InboxFilter = {
  readonly group?: InboxGroup | undefined
  readonly type?: string | undefined
  /** The id of an object, or of the event itself. */
  readonly objectId?: string | undefined
  /** The endpoint it came by: `platform` or `connect` of the installation, or the connection whose own it is. */
  readonly endpoint?: string | undefined
  readonly via?: InboxEventRow['via'] | undefined
  readonly reason?: string | undefined
  /** First and last day it came in, in `timeZone`. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly timeZone?: string | undefined
}

export type InboxWish = { readonly filter?: InboxFilter; readonly after?: string | undefined; readonly limit?: number }

const longestPage = 100
const countCap = 1_001

/** Newest first. @param wish.limit 1 to 100, 50 when not given. */
export async function listInboxEvents(database: Database, scope: Scope, wish: InboxWish = {}): Promise<InboxPage> {
  const { filter = {} } = wish
  const limit = Math.min(longestPage, Math.max(1, wish.limit ?? 50))
  const after = isUuid(wish.after) ? wish.after : undefined
  return withoutScope(database, async (rows) => {
    const found = await selectInboxEvents(rows, scope, { filter, after, limit: limit + 1 })
    const events = found.slice(0, limit).map(withWords)
    const count = await countInboxEvents(rows, scope, { filter, cap: countCap })
    return { events, next: found.length > limit ? events.at(-1)?.id : undefined, count }
  })
}

/** @returns undefined when this operator has no such event in this mode; no payload once it is no longer kept. */
export async function findInboxEvent(
  database: Database,
  scope: Scope,
  id: string,
): Promise<(InboxEvent & { readonly payload: string | undefined }) | undefined> {
  if (!isUuid(id)) return undefined
  const row = await withoutScope(database, (rows) => selectInboxEvent(rows, scope, id))
  if (!row) return undefined
  const { body, ...event } = row
  return { ...withWords(event), payload: body && scrub(new TextDecoder().decode(body)) }
}

function withWords(row: InboxEventRow): InboxEvent {
  return { ...row, stateWords: row.dismissedAt ? 'Dismissed' : stateWords(row.state) }
}

export type InboxHealth = {
  /** Twenty-four hours, the oldest first, the present one last. */
  readonly hours: readonly { readonly hour: Date; readonly events: number }[]
  readonly newestAt: Date | undefined
  readonly oldestWaitingAt: Date | undefined
  readonly waiting: number
  readonly retrying: number
  readonly parked: number
  readonly dead: number
  readonly quarantined: number
  readonly deadReasons: readonly { readonly reason: string; readonly count: number }[]
}

const hourMs = 3_600_000
const hoursShown = 24

/** How the road is doing now (UI-155). */
export function readInboxHealth(database: Database, scope: Scope): Promise<InboxHealth> {
  const thisHour = Math.floor(database.clock.now().getTime() / hourMs)
  const firstHour = thisHour - hoursShown + 1
  return withoutScope(database, async (rows) => {
    const unfinished = await countUnfinished(rows, scope)
    const byHour = new Map(
      (await countByHour(rows, scope, new Date(firstHour * hourMs))).map(({ hour, count }) => [hour, count]),
    )
    const countOf = (...states: readonly InboxState[]) =>
      unfinished.filter(({ state }) => states.includes(state)).reduce((total, { count }) => total + count, 0)
    const waiting = unfinished.filter(({ state }) => state !== 'dead' && state !== 'quarantined')
    const oldest = Math.min(...waiting.map(({ oldestAt }) => oldestAt.getTime()))
    return {
      hours: Array.from({ length: hoursShown }, (_, index) => ({
        hour: new Date((firstHour + index) * hourMs),
        events: byHour.get(firstHour + index) ?? 0,
      })),
      newestAt: await findNewestAt(rows, scope),
      oldestWaitingAt: waiting.length > 0 ? new Date(oldest) : undefined,
      waiting: countOf('received', 'processing'),
      retrying: countOf('retry'),
      parked: countOf('parked'),
      dead: countOf('dead'),
      quarantined: countOf('quarantined'),
      deadReasons: await countDeadByReason(rows, scope),
    }
  })
}
