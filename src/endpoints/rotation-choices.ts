/** What a person may decide while a rotation is under way (UI-152): confirm it, end the old secret now, or cancel. */
import { noteAudit } from '#audit'
import { endEndpointSecrets, findOwnKeysConnection, type ConnectionGround } from '#connections'
import { done, publicId, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { driveRotation, move, writeCancelling } from './drive-rotation.ts'
import { refuse } from './problems.ts'
import { mayCancel } from './rotation-state.ts'
import { whyNotEnd, type Rotation } from './rotation.ts'
import { listOpenRotations, lockRotation, readTallies } from './store.ts'

/** @param id of a rotation; one of another operator, mode or former connection counts as absent. */
export type RotationChoice = { readonly scope: Scope; readonly id: Uuid }

type Chosen = Outcome<{ readonly rotationId: Uuid }>

/** The old endpoint is switched off although no delivery has used the new secret yet; its secret works until its end. */
export function confirmRotation(ground: ConnectionGround, choice: RotationChoice): Promise<Chosen> {
  return choose(ground, { ...choice, action: 'rotation.confirmed' }, async (rows, rotation) => {
    if (rotation.state !== 'overlap' || !rotation.makesEndpoint) return refuse('nothing_to_confirm')
    await move(rows, rotation, { state: 'confirmed' })
    return done({ rotationId: rotation.id })
  })
}

/** Only when the new secret has verified a delivery: then the old one ends now. */
export function endOldSecret(ground: ConnectionGround, choice: RotationChoice): Promise<Chosen> {
  return choose(ground, { ...choice, action: 'rotation.old_secret_ended' }, async (rows, rotation) => {
    const { id, connectionId, newSecretId, makesEndpoint } = rotation
    const verifiedByNew = (await readTallies(rows, connectionId)).get(newSecretId ?? '') ?? 0
    if (whyNotEnd(rotation, verifiedByNew) !== undefined) return refuse('not_proven')
    if (rotation.state === 'planned' || rotation.state === 'created') return refuse('not_proven')
    const now = rows.clock.now()
    await endEndpointSecrets(rows, { connectionId, at: now, except: newSecretId ?? '' })
    await move(rows, rotation, { state: makesEndpoint ? 'ending' : 'done', oldEndsAt: now })
    return done({ rotationId: id })
  })
}

/**
 * Leaves the old secret valid without an end. A pasted secret is then accepted for an hour more: if it was the right one all the same,
 * nothing under way is refused.
 */
export function cancelRotation(ground: ConnectionGround, choice: RotationChoice): Promise<Chosen> {
  return choose(ground, { ...choice, action: 'rotation.cancelled' }, async (rows, rotation) => {
    if (!mayCancel(rotation.state)) return refuse('too_late_to_cancel')
    await writeCancelling(rows, rotation)
    return done({ rotationId: rotation.id })
  })
}

async function choose(
  ground: ConnectionGround,
  { scope, id, action }: RotationChoice & { readonly action: string },
  write: (rows: ScopedHandle, rotation: Rotation) => Promise<Chosen>,
): Promise<Chosen> {
  const chosen = await inScope(ground.database, scope, async (rows) => {
    const rotation = await lockRotation(rows, id)
    const connection = await findOwnKeysConnection(rows)
    if (!rotation || rotation.connectionId !== connection?.id) return refuse('endpoint_missing')
    const written = await write(rows, rotation)
    const object = { kind: 'rotation', id: publicId('rotation', id) }
    if (written.ok) noteAudit(rows, { action, object, before: { state: rotation.state } })
    return written
  })
  // What Stripe leaves unanswered here is tried again by the job.
  if (chosen.ok) await driveRotation(ground, scope, id)
  return chosen
}

/** A secret pasted beside a rotation that makes an endpoint would end the very secret that endpoint signs with. */
export async function judgePasting(rows: ScopedHandle) {
  const isMaking = (await listOpenRotations(rows)).some(({ makesEndpoint }) => makesEndpoint)
  return isMaking ? refuse('rotation_under_way') : undefined
}
