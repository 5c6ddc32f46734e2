/**
 * SQL of single events, of one operator or of none yet. The tables are global (ARC-34), so nothing but the WHERE keeps operators apart: every query a
 * screen causes names operator and mode.
 */
import type { Mode, Scope } from '#kernel'
import type { GlobalHandle } from '#platform'
import { sql } from 'kysely'
import type { Arrival } from './arrival.ts'
import { waitingStates, type InboxState } from './inbox-state.ts'

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))

export type StoredEvent = {
  readonly state: InboxState
  readonly isInWork: boolean
  readonly sourceAccount: string
  readonly connectionId: string
  readonly body: Uint8Array
}

/** An operator's event with what was sent, locked. */
export async function findStoredEvent(rows: GlobalHandle, scope: Scope, id: string): Promise<StoredEvent | undefined> {
  const { rows: found } = await sql<StoredEvent>`
    select e.state, e.source_account as "sourceAccount", e.connection_id as "connectionId", b.body,
      e.state in (${waiting}) and coalesce(o.claimed_at >= e.received_at, false) as "isInWork"
    from app.inbox_events e join app.inbox_bodies b on b.id = e.id
    left join app.inbox_objects o on o.connection_id = e.connection_id and o.object_kind = e.object_kind and o.object_id = e.object_id
    where e.operator_id = ${scope.operatorId} and e.mode = ${scope.mode} and e.id = ${id} for update of e`.execute(rows)
  return found[0]
}

/** Puts an event of an operator back to its beginning, judged anew. */
export async function restartEvent(
  rows: GlobalHandle,
  { scope, id, arrival, now }: { scope: Scope; id: string; arrival: Arrival; now: Date },
): Promise<void> {
  const { rows: own } = await sql<{ id: string }>`
    update app.inbox_events set via = 'replay'
    where operator_id = ${scope.operatorId} and mode = ${scope.mode} and id = ${id} returning id`.execute(rows)
  if (own.length === 1) await putAtBeginning(rows, { id, arrival, now })
}

async function putAtBeginning(
  rows: GlobalHandle,
  { id, arrival, now }: { id: string; arrival: Arrival; now: Date },
): Promise<void> {
  const { state, reason, objectKind, objectId } = arrival
  await sql`
    with restarted as (
      update app.inbox_events set state = ${state}, reason = ${reason}, object_kind = ${objectKind}, object_id = ${objectId},
        attempts = 0, next_attempt_at = ${now}, finished_at = ${state === 'received' ? null : now}
      where id = ${id} returning connection_id, object_kind, object_id, operator_id, mode, source_account
    )
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select restarted.*, ${now}::timestamptz from restarted where ${state} = 'received'
    on conflict (connection_id, object_kind, object_id) do update set version = inbox_objects.version + 1,
      due_at = case when inbox_objects.claim is null then excluded.due_at else inbox_objects.due_at end`.execute(rows)
}

const hourMs = 3_600_000

/**
 * Puts an object whose news are due at the head of its operator's line. @returns false when there is none, or when its news wait for a
 * later time.
 */
export async function hastenNews(
  rows: GlobalHandle,
  about: {
    readonly scope: Scope
    readonly connectionId: string
    readonly objectKind: string
    readonly objectId: string
    readonly now: Date
  },
): Promise<boolean> {
  const { scope, now } = about
  const { rows: found } = await sql`
    update app.inbox_objects
    set due_at = case when claim is null then least(due_at, ${new Date(now.getTime() - hourMs)}) else due_at end
    where connection_id = ${about.connectionId} and object_kind = ${about.objectKind} and object_id = ${about.objectId}
      and operator_id = ${scope.operatorId} and mode = ${scope.mode} and (due_at <= ${now} or claimed_until > ${now})
    returning object_id`.execute(rows)
  return found.length > 0
}

/** Drops the oldest bodies of events older than this id. @returns how many. */
export async function deleteBodies(
  rows: GlobalHandle,
  wish: { readonly before: string; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from app.inbox_bodies where id in (
      select id from app.inbox_bodies where id < ${wish.before} order by id limit ${wish.limit})`.execute(rows)
  return Number(numAffectedRows ?? 0)
}

/** The accounts whose news wait for somebody to connect them. */
export async function listOwnerlessAccounts(rows: GlobalHandle): Promise<readonly string[]> {
  const { rows: found } = await sql<{ account: string }>`
    select distinct source_account as account from app.inbox_events where state = 'parked' and connection_id is null`.execute(
    rows,
  )
  return found.map(({ account }) => account)
}

/** The oldest events of an account that have no owner, with their bodies, locked. */
export async function listOwnerlessEvents(
  rows: GlobalHandle,
  { accountId, mode, limit }: { readonly accountId: string; readonly mode: Mode; readonly limit: number },
): Promise<readonly { readonly id: string; readonly body: Uint8Array }[]> {
  const { rows: found } = await sql<{ id: string; body: Uint8Array }>`
    select e.id, b.body from app.inbox_events e join app.inbox_bodies b on b.id = e.id
    where e.source_account = ${accountId} and e.mode = ${mode} and e.state = 'parked' and e.connection_id is null
    order by e.id limit ${limit} for update of e skip locked`.execute(rows)
  return found
}

/** Gives an ownerless event to whoever connected its account, judged anew. */
export async function adoptEvent(
  rows: GlobalHandle,
  owned: { id: string; operatorId: string; connectionId: string; arrival: Arrival; now: Date },
): Promise<void> {
  await sql`update app.inbox_events set operator_id = ${owned.operatorId}, connection_id = ${owned.connectionId}
    where id = ${owned.id}`.execute(rows)
  await putAtBeginning(rows, owned)
}

/** Nobody connected the account in time. */
export async function endOwnerless(rows: GlobalHandle, { before, now }: { before: Date; now: Date }): Promise<void> {
  await sql`
    update app.inbox_events set state = 'dead', finished_at = ${now}, reason = reason || ' It was waited for during 24 hours.'
    where state = 'parked' and connection_id is null and received_at < ${before}`.execute(rows)
}

/** A dead letter that belongs to nobody here. */
export type OwnerlessLetter = {
  readonly id: string
  readonly mode: Mode
  readonly eventId: string
  readonly type: string
  readonly sourceAccount: string
  readonly state: 'dead' | 'quarantined'
  readonly reason: string
  readonly deliveries: number
  readonly receivedAt: Date
}

const ownerlessDead = sql`e.operator_id is null and e.state in ('dead', 'quarantined') and e.dismissed_at is null`
const letterColumns = sql`e.id, e.mode, e.event_id as "eventId", e.type, e.source_account as "sourceAccount", e.state, e.reason,
  e.deliveries, e.received_at as "receivedAt"`

export async function selectOwnerlessLetters(rows: GlobalHandle, limit: number): Promise<readonly OwnerlessLetter[]> {
  const { rows: found } = await sql<OwnerlessLetter>`
    select ${letterColumns} from app.inbox_events e where ${ownerlessDead}
    order by e.received_at desc, e.id desc limit ${limit}`.execute(rows)
  return found
}

export async function countOwnerlessLetters(rows: GlobalHandle): Promise<number> {
  const { rows: found } = await sql<{ count: string }>`
    select count(*) from app.inbox_events e where ${ownerlessDead}`.execute(rows)
  return Number(found[0]?.count ?? 0)
}

/** With what was sent, locked. */
export async function findOwnerlessLetter(
  rows: GlobalHandle,
  id: string,
): Promise<(OwnerlessLetter & { readonly body: Uint8Array }) | undefined> {
  const { rows: found } = await sql<OwnerlessLetter & { body: Uint8Array }>`
    select ${letterColumns}, b.body from app.inbox_events e join app.inbox_bodies b on b.id = e.id
    where ${ownerlessDead} and e.id = ${id} for update of e`.execute(rows)
  return found[0]
}

/** It waits again for somebody who connects its account, as if it came now. */
export async function parkOwnerless(rows: GlobalHandle, { id, now }: { id: string; now: Date }): Promise<void> {
  await sql`
    update app.inbox_events set state = 'parked', via = 'replay', received_at = ${now}, finished_at = null,
      reason = 'Nobody here has connected the account ' || source_account || ' yet.'
    where id = ${id} and operator_id is null`.execute(rows)
}

/** @returns false when there is no such letter. */
export async function dismissOwnerless(
  rows: GlobalHandle,
  { id, at, note, actor }: { readonly id: string; readonly at: Date; readonly note: string; readonly actor: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update app.inbox_events e set dismissed_at = ${at}, dismissed_note = ${note}, dismissed_by = ${actor}
    where ${ownerlessDead} and e.id = ${id}`.execute(rows)
  return numAffectedRows === 1n
}
