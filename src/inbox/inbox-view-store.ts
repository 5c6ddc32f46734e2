/**
 * The SQL behind the inbox as staff see it (UI-153, UI-155): pages, one event, its payload, counts, and what a person decided about a
 * dead letter. The tables are global (ARC-34), so nothing but the WHERE keeps operators apart: every query names operator and mode. What
 * surprises: nobody writes `processing`; an event is being processed while its object is claimed and it came before the claim.
 */
import { isUuid, type Scope } from '#kernel'
import type { GlobalHandle } from '#platform'
import { sql } from 'kysely'
import { waitingStates, type InboxState } from './inbox-state.ts'
import type { InboxEventRow, InboxFilter, InboxGroup } from './inbox-view.ts'

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))
const stateNow = sql<InboxState>`case when e.state in (${waiting}) and o.claimed_at >= e.received_at then 'processing' else e.state end`

const statesOf: Readonly<Record<Exclude<InboxGroup, 'dismissed'>, readonly InboxState[]>> = {
  waiting: ['received', 'processing'],
  done: ['done'],
  ignored: ['ignored_unhandled', 'ignored_foreign', 'ignored_mode'],
  parked: ['parked'],
  retry: ['retry'],
  dead: ['dead'],
  quarantined: ['quarantined'],
}

function eventsOf(rows: GlobalHandle, scope: Scope) {
  return rows
    .selectFrom('app.inbox_events as e')
    .where('e.operator_id', '=', scope.operatorId)
    .where('e.mode', '=', scope.mode)
}

/** With what is known of the work on its object. */
function withObject(query: ReturnType<typeof eventsOf>) {
  return query.leftJoin('app.inbox_objects as o', (join) =>
    join
      .onRef('o.connection_id', '=', 'e.connection_id')
      .onRef('o.object_kind', '=', 'e.object_kind')
      .onRef('o.object_id', '=', 'e.object_id'),
  )
}

type Page = { readonly filter: InboxFilter; readonly after: string | undefined; readonly limit: number }

/** One page, newest first. @param page.after the id of the last event seen; its own place is looked up, so equal times page well. */
export async function selectInboxEvents(
  rows: GlobalHandle,
  scope: Scope,
  page: Page,
): Promise<readonly InboxEventRow[]> {
  const { filter, after, limit } = page
  const found = await withObject(filtered(rows, scope, filter))
    .select(shown)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(e.received_at, e.id) < (select received_at, id from app.inbox_events
        where operator_id = ${scope.operatorId} and mode = ${scope.mode} and id = ${after})`),
    )
    .orderBy('e.received_at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(limit)
    .execute()
  return found.map(toInboxEvent)
}

/** How many match, counted up to `cap` and no further. */
export async function countInboxEvents(
  rows: GlobalHandle,
  scope: Scope,
  { filter, cap }: { readonly filter: InboxFilter; readonly cap: number },
): Promise<number> {
  const some = filtered(rows, scope, filter).select('e.id').limit(cap)
  const row = await rows
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

const isEventId = (id: string | undefined) => id?.startsWith('evt_') === true

function filtered(rows: GlobalHandle, scope: Scope, filter: InboxFilter) {
  const { group, type, objectId, endpoint, via, reason, from, to, timeZone = 'UTC' } = filter
  return eventsOf(rows, scope)
    .$if(group === 'dismissed', (query) => query.where('e.dismissed_at', 'is not', null))
    .$if(group !== undefined && group !== 'dismissed', (query) =>
      query.where('e.state', 'in', statesOf[group as Exclude<InboxGroup, 'dismissed'>]),
    )
    .$if(group === 'dead' || group === 'quarantined', (query) => query.where('e.dismissed_at', 'is', null))
    .$if(type !== undefined, (query) => query.where('e.type', '=', type))
    .$if(objectId !== undefined, (query) =>
      query.where(isEventId(objectId) ? 'e.event_id' : 'e.object_id', '=', objectId),
    )
    .$if(isUuid(endpoint), (query) => query.where('e.endpoint', '=', 'own').where('e.connection_id', '=', endpoint))
    .$if(endpoint !== undefined && !isUuid(endpoint), (query) => query.where('e.endpoint', '=', endpoint))
    .$if(via !== undefined, (query) => query.where('e.via', '=', via))
    .$if(reason !== undefined, (query) => query.where('e.reason', '=', reason))
    .$if(from !== undefined, (query) =>
      query.where(sql<boolean>`e.received_at >= ${from}::date::timestamp at time zone ${timeZone}`),
    )
    .$if(to !== undefined, (query) =>
      query.where(sql<boolean>`e.received_at < (${to}::date + 1)::timestamp at time zone ${timeZone}`),
    )
}

/** One event with its raw body; the body is empty once it is no longer kept (STR-74). */
export async function selectInboxEvent(
  rows: GlobalHandle,
  scope: Scope,
  id: string,
): Promise<(InboxEventRow & { readonly body: Uint8Array | undefined }) | undefined> {
  const row = await withObject(eventsOf(rows, scope))
    .leftJoin('app.inbox_bodies as b', 'b.id', 'e.id')
    .select([...shown, 'b.body'])
    .where('e.id', '=', id)
    .executeTakeFirst()
  return row && { ...toInboxEvent(row), body: row.body ?? undefined }
}

const shown = [
  'e.id',
  'e.event_id as eventId',
  'e.type',
  'e.object_kind as objectKind',
  'e.object_id as objectId',
  'e.connection_id as connectionId',
  'e.reason',
  'e.attempts',
  'e.deliveries',
  'e.via',
  'e.source_account as sourceAccount',
  'e.received_at as receivedAt',
  'e.finished_at as finishedAt',
  'e.next_attempt_at as nextAttemptAt',
  'e.dismissed_at as dismissedAt',
  'e.dismissed_note as dismissedNote',
  'e.dismissed_by as dismissedBy',
  stateNow.as('state'),
] as const

function toInboxEvent({ body: _left, finishedAt, dismissedAt, ...row }: Record<string, unknown>): InboxEventRow {
  return { ...row, finishedAt: finishedAt ?? undefined, dismissedAt: dismissedAt ?? undefined } as InboxEventRow
}

/** The oldest dead letters nobody dismissed, of one reason or of all. */
export async function selectDeadLetters(
  rows: GlobalHandle,
  scope: Scope,
  { reason, limit }: { readonly reason: string | undefined; readonly limit: number },
): Promise<readonly string[]> {
  const found = await filtered(rows, scope, { group: 'dead', reason })
    .select('e.id')
    .orderBy('e.received_at')
    .orderBy('e.id')
    .limit(limit)
    .execute()
  return found.map(({ id }) => id)
}

export type Dismissal = { readonly at: Date; readonly note: string; readonly actor: string }

/** Notes that nobody needs to act on it any more, or takes the note back. @returns false when it is not at rest for a person. */
export async function writeDismissal(
  rows: GlobalHandle,
  { scope, id, dismissal }: { readonly scope: Scope; readonly id: string; readonly dismissal: Dismissal | undefined },
): Promise<boolean> {
  const changed = await rows
    .updateTable('app.inbox_events')
    .set({
      dismissed_at: dismissal?.at ?? null,
      dismissed_note: dismissal?.note ?? '',
      dismissed_by: dismissal?.actor ?? '',
    })
    .where('operator_id', '=', scope.operatorId)
    .where('mode', '=', scope.mode)
    .where('id', '=', id)
    .$if(dismissal !== undefined, (query) => query.where('state', 'in', ['dead', 'quarantined']))
    .returning('id')
    .execute()
  return changed.length > 0
}

export type StateCount = { readonly state: InboxState; readonly count: number; readonly oldestAt: Date }

/** How many events are not at rest or need a person, by state, with the oldest of each. */
export async function countUnfinished(rows: GlobalHandle, scope: Scope): Promise<readonly StateCount[]> {
  const found = await eventsOf(rows, scope)
    .select(({ fn }) => ['e.state', fn.countAll<string>().as('count'), fn.min('e.received_at').as('oldestAt')])
    .where('e.state', 'in', [...waitingStates, 'dead', 'quarantined'])
    .where('e.dismissed_at', 'is', null)
    .groupBy('e.state')
    .execute()
  return found.map(({ state, count, oldestAt }) => ({ state, count: Number(count), oldestAt }))
}

/** Why events died, the most frequent reason first. */
export async function countDeadByReason(
  rows: GlobalHandle,
  scope: Scope,
): Promise<readonly { readonly reason: string; readonly count: number }[]> {
  const found = await filtered(rows, scope, { group: 'dead' })
    .select(({ fn }) => ['e.reason', fn.countAll<string>().as('count')])
    .groupBy('e.reason')
    .orderBy('count', 'desc')
    .orderBy('e.reason')
    .limit(20)
    .execute()
  return found.map(({ reason, count }) => ({ reason, count: Number(count) }))
}

/** Events by the hour they came in, as hours since 1970; hours without any are left out. */
export async function countByHour(
  rows: GlobalHandle,
  scope: Scope,
  since: Date,
): Promise<readonly { readonly hour: number; readonly count: number }[]> {
  const hour = sql<string>`floor(extract(epoch from e.received_at) / 3600)`
  const found = await eventsOf(rows, scope)
    .select(({ fn }) => [hour.as('hour'), fn.countAll<string>().as('count')])
    .where('e.received_at', '>=', since)
    .groupBy(hour)
    .execute()
  return found.map((row) => ({ hour: Number(row.hour), count: Number(row.count) }))
}

/** When the newest event came, by whatever way. */
export async function findNewestAt(rows: GlobalHandle, scope: Scope): Promise<Date | undefined> {
  const row = await eventsOf(rows, scope)
    .select('e.received_at')
    .orderBy('e.received_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.received_at
}
