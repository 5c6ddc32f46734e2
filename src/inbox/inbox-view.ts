/** What the inbox screen shows (UI-153): a page of events, and one event with its payload as sent, scrubbed. */
import { isUuid, type Scope } from '#kernel'
import { scrub, withoutScope, type Database } from '#platform'
import { stateWords, type InboxState } from './inbox-state.ts'
import { selectInboxEvent, selectInboxEvents } from './inbox-view-store.ts'

export type InboxEventRow = {
  readonly id: string
  readonly eventId: string
  readonly type: string
  readonly objectKind: string
  readonly objectId: string
  readonly state: InboxState
  readonly reason: string
  readonly attempts: number
  readonly deliveries: number
  readonly via: 'delivery' | 'poll' | 'replay'
  readonly sourceAccount: string
  readonly receivedAt: Date
  readonly finishedAt: Date | undefined
  readonly nextAttemptAt: Date
}

/** `stateWords` is what the screen calls the state; `reason` is the sentence beside it. */
export type InboxEvent = InboxEventRow & { readonly stateWords: string }

export type InboxPage = {
  readonly events: readonly InboxEvent[]
  /** Give it as `after` to get the next page; undefined on the last one. */
  readonly next: string | undefined
}

export type InboxFilter = {
  readonly after?: string | undefined
  readonly states?: readonly InboxState[] | undefined
  readonly limit?: number
}

const longestPage = 100

/** Newest first. @param filter.limit 1 to 100, 50 when not given. */
export async function listInboxEvents(database: Database, scope: Scope, filter: InboxFilter = {}): Promise<InboxPage> {
  const limit = Math.min(longestPage, Math.max(1, filter.limit ?? 50))
  const after = isUuid(filter.after) ? filter.after : undefined
  const found = await withoutScope(database, (rows) =>
    selectInboxEvents(rows, scope, { after, states: filter.states, limit: limit + 1 }),
  )
  const events = found.slice(0, limit).map(withWords)
  return { events, next: found.length > limit ? events.at(-1)?.id : undefined }
}

/** @returns undefined when this operator has no such event in this mode. */
export async function findInboxEvent(
  database: Database,
  scope: Scope,
  id: string,
): Promise<(InboxEvent & { readonly payload: string }) | undefined> {
  if (!isUuid(id)) return undefined
  const row = await withoutScope(database, (rows) => selectInboxEvent(rows, scope, id))
  if (!row) return undefined
  const { body, ...event } = row
  return { ...withWords(event), payload: scrub(new TextDecoder().decode(body)) }
}

function withWords(row: InboxEventRow): InboxEvent {
  return { ...row, stateWords: stateWords(row.state) }
}
