/**
 * SQL of single events of one operator. The tables are global (ARC-34), so nothing but the WHERE keeps operators apart: every query a
 * screen causes names operator and mode.
 */
import type { Scope } from '#kernel'
import type { withoutScope } from '#platform'
import { sql } from 'kysely'
import type { Arrival } from './arrival.ts'
import { waitingStates, type InboxState } from './inbox-state.ts'

/** A transaction with or without a scope; these tables know no scope. */
type Rows = Parameters<Parameters<typeof withoutScope>[1]>[0]

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))

export type StoredEvent = {
  readonly state: InboxState
  readonly isInWork: boolean
  readonly sourceAccount: string
  readonly connectionId: string
  readonly body: Uint8Array
}

/** An operator's event with what was sent, locked. */
export async function findStoredEvent(rows: Rows, scope: Scope, id: string): Promise<StoredEvent | undefined> {
  const { rows: found } = await sql<StoredEvent>`
    select e.state, e.source_account as "sourceAccount", e.connection_id as "connectionId", b.body,
      e.state in (${waiting}) and coalesce(o.claimed_at >= e.received_at, false) as "isInWork"
    from app.inbox_events e join app.inbox_bodies b on b.id = e.id
    left join app.inbox_objects o on o.connection_id = e.connection_id and o.object_kind = e.object_kind and o.object_id = e.object_id
    where e.operator_id = ${scope.operatorId} and e.mode = ${scope.mode} and e.id = ${id} for update of e`.execute(rows)
  return found[0]
}

/** Puts an event back to its beginning, judged anew. */
export async function restartEvent(
  rows: Rows,
  { scope, id, arrival, now }: { scope: Scope; id: string; arrival: Arrival; now: Date },
): Promise<void> {
  const { state, reason, objectKind, objectId } = arrival
  await sql`
    with restarted as (
      update app.inbox_events set state = ${state}, reason = ${reason}, object_kind = ${objectKind}, object_id = ${objectId},
        via = 'replay', attempts = 0, next_attempt_at = ${now}, finished_at = ${state === 'received' ? null : now}
      where operator_id = ${scope.operatorId} and mode = ${scope.mode} and id = ${id}
      returning connection_id, object_kind, object_id, operator_id, mode, source_account
    )
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select restarted.*, ${now}::timestamptz from restarted where ${state} = 'received'
    on conflict (connection_id, object_kind, object_id) do update set version = inbox_objects.version + 1,
      due_at = case when inbox_objects.claim is null then excluded.due_at else inbox_objects.due_at end`.execute(rows)
}
