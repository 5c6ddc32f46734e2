/**
 * All SQL of the inbox. Its two tables are global (ARC-34), so nothing but the WHERE keeps operators apart: every query a screen
 * causes names operator and mode. Claims are serialised by one advisory lock per object, taken for the length of a transaction by
 * whoever claims and by whoever finishes; the lease only decides when a silent owner is taken for dead.
 */
import type { Scope } from '#kernel'
import type { withoutScope } from '#platform'
import { sql } from 'kysely'
import type { Arrival, NewEvent } from './arrival.ts'
import type { Claim, ClaimedEvent, EventEnd } from './event-end.ts'
import { waitingStates, type InboxState } from './inbox-state.ts'

/** A transaction with or without a scope; these tables know no scope. */
type Rows = Parameters<Parameters<typeof withoutScope>[1]>[0]

/**
 * Keeps an event with its raw body, or counts one more delivery of it. One statement, so both are there or neither is.
 * @returns how often it has come; undefined when another operator already has an event of this account and id.
 */
export async function insertEvent(rows: Rows, event: NewEvent): Promise<number | undefined> {
  const { sourceAccount, mode, eventId, receivedAt } = event
  const isAtRest = event.state !== 'received'
  const kept = await sql<{ deliveries: number }>`
    with kept as (
      insert into app.inbox_events (source_account, mode, event_id, id, operator_id, connection_id, type, object_kind, object_id,
        api_version, via, state, reason, next_attempt_at, received_at, finished_at)
      values (${sourceAccount}, ${mode}, ${eventId}, ${event.id}, ${event.operatorId}, ${event.connectionId}, ${event.type},
        ${event.objectKind}, ${event.objectId}, ${event.apiVersion}, ${event.via}, ${event.state}, ${event.reason},
        ${receivedAt}, ${receivedAt}, ${isAtRest ? receivedAt : null})
      on conflict (source_account, mode, event_id) do update set deliveries = inbox_events.deliveries + 1
        where inbox_events.operator_id = excluded.operator_id
      returning deliveries
    ), payload as (
      insert into app.inbox_payloads (source_account, mode, event_id, body, received_at)
      select ${sourceAccount}, ${mode}, ${eventId}, ${event.body}::bytea, ${receivedAt}::timestamptz from kept where deliveries = 1
    )
    select deliveries from kept`.execute(rows)
  return kept.rows[0]?.deliveries
}

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))
const objectKey = sql`concat_ws('|', source_account, mode, object_kind, object_id, operator_id)`

export type ClaimWish = {
  readonly now: Date
  readonly leaseUntil: Date
  readonly most: number
  /** How many objects of one operator may be taken in one turn. */
  readonly mostPerOperator: number
  /** Operators that have enough under way. */
  readonly busyOperators: readonly string[]
}

/**
 * Takes objects with due news, operators in turn, and of each object everything that waits (STR-65). Two statements, because the
 * second must see what others committed before its locks were given.
 */
export async function claimObjects(rows: Rows, wish: ClaimWish): Promise<readonly Claim[]> {
  const { now, leaseUntil } = wish
  const isFree = sql`(state <> 'processing' or claimed_until <= ${now})`
  const isAlone = sql`not exists (select from app.inbox_events where state = 'processing' and claimed_until > ${now} and ${objectKey} = key)`
  const locked = await sql<{ key: string }>`
    with due as (
      select ${objectKey} as key, operator_id, min(next_attempt_at) as since from app.inbox_events
      where state in (${waiting}) and next_attempt_at <= ${now} and ${isFree} and connection_id is not null
        and operator_id <> all (${wish.busyOperators}::uuid[])
      group by 1, operator_id
    ), turns as (
      select key, since, row_number() over (partition by operator_id order by since) as turn from due where ${isAlone}
    ), chosen as materialized (
      select key from turns where turn <= ${wish.mostPerOperator} order by turn, since limit ${wish.most}
    )
    select key from chosen where pg_try_advisory_xact_lock(hashtextextended(key, 0))`.execute(rows)
  if (locked.rows.length === 0) return []
  const taken = await sql<ClaimedRow>`
    update app.inbox_events set state = 'processing', attempts = attempts + 1, claimed_until = ${leaseUntil}
    where id in (
      select id from app.inbox_events join unnest(${locked.rows.map(({ key }) => key)}::text[]) as chosen (key) on ${objectKey} = key
      where state in (${waiting}) and ${isFree} and ${isAlone} for update of inbox_events skip locked
    )
    returning ${objectKey} as key, id, event_id as "eventId", type, attempts, received_at as "receivedAt", mode,
      object_kind as "objectKind", object_id as "objectId", operator_id as "operatorId", connection_id as "connectionId"`.execute(
    rows,
  )
  return [...Map.groupBy(taken.rows, ({ key }) => key).values()].map(toClaim)
}

/** Whether anything is under way, and when the next of what waits is due. */
export async function readOutlook(
  rows: Rows,
  now: Date,
): Promise<{ readonly isBusy: boolean; readonly earliestAt: Date | undefined }> {
  const { rows: found } = await sql<{ isBusy: boolean | null; earliestAt: Date | null }>`
    select bool_or(state = 'processing' and claimed_until > ${now}) as "isBusy",
      min(case when state = 'processing' then claimed_until else next_attempt_at end) as "earliestAt"
    from app.inbox_events where state in (${waiting}) and connection_id is not null`.execute(rows)
  return { isBusy: found[0]?.isBusy === true, earliestAt: found[0]?.earliestAt ?? undefined }
}

type ClaimedRow = Scope & Omit<Claim, 'scope' | 'events'> & ClaimedEvent

function toClaim(members: readonly ClaimedRow[]): Claim {
  const [first] = members as [ClaimedRow]
  const { key, operatorId, mode, connectionId, objectKind, objectId } = first
  const events = members.map(({ id, eventId, type, attempts, receivedAt }) => ({
    id,
    eventId,
    type,
    attempts,
    receivedAt,
  }))
  return { key, scope: { operatorId, mode }, connectionId, objectKind, objectId, events }
}

/** Keeps an owned object for longer. @returns false when it is no longer ours. */
export async function extendLease(
  rows: Rows,
  claim: Claim,
  lease: { readonly held: Date; readonly until: Date },
): Promise<boolean> {
  const extended = await rows
    .updateTable('app.inbox_events')
    .set({ claimed_until: lease.until })
    .where('id', 'in', idsOf(claim))
    .where('state', '=', 'processing')
    .where('claimed_until', '=', lease.held)
    .returning('id')
    .execute()
  return extended.length === claim.events.length
}

/** Locks the object for the rest of this transaction. @returns false when the claim was taken over meanwhile. */
export async function holdClaim(rows: Rows, claim: Claim, held: Date): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${claim.key}, 0))`.execute(rows)
  const ours = await rows
    .selectFrom('app.inbox_events')
    .select('id')
    .where('id', 'in', idsOf(claim))
    .where('state', '=', 'processing')
    .where('claimed_until', '=', held)
    .execute()
  return ours.length === claim.events.length
}

/** Only inside a transaction that holds the claim. */
export async function endEvent(
  rows: Rows,
  event: ClaimedEvent,
  { end, now }: { readonly end: EventEnd; readonly now: Date },
): Promise<void> {
  await rows
    .updateTable('app.inbox_events')
    .set({
      state: end.state,
      reason: end.reason,
      claimed_until: null,
      attempts: end.isCounted ? event.attempts : event.attempts - 1,
      ...(end.nextAttemptAt ? { next_attempt_at: end.nextAttemptAt, finished_at: null } : { finished_at: now }),
    })
    .where('id', '=', event.id)
    .execute()
}

/** Gives back what was claimed and not begun: the next worker may have it at once, and the try does not count. */
export async function handBack(
  rows: Rows,
  claim: Claim,
  { held, now }: { readonly held: Date; readonly now: Date },
): Promise<void> {
  await sql`
    update app.inbox_events set claimed_until = ${now}, attempts = attempts - 1
    where id = any (${idsOf(claim)}::uuid[]) and state = 'processing' and claimed_until = ${held}`.execute(rows)
}

/** Ends every lease, for the only process of an installation: whoever held one is dead. */
export async function releaseLeases(rows: Rows, now: Date): Promise<void> {
  await rows.updateTable('app.inbox_events').set({ claimed_until: now }).where('state', '=', 'processing').execute()
}

function idsOf(claim: Claim): string[] {
  return claim.events.map(({ id }) => id)
}

export type StoredEvent = {
  readonly state: InboxState
  readonly sourceAccount: string
  readonly connectionId: string
  readonly body: Uint8Array
}

/** An operator's event with what was sent, locked. */
export function findStoredEvent(rows: Rows, scope: Scope, id: string): Promise<StoredEvent | undefined> {
  return rows
    .selectFrom('app.inbox_events as e')
    .innerJoin('app.inbox_payloads as p', (join) =>
      join
        .onRef('p.source_account', '=', 'e.source_account')
        .onRef('p.mode', '=', 'e.mode')
        .onRef('p.event_id', '=', 'e.event_id'),
    )
    .select(['e.state', 'e.source_account as sourceAccount', 'e.connection_id as connectionId', 'p.body'])
    .where('e.operator_id', '=', scope.operatorId)
    .where('e.mode', '=', scope.mode)
    .where('e.id', '=', id)
    .forUpdate('e')
    .executeTakeFirst()
}

/** Puts an event back to its beginning, judged anew. */
export async function restartEvent(
  rows: Rows,
  { scope, id, arrival, now }: { scope: Scope; id: string; arrival: Arrival; now: Date },
): Promise<void> {
  await rows
    .updateTable('app.inbox_events')
    .set({
      state: arrival.state,
      reason: arrival.reason,
      object_kind: arrival.objectKind,
      object_id: arrival.objectId,
      via: 'replay',
      attempts: 0,
      next_attempt_at: now,
      claimed_until: null,
      finished_at: arrival.state === 'received' ? null : now,
    })
    .where('operator_id', '=', scope.operatorId)
    .where('mode', '=', scope.mode)
    .where('id', '=', id)
    .execute()
}
