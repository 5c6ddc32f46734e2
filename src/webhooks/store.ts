/**
 * All SQL of the work on kept news. The tables are global (ARC-34), so nothing but the WHERE keeps operators apart: every query a
 * screen causes names operator and mode. Work is claimed by object (PERF-51). A claim is a name on the row with an end, and the
 * place in the line is kept for whoever takes over; whoever
 * finishes shows that name again in the transaction that writes, so that an owner taken over meanwhile writes nothing. Nothing is locked
 * while it works, and rows are locked events before objects, each in the order of their keys.
 */
import { waitingStates } from '#inbox'
import type { Mode } from '#kernel'
import type { GlobalHandle } from '#platform'
import { sql } from 'kysely'
import type { Claim, ClaimedEvent, EventEnd } from './event-end.ts'

export type ClaimWish = {
  readonly now: Date
  readonly leaseUntil: Date
  /** A new one for each turn. */
  readonly claim: string
  readonly most: number
  /** How many objects of one operator may be taken in one turn. */
  readonly mostPerOperator: number
  /** Operators that have enough under way. */
  readonly busyOperators: readonly string[]
  /** The operator whose turn was last; the next one begins. */
  readonly after: string
}

const isDue = (now: Date) => sql`due_at <= ${now} and (claim is null or claimed_until <= ${now})`

/**
 * Takes objects with due news, operators in turn, each up to its share, and of each object everything that waits (STR-65, TRU-191). The
 * operators are found by leaping through the index, so a backlog of one costs the others nothing. Whoever has several waiting gets them
 * taken together, to be settled in one transaction (PERF-53); whom this turn does not reach is first in the next.
 */
export async function claimObjects(rows: GlobalHandle, wish: ClaimWish): Promise<readonly Claim[]> {
  const { now, leaseUntil, busyOperators: busy } = wish
  const next = (after: ReturnType<typeof sql>) => sql`(
    select operator_id from app.inbox_objects
    where operator_id > ${after} and ${isDue(now)} and operator_id <> all (${busy}::uuid[]) order by operator_id limit 1)`
  const taken = await sql<ClaimedRow>`
    with recursive turn (operator_id, place) as (
      select ${next(sql`${wish.after}::uuid`)}, 1
      union all
      select ${next(sql`turn.operator_id`)}, place + 1 from turn where turn.operator_id is not null and place < ${wish.most}
    ), share as (
      select operator_id, place, sum(wanted) over (order by place) - wanted as before from turn cross join lateral (
        select count(*) as wanted from (
          select from app.inbox_objects where operator_id = turn.operator_id and ${isDue(now)} limit ${wish.mostPerOperator}
        ) own
      ) counted where operator_id is not null
    ), chosen as materialized (
      select own.connection_id, own.object_kind, own.object_id from share
      cross join lateral (
        select connection_id, object_kind, object_id from app.inbox_objects
        where operator_id = share.operator_id and ${isDue(now)} order by due_at
        limit least(${wish.mostPerOperator}, ${wish.most} - share.before)
        for update skip locked
      ) own where share.before < ${wish.most}
    )
    update app.inbox_objects o set claim = ${wish.claim}, claimed_at = ${now}, claimed_until = ${leaseUntil},
      tries = tries + 1
    from chosen where o.connection_id = chosen.connection_id and o.object_kind = chosen.object_kind and o.object_id = chosen.object_id
    returning o.connection_id as "connectionId", o.object_kind as "objectKind", o.object_id as "objectId",
      o.operator_id as "operatorId", o.mode, o.version, o.tries`.execute(rows)
  return toClaims(taken.rows, await selectWaiting(rows, taken.rows), wish.claim)
}

const waiting = sql.join(waitingStates.map((state) => sql.lit(state)))

type ObjectKey = { readonly connectionId: string; readonly objectKind: string; readonly objectId: string }
type ClaimedRow = ObjectKey & { operatorId: string; mode: Mode; version: string; tries: number }
type WaitingRow = ObjectKey & ClaimedEvent

/** The columns of several keys, for `unnest`. */
function columnsOf(keys: readonly ObjectKey[]) {
  const ids = keys.map(({ connectionId }) => connectionId)
  const kinds = keys.map(({ objectKind }) => objectKind)
  const objects = keys.map(({ objectId }) => objectId)
  return sql`${ids}::uuid[], ${kinds}::text[], ${objects}::text[]`
}

async function selectWaiting(rows: GlobalHandle, keys: readonly ObjectKey[]): Promise<readonly WaitingRow[]> {
  if (keys.length === 0) return []
  const found = await sql<WaitingRow>`
    select e.connection_id as "connectionId", e.object_kind as "objectKind", e.object_id as "objectId", e.id, e.event_id as "eventId",
      e.type, e.attempts, e.received_at as "receivedAt"
    from app.inbox_events e join unnest(${columnsOf(keys)}) as o (connection_id, object_kind, object_id)
      on e.connection_id = o.connection_id and e.object_kind = o.object_kind and e.object_id = o.object_id
    where e.state in (${waiting}) order by e.received_at, e.id`.execute(rows)
  return found.rows
}

function toClaims(taken: readonly ClaimedRow[], events: readonly WaitingRow[], claim: string): readonly Claim[] {
  const nameOf = ({ connectionId, objectKind, objectId }: ObjectKey) => `${connectionId} ${objectKind} ${objectId}`
  const byObject = Map.groupBy(events, nameOf)
  return taken.map(({ operatorId, mode, version, tries, ...key }) => ({
    ...key,
    claim,
    version,
    scope: { operatorId, mode },
    // An owner that died left no trace on the events, so its tries are counted here.
    events: (byObject.get(nameOf(key)) ?? []).map(({ id, eventId, type, attempts, receivedAt }) => ({
      id,
      eventId,
      type,
      attempts: attempts + tries,
      receivedAt,
    })),
  }))
}

/** Keeps owned objects for longer; what is no longer owned is left alone. */
export async function extendLeases(
  rows: GlobalHandle,
  { claims, until }: { readonly claims: readonly string[]; readonly until: Date },
): Promise<void> {
  await sql`update app.inbox_objects set claimed_until = ${until}
    where claim = any (${claims}::uuid[])`.execute(rows)
}

export type ClaimEnd = {
  readonly claim: Claim
  readonly ends: readonly { readonly event: ClaimedEvent; readonly end: EventEnd }[]
}

/** Ends the events of claims and gives their objects free. @returns false when one of the claims was taken over meanwhile: then roll back. */
export async function endClaims(rows: GlobalHandle, finished: readonly ClaimEnd[], now: Date): Promise<boolean> {
  const events = finished.flatMap(({ ends }) => ends).toSorted((one, two) => (one.event.id < two.event.id ? -1 : 1))
  if (events.length > 0) await endEvents(rows, events, now)
  const objects = finished.map(({ claim, ends }) => ({ ...claim, nextAt: earliestOf(ends) }))
  const { rows: freed } = await sql<{ objectId: string }>`
    with ended as (
      select * from unnest(${columnsOf(objects)}, ${objects.map(({ claim }) => claim)}::uuid[],
        ${objects.map(({ version }) => version)}::bigint[], ${objects.map(({ nextAt }) => nextAt?.toISOString() ?? null)}::timestamptz[])
        as ended (connection_id, object_kind, object_id, claim, version, next_at)
    ), held as (
      select ended.*, o.version <> ended.version as has_news from app.inbox_objects o join ended using (connection_id, object_kind, object_id, claim)
      order by o.connection_id, o.object_kind, o.object_id for update of o
    ), gone as (
      delete from app.inbox_objects o using held where ${isSame} and held.next_at is null and not held.has_news returning o.object_id
    ), freed as (
      update app.inbox_objects o set claim = null, claimed_at = null, claimed_until = null, tries = 0,
        due_at = case when held.has_news then ${now} else held.next_at end
      from held where ${isSame} and (held.next_at is not null or held.has_news) returning o.object_id
    )
    select object_id as "objectId" from gone union all select object_id from freed`.execute(rows)
  return freed.length === finished.length
}

const isSame = sql`o.connection_id = held.connection_id and o.object_kind = held.object_kind and o.object_id = held.object_id`

function earliestOf(ends: ClaimEnd['ends']): Date | undefined {
  const instants = ends.flatMap(({ end }) => (end.nextAttemptAt ? [end.nextAttemptAt.getTime()] : []))
  return instants.length === 0 ? undefined : new Date(Math.min(...instants))
}

async function endEvents(rows: GlobalHandle, ended: ClaimEnd['ends'], now: Date): Promise<void> {
  const instants = ended.map(({ end }) => end.nextAttemptAt?.toISOString() ?? null)
  await sql`
    update app.inbox_events e set state = ended.state, reason = ended.reason, attempts = ended.attempts,
      next_attempt_at = coalesce(ended.next_at, e.next_attempt_at), finished_at = case when ended.next_at is null then ${now}::timestamptz end
    from unnest(${ended.map(({ event }) => event.id)}::uuid[], ${ended.map(({ end }) => end.state)}::text[],
      ${ended.map(({ end }) => end.reason)}::text[], ${ended.map(attemptsOf)}::int[], ${instants}::timestamptz[])
      as ended (id, state, reason, attempts, next_at)
    where e.id = ended.id`.execute(rows)
}

function attemptsOf({ event, end }: ClaimEnd['ends'][number]): number {
  return end.isCounted ? event.attempts : event.attempts - 1
}

/** Gives back what was claimed and not finished: the next worker may have it at once, and the try does not count. */
export async function handBack(
  rows: GlobalHandle,
  { claims, now }: { claims: readonly Claim[]; now: Date },
): Promise<void> {
  const names = claims.map(({ claim }) => claim)
  await sql`
    update app.inbox_objects o set claim = null, claimed_at = null, claimed_until = null, due_at = ${now}, tries = tries - 1
    from unnest(${columnsOf(claims)}, ${names}::uuid[]) as held (connection_id, object_kind, object_id, claim)
    where ${isSame} and o.claim = held.claim`.execute(rows)
}

/** Ends every lease, for the only process of an installation: whoever held one is dead. */
export async function releaseLeases(rows: GlobalHandle, now: Date): Promise<void> {
  await sql`update app.inbox_objects set claim = null, claimed_at = null, claimed_until = null, due_at = ${now}
    where claim is not null`.execute(rows)
}

/** Whether anything is under way, and when the next of what waits is due. */
export async function readOutlook(
  rows: GlobalHandle,
  now: Date,
): Promise<{ readonly isBusy: boolean; readonly earliestAt: Date | undefined }> {
  const { rows: found } = await sql<{ isBusy: boolean | null; earliestAt: Date | null }>`
    select bool_or(claimed_until > ${now}) as "isBusy", min(coalesce(claimed_until, due_at)) as "earliestAt" from app.inbox_objects`.execute(
    rows,
  )
  return { isBusy: found[0]?.isBusy === true, earliestAt: found[0]?.earliestAt ?? undefined }
}
