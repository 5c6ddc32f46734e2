/**
 * The SQL behind the inbox as staff see it (UI-153). The tables are global (ARC-34), so nothing but the WHERE keeps operators apart:
 * every query names operator and mode. What surprises: nobody writes `processing`; an event is being processed while its object is
 * claimed and it came before the claim.
 */
import type { Scope } from '#kernel'
import type { withoutScope } from '#platform'
import { sql } from 'kysely'
import { waitingStates, type InboxState } from './inbox-state.ts'
import type { InboxEventRow } from './inbox-view.ts'

/** A transaction with or without a scope; these tables know no scope. */
type Rows = Parameters<Parameters<typeof withoutScope>[1]>[0]

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))
const stateNow = sql<InboxState>`case when e.state in (${waiting}) and o.claimed_at >= e.received_at then 'processing' else e.state end`

/** One page, newest first. @param page.after the id of the last event seen; its own place is looked up, so equal times page well. */
export async function selectInboxEvents(
  rows: Rows,
  scope: Scope,
  page: {
    readonly after?: string | undefined
    readonly states?: readonly InboxState[] | undefined
    readonly limit: number
  },
): Promise<readonly InboxEventRow[]> {
  const found = await eventsOf(rows, scope)
    .select(shown)
    .$if(page.states !== undefined, (query) => query.where(stateNow, 'in', page.states ?? []))
    .$if(page.after !== undefined, (query) =>
      query.where(sql<boolean>`(e.received_at, e.id) < (select received_at, id from app.inbox_events
        where operator_id = ${scope.operatorId} and mode = ${scope.mode} and id = ${page.after})`),
    )
    .orderBy('e.received_at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(page.limit)
    .execute()
  return found.map(toInboxEvent)
}

/** One event with its raw body. */
export async function selectInboxEvent(
  rows: Rows,
  scope: Scope,
  id: string,
): Promise<(InboxEventRow & { readonly body: Uint8Array }) | undefined> {
  const row = await eventsOf(rows, scope)
    .innerJoin('app.inbox_bodies as b', 'b.id', 'e.id')
    .select([...shown, 'b.body'])
    .where('e.id', '=', id)
    .executeTakeFirst()
  return row && { ...toInboxEvent(row), body: row.body }
}

const shown = [
  'e.id',
  'e.event_id as eventId',
  'e.type',
  'e.object_kind as objectKind',
  'e.object_id as objectId',
  'e.reason',
  'e.attempts',
  'e.deliveries',
  'e.via',
  'e.source_account as sourceAccount',
  'e.received_at as receivedAt',
  'e.finished_at as finishedAt',
  'e.next_attempt_at as nextAttemptAt',
  stateNow.as('state'),
] as const

function eventsOf(rows: Rows, scope: Scope) {
  return rows
    .selectFrom('app.inbox_events as e')
    .leftJoin('app.inbox_objects as o', (join) =>
      join
        .onRef('o.connection_id', '=', 'e.connection_id')
        .onRef('o.object_kind', '=', 'e.object_kind')
        .onRef('o.object_id', '=', 'e.object_id'),
    )
    .where('e.operator_id', '=', scope.operatorId)
    .where('e.mode', '=', scope.mode)
}

function toInboxEvent({ body: _left, finishedAt, ...row }: Record<string, unknown>): InboxEventRow {
  return { ...row, finishedAt: finishedAt ?? undefined } as InboxEventRow
}
