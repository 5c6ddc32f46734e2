/** All SQL of draining's own rows: which connection drains since when, and which renters were asked for a new method. */
import type { Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import { longestMs, type Draining, type Ending } from './draining.ts'

const own = ({ scope }: ScopedHandle) => ({ operator_id: scope.operatorId, mode: scope.mode })

function drainings(rows: ScopedHandle) {
  return rows
    .selectFrom('app.drainings')
    .selectAll()
    .where(({ and }) => and(own(rows)))
}

/** Of two at once one begins it, and both get the same. */
export async function beginDraining(
  rows: ScopedHandle,
  { connectionId, actor }: { readonly connectionId: Uuid; readonly actor: string },
): Promise<Draining> {
  const now = rows.clock.now()
  const endsAt = new Date(now.getTime() + longestMs)
  await rows
    .insertInto('app.drainings')
    .values({
      ...own(rows),
      id: newId(rows.clock),
      connection_id: connectionId,
      begun_by: actor,
      begun_at: now,
      ends_at: endsAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['operator_id', 'mode', 'connection_id']).where('ended_at', 'is', null).doNothing(),
    )
    .execute()
  return (await findDraining(rows, connectionId))!
}

/** The one under way. */
export async function findDraining(rows: ScopedHandle, connectionId: Uuid): Promise<Draining | undefined> {
  const row = await drainings(rows)
    .where('connection_id', '=', connectionId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row && toDraining(row)
}

/** Those that have to be carried on, whatever became of the connection meanwhile. */
export async function listDrainingConnectionIds(rows: ScopedHandle): Promise<readonly Uuid[]> {
  const { operatorId, mode } = rows.scope
  const found = await sql<{ id: Uuid }>`
    select id from app.connections where operator_id = ${operatorId} and mode = ${mode} and state = 'disconnecting'
    union select connection_id from app.drainings
    where operator_id = ${operatorId} and mode = ${mode} and ended_at is null`.execute(rows)
  return found.rows.map(({ id }) => id)
}

/** The last one of each connection, when it is under way or has ended since `endedSince`. */
export async function listDrainings(rows: ScopedHandle, endedSince: Date): Promise<readonly Draining[]> {
  const found = await drainings(rows)
    .distinctOn('connection_id')
    .where(({ eb, or }) => or([eb('ended_at', 'is', null), eb('ended_at', '>', endedSince)]))
    .orderBy('connection_id')
    .orderBy('id', 'desc')
    .execute()
  return found.map(toDraining)
}

/** Newest first: who left for another account, and may still have renters to ask. */
export async function findLatestDraining(rows: ScopedHandle, connectionId: Uuid): Promise<Draining | undefined> {
  const row = await drainings(rows).where('connection_id', '=', connectionId).orderBy('id', 'desc').executeTakeFirst()
  return row && toDraining(row)
}

export async function updateDraining(
  rows: ScopedHandle,
  id: Uuid,
  change: {
    readonly finish_asked_by?: string
    readonly finish_asked_at?: Date
    readonly closing_at?: Date
    readonly ended_at?: Date
    readonly outcome?: Ending
    readonly left_over?: string
  },
): Promise<void> {
  await rows
    .updateTable('app.drainings')
    .set(change)
    .where(({ and }) => and({ ...own(rows), id }))
    .execute()
}

function toDraining(row: Record<string, any>): Draining {
  return {
    id: row['id'],
    connectionId: row['connection_id'],
    begunBy: row['begun_by'],
    begunAt: row['begun_at'],
    endsAt: row['ends_at'],
    finishAskedAt: row['finish_asked_at'] ?? undefined,
    closingAt: row['closing_at'] ?? undefined,
    endedAt: row['ended_at'] ?? undefined,
    outcome: row['outcome'] ?? undefined,
    leftOver: row['left_over'],
  }
}

/** @returns false when this renter was asked already on this occasion. */
export async function insertMethodRequest(
  rows: ScopedHandle,
  request: { readonly drainingId: Uuid; readonly renterId: Uuid; readonly actor: string },
): Promise<boolean> {
  const inserted = await rows
    .insertInto('app.method_requests')
    .values({
      ...own(rows),
      draining_id: request.drainingId,
      renter_id: request.renterId,
      asked_by: request.actor,
      asked_at: rows.clock.now(),
    })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'draining_id', 'renter_id']).doNothing())
    .returning('renter_id')
    .execute()
  return inserted.length === 1
}

export async function listAskedRenterIds(rows: ScopedHandle, drainingId: Uuid): Promise<ReadonlySet<Uuid>> {
  const found = await rows
    .selectFrom('app.method_requests')
    .select('renter_id')
    .where(({ and }) => and({ ...own(rows), draining_id: drainingId }))
    .execute()
  return new Set(found.map((row) => row['renter_id'] as Uuid))
}
