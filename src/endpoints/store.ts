/** All SQL of endpoint health and of rotations. */
import type { Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { Rotation } from './rotation.ts'

const columns = {
  id: 'id',
  connectionId: 'connection_id',
  path: 'path',
  makesEndpoint: 'makes_endpoint',
  state: 'state',
  overlapHours: 'overlap_hours',
  url: 'url',
  oldEndpointId: 'old_endpoint_id',
  newEndpointId: 'new_endpoint_id',
  newSecretId: 'new_secret_id',
  attempts: 'attempts',
  leasedUntil: 'leased_until',
  fault: 'fault',
  visibleAt: 'visible_at',
  oldEndsAt: 'old_ends_at',
  startedBy: 'started_by',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
} as const satisfies Record<keyof Rotation, string>

const rotationColumns = Object.entries(columns).map(([member, column]) => `${column} as ${member}`)

export type RotationChange = Partial<Omit<Rotation, 'id' | 'connectionId' | 'path' | 'makesEndpoint' | 'startedAt'>>

function asColumns(change: RotationChange): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).map(([member, value]) => [columns[member as keyof Rotation], value]))
}

function ownerOf(rows: ScopedHandle) {
  return { operator_id: rows.scope.operatorId, mode: rows.scope.mode }
}

function rotations(rows: ScopedHandle) {
  return rows
    .selectFrom('app.endpoint_rotations')
    .select(rotationColumns)
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .$castTo<Rotation>()
}

/** Held until the end of the transaction. */
export async function lockRotation(rows: ScopedHandle, id: Uuid): Promise<Rotation | undefined> {
  return rotations(rows).where('id', '=', id).forUpdate().executeTakeFirst()
}

/** The last one of a connection, whatever became of it. */
export async function findLatestRotation(rows: ScopedHandle, connectionId: Uuid): Promise<Rotation | undefined> {
  return rotations(rows).where('connection_id', '=', connectionId).orderBy('id', 'desc').limit(1).executeTakeFirst()
}

/** Those that are neither done nor cancelled; a connection has at most one. */
export async function listOpenRotations(rows: ScopedHandle, connectionId?: Uuid): Promise<readonly Rotation[]> {
  return rotations(rows)
    .where('state', 'not in', ['done', 'cancelled'])
    .$if(connectionId !== undefined, (query) => query.where('connection_id', '=', connectionId ?? ''))
    .execute()
}

export async function insertRotation(
  rows: ScopedHandle,
  rotation: Pick<Rotation, 'connectionId' | 'path' | 'makesEndpoint' | 'state' | 'overlapHours' | 'startedBy'> &
    RotationChange,
): Promise<Uuid> {
  const { connectionId, path, makesEndpoint, ...change } = rotation
  const id = newId(rows.clock)
  await rows
    .insertInto('app.endpoint_rotations')
    .values({
      ...ownerOf(rows),
      id,
      connection_id: connectionId,
      path,
      makes_endpoint: makesEndpoint,
      started_at: rows.clock.now(),
      ...asColumns(change),
    })
    .execute()
  return id
}

export async function updateRotation(rows: ScopedHandle, id: Uuid, change: RotationChange): Promise<void> {
  await rows
    .updateTable('app.endpoint_rotations')
    .set(asColumns(change))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

/** How often each secret of the connection matched since the last rotation began. */
export async function readTallies(rows: ScopedHandle, connectionId: Uuid): Promise<ReadonlyMap<Uuid, number>> {
  const found = await rows
    .selectFrom('app.endpoint_secret_tallies')
    .select(['endpoint_secret_id as id', 'verified'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .execute()
  return new Map(found.map(({ id, verified }) => [id, verified]))
}

export async function addToTally(
  rows: ScopedHandle,
  { connectionId, secretId, count }: { connectionId: Uuid; secretId: Uuid; count: number },
): Promise<void> {
  await rows
    .insertInto('app.endpoint_secret_tallies')
    .values({ ...ownerOf(rows), endpoint_secret_id: secretId, connection_id: connectionId, verified: count })
    .onConflict((conflict) =>
      conflict
        .columns(['operator_id', 'mode', 'endpoint_secret_id'])
        .doUpdateSet({ verified: sql`app.endpoint_secret_tallies.verified + ${count}` }),
    )
    .execute()
}

export async function resetTallies(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  await rows
    .updateTable('app.endpoint_secret_tallies')
    .set({ verified: 0 })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .execute()
}

export type Counts = { readonly verified: number; readonly refused: number }
export type Hour = Counts & { readonly hour: Date }

export async function addToHour(
  rows: ScopedHandle,
  { connectionId, hour, verified, refused }: Hour & { connectionId: Uuid },
): Promise<void> {
  await rows
    .insertInto('app.endpoint_hours')
    .values({ ...ownerOf(rows), connection_id: connectionId, hour, verified, refused })
    .onConflict((conflict) =>
      conflict.columns(['operator_id', 'mode', 'connection_id', 'hour']).doUpdateSet({
        verified: sql`app.endpoint_hours.verified + ${verified}`,
        refused: sql`app.endpoint_hours.refused + ${refused}`,
      }),
    )
    .execute()
}

/** Oldest first; hours without a delivery are absent. */
export async function listHours(rows: ScopedHandle, connectionId: Uuid, since: Date): Promise<readonly Hour[]> {
  return rows
    .selectFrom('app.endpoint_hours')
    .select(['hour', 'verified', 'refused'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('hour', '>=', since)
    .orderBy('hour')
    .execute()
}

export async function removeHoursBefore(rows: ScopedHandle, connectionId: Uuid, before: Date): Promise<void> {
  await rows
    .deleteFrom('app.endpoint_hours')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('hour', '<', before)
    .execute()
}

export type Watch = {
  /** Since when polling has found events that no delivery brought. */
  readonly missedSince: Date | null
  readonly missedCount: number
  /** The trouble the operator was told of and that has not cleared yet. */
  readonly told: string | null
  /** When Stripe was last asked by itself, also when it did not answer. */
  readonly askedAt: Date | null
}

export async function readWatch(rows: ScopedHandle, connectionId: Uuid): Promise<Watch> {
  const found = await rows
    .selectFrom('app.endpoint_watches')
    .select(['missed_since as missedSince', 'missed_count as missedCount', 'told', 'asked_at as askedAt'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .executeTakeFirst()
  return found ?? { missedSince: null, missedCount: 0, told: null, askedAt: null }
}

/** The first of them keeps its instant. */
export async function addMissed(
  rows: ScopedHandle,
  { connectionId, count, at }: { connectionId: Uuid; count: number; at: Date },
): Promise<void> {
  await rows
    .insertInto('app.endpoint_watches')
    .values({ ...ownerOf(rows), connection_id: connectionId, missed_since: at, missed_count: count })
    .onConflict((conflict) =>
      conflict.columns(['operator_id', 'mode', 'connection_id']).doUpdateSet({
        missed_since: sql`coalesce(app.endpoint_watches.missed_since, ${at})`,
        missed_count: sql`app.endpoint_watches.missed_count + ${count}`,
      }),
    )
    .execute()
}

/** A delivery came: whatever polling found before is no sign of silence any more. */
export async function clearMissed(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  await rows
    .updateTable('app.endpoint_watches')
    .set({ missed_since: null, missed_count: 0 })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('missed_since', 'is not', null)
    .execute()
}

export function setTold(rows: ScopedHandle, connectionId: Uuid, told: string | null): Promise<void> {
  return changeWatch(rows, connectionId, { told, told_at: rows.clock.now() })
}

export function setAsked(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  return changeWatch(rows, connectionId, { asked_at: rows.clock.now() })
}

async function changeWatch(rows: ScopedHandle, connectionId: Uuid, change: Record<string, unknown>): Promise<void> {
  await rows
    .insertInto('app.endpoint_watches')
    .values({ ...ownerOf(rows), connection_id: connectionId, ...change })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'connection_id']).doUpdateSet(change))
    .execute()
}
