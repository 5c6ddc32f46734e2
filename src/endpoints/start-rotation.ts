/**
 * Begins to replace the signing secret of an endpoint: by a pasted one (STR-58), or by a second endpoint at the same address (STR-59).
 * "It leaked" is either of them without any overlap. The wish is written down before Stripe is asked for anything.
 */
import { dots, noteAudit, type AuditValues } from '#audit'
import {
  addEndpointSecret,
  cleanInput,
  findEndpoint,
  findOwnKeysConnection,
  isValidAt,
  judgePlaces,
  judgeWebhookSecret,
  listEndpointSecrets,
  lockConnection,
  refusalOfEndpointFault,
  refuseConnection,
  withFaultsExplained,
  type ConnectionGround,
} from '#connections'
import { done, publicId, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, recordFact, Secret, type ScopedHandle } from '#platform'
import type { EndpointSeen } from '#stripe'
import { driveRotation } from './drive-rotation.ts'
import { refuse } from './problems.ts'
import type { OverlapHours, Rotation } from './rotation.ts'
import { insertRotation, listOpenRotations, resetTallies } from './store.ts'

const hourMs = 3_600_000

export type RotationRequest = {
  readonly scope: Scope
  readonly actor: string
  readonly path: Rotation['path']
  /** Needed on the path `paste`; on `leak` it is taken instead of making a second endpoint. */
  readonly webhookSecret?: string | undefined
  /** How long the old secret works; 24 hours when not given, never any time after a leak. */
  readonly overlapHours?: OverlapHours | undefined
}

export async function startRotation(
  ground: ConnectionGround,
  request: RotationRequest,
): Promise<Outcome<{ readonly rotationId: Uuid }>> {
  const overlapHours = request.path === 'leak' ? 0 : (request.overlapHours ?? 24)
  if (request.path === 'paste' || request.webhookSecret) {
    const webhookSecret = cleanInput(request.webhookSecret ?? '')
    const refusal = judgeWebhookSecret(webhookSecret)
    if (refusal) return refusal
    const secret = new Secret(webhookSecret)
    return inScope(ground.database, request.scope, (rows) => paste(rows, ground, { ...request, overlapHours, secret }))
  }
  return makeSecond(ground, { ...request, overlapHours })
}

type Wish = RotationRequest & { readonly overlapHours: OverlapHours }

async function paste(
  rows: ScopedHandle,
  { box }: ConnectionGround,
  { path, actor, overlapHours, secret }: Wish & { readonly secret: Secret },
): Promise<Outcome<{ readonly rotationId: Uuid }>> {
  const connectionId = await findIdle(rows)
  if (typeof connectionId !== 'string') return connectionId
  const now = rows.clock.now()
  const fingerprint = box.fingerprint(secret)
  const [newest] = (await listEndpointSecrets(rows, connectionId)).filter(
    (one) => isValidAt(one, now) && one.notAfter === null,
  )
  if (newest?.fingerprint === fingerprint) return refuse('same_secret', '/webhookSecret')
  const added = { connectionId, secret, source: 'pasted', actor, overlapMs: overlapHours * hourMs } as const
  const { id: newSecretId, othersUntil } = await addEndpointSecret(rows, box, added)
  const isWaiting = othersUntil !== undefined && overlapHours > 0
  const common = { connectionId, path, makesEndpoint: false, overlapHours, startedBy: actor, newSecretId }
  const rotationId = await insertRotation(rows, {
    ...common,
    state: isWaiting ? 'overlap' : 'done',
    oldEndsAt: othersUntil ?? null,
    ...(!isWaiting && { finishedAt: now }),
  })
  await begin(rows, { connectionId, rotationId, actor })
  noteStart(rows, rotationId, { path, overlapHours, secret: dots(secret.reveal().slice(-4)) })
  if (isWaiting) await rows.enqueue({ name: 'endpoints.rotate', id: rotationId, startAt: othersUntil })
  return done({ rotationId })
}

/** The connection, held, when its endpoint is not being rotated already. */
async function findIdle(rows: ScopedHandle) {
  const connection = await findOwnKeysConnection(rows)
  if (!connection) return refuseConnection('no_connection')
  await lockConnection(rows, connection.id)
  const isBusy = (await listOpenRotations(rows, connection.id)).length > 0
  return isBusy ? refuse('rotation_under_way') : connection.id
}

async function begin(
  rows: ScopedHandle,
  { connectionId, rotationId, actor }: { connectionId: Uuid; rotationId: Uuid; actor: string },
): Promise<void> {
  await resetTallies(rows, connectionId)
  const ids = { connection: connectionId, rotation: rotationId }
  await recordFact(rows, { name: 'webhook.rotation_started', ids, actor })
}

/** What would stand in the way is asked first, so that a person hears it at once; then the wish is written, then carried out. */
async function makeSecond(ground: ConnectionGround, wish: Wish): Promise<Outcome<{ readonly rotationId: Uuid }>> {
  const found = await withFaultsExplained(() => findEndpoint(ground, wish.scope))
  if (!found.ok) return found
  const { ours, endpoints, addresses } = found.value
  if (!ours) return refuseConnection('endpoint_absent', { words: { url: addresses.own } })
  const isFull = judgePlaces(endpoints)
  if (isFull) return isFull
  const planned = await inScope(ground.database, wish.scope, (rows) => plan(rows, wish, ours))
  if (!planned.ok) return planned
  const fault = await driveRotation(ground, wish.scope, planned.value.rotationId)
  // An answer that was lost is looked for by itself; what Stripe refused has ended the rotation.
  const isRefused = fault && !fault.isOutcomeUnknown && ['permission', 'invalid', 'auth'].includes(fault.kind)
  return isRefused ? refusalOfEndpointFault(fault) : planned
}

async function plan(
  rows: ScopedHandle,
  { path, actor, overlapHours }: Wish,
  old: EndpointSeen,
): Promise<Outcome<{ readonly rotationId: Uuid }>> {
  const connectionId = await findIdle(rows)
  if (typeof connectionId !== 'string') return connectionId
  const common = { connectionId, path, makesEndpoint: true, overlapHours, startedBy: actor }
  const endpoint = { url: old.url, oldEndpointId: old.id }
  const rotationId = await insertRotation(rows, { ...common, ...endpoint, state: 'planned' })
  await begin(rows, { connectionId, rotationId, actor })
  noteStart(rows, rotationId, { path, overlapHours, endpoint: old.id })
  return done({ rotationId })
}

function noteStart(rows: ScopedHandle, rotationId: Uuid, after: AuditValues): void {
  noteAudit(rows, {
    action: 'rotation.started',
    object: { kind: 'rotation', id: publicId('rotation', rotationId) },
    after,
  })
}
