/**
 * The background work of endpoints (ARC-43): rotations go on, and each endpoint is looked at in Stripe daily, every quarter of an hour
 * while it is not healthy, and 5 seconds after a repair (STR-46). What turned bad, and that it is good again, is a fact; mails are
 * written from it.
 */
import {
  enableEndpoint,
  findOwnKeysConnection,
  lookAtEndpoint,
  repairEndpoint,
  type Connection,
  type ConnectionGround,
} from '#connections'
import { done, isMode, type Outcome, type Scope, type Uuid } from '#kernel'
import {
  inScope,
  recordFact,
  type JobDeclaration,
  type JobHandler,
  type JobPayload,
  type ScopedHandle,
} from '#platform'
import { StripeFault } from '#stripe'
import { driveRotation } from './drive-rotation.ts'
import { readHealth } from './endpoint-view.ts'
import { isAlarming, type EndpointHealth } from './health.ts'
import { listOpenRotations, readWatch, removeHoursBefore, setAsked, setTold } from './store.ts'

const dayMs = 86_400_000
const quarterMs = 15 * 60_000
const afterRepairMs = 5_000
const hoursKeptMs = 7 * dayMs

export const endpointJobs = [
  { name: 'endpoints.rotate', retryLimit: 1000 },
  { name: 'endpoints.check' },
] as const satisfies readonly JobDeclaration[]

export function endpointHandlers(ground: ConnectionGround): Record<(typeof endpointJobs)[number]['name'], JobHandler> {
  return {
    async 'endpoints.rotate'(payload) {
      await driveRotation(ground, scopeOf(payload), payload.id)
    },
    'endpoints.check': (payload) => checkEndpoint(ground, scopeOf(payload), payload.id),
  }
}

function scopeOf({ operatorId, mode }: JobPayload): Scope {
  if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
  return { operatorId, mode }
}

/**
 * Plans what is unfinished and what is due, and judges every endpoint from what is known here. Each job finds its own place, so this may
 * run at any time.
 */
export async function recoverEndpoints(rows: ScopedHandle): Promise<void> {
  const connection = await findWatched(rows)
  for (const { id } of await listOpenRotations(rows)) await rows.enqueue({ name: 'endpoints.rotate', id })
  if (!connection) return
  const health = await readHealth(rows, connection)
  await judge(rows, connection, health)
  if (await isDue(rows, connection, health)) await rows.enqueue({ name: 'endpoints.check', id: connection.id })
}

/** Asks Stripe and judges. What Stripe does not answer is asked again when the next look is due. */
async function checkEndpoint(ground: ConnectionGround, scope: Scope, connectionId: Uuid): Promise<void> {
  const isMeant = await inScope(ground.database, scope, async (rows) => {
    if ((await findWatched(rows))?.id !== connectionId) return false
    await setAsked(rows, connectionId)
    return true
  })
  if (!isMeant) return
  try {
    await lookAtEndpoint(ground, scope)
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
  }
  await inScope(ground.database, scope, async (rows) => {
    const connection = await findWatched(rows)
    if (connection) await judge(rows, connection, await readHealth(rows, connection))
    await removeHoursBefore(rows, connectionId, new Date(rows.clock.now().getTime() - hoursKeptMs))
  })
}

/** The connection whose endpoint can be asked about. */
async function findWatched(rows: ScopedHandle): Promise<Connection | undefined> {
  const connection = await findOwnKeysConnection(rows)
  return connection?.state === 'connected' && connection.keySealed !== null ? connection : undefined
}

async function isDue(rows: ScopedHandle, connection: Connection, health: EndpointHealth): Promise<boolean> {
  const { askedAt } = await readWatch(rows, connection.id)
  const checkedAt = connection.endpointCheck ? Date.parse(connection.endpointCheck.checkedAt) : 0
  const last = Math.max(checkedAt, askedAt?.getTime() ?? 0)
  return rows.clock.now().getTime() - last >= (health === 'healthy' ? dayMs : quarterMs)
}

/** A trouble is told when it begins and when another takes its place; that it has cleared is told once. */
async function judge(rows: ScopedHandle, connection: Connection, health: EndpointHealth): Promise<void> {
  const { told } = await readWatch(rows, connection.id)
  const present = isAlarming(health) ? health : null
  if (present === told) return
  await setTold(rows, connection.id, present)
  const name = present ? 'webhook.unhealthy' : 'webhook.recovered'
  await recordFact(rows, { name, ids: { connection: connection.id } })
}

/** Adds missing events and switches the endpoint on (STR-46), or only switches it on; looked at again 5 seconds later. */
export async function fixEndpoint(
  ground: ConnectionGround,
  scope: Scope,
  wish: 'events' | 'enable',
): Promise<Outcome<{ readonly isFixed: true }>> {
  const repaired = await (wish === 'events' ? repairEndpoint : enableEndpoint)(ground, scope)
  if (!repaired.ok) return repaired
  await inScope(ground.database, scope, async (rows) => {
    const connection = await findWatched(rows)
    const startAt = new Date(rows.clock.now().getTime() + afterRepairMs)
    if (connection) await rows.enqueue({ name: 'endpoints.check', id: connection.id, startAt, onceFor: 'repair' })
  })
  return done({ isFixed: true })
}
