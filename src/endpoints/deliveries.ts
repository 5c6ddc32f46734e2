/** What deliveries, and polling in their place, tell of an endpoint: counts per hour and secret, and since when it has been silent. */
import { isValidAt, listEndpointSecrets, recordRefusedDelivery, recordVerifiedDelivery } from '#connections'
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { addMissed, addToHour, addToTally, clearMissed, listOpenRotations } from './store.ts'

const hourMs = 3_600_000

/** What came to one connection in a short while. */
export type DeliveriesSeen = {
  readonly connectionId: Uuid
  /** By id of the signing secret that matched. */
  readonly verified: Readonly<Record<Uuid, number>>
  readonly refused: number
  readonly at: Date
}

/** Adds to the counts (STR-47). A delivery by the new secret of a rotation moves that rotation on (STR-59). */
export async function recordDeliveries(rows: ScopedHandle, seen: DeliveriesSeen): Promise<void> {
  const { connectionId, refused, at } = seen
  const matched = Object.entries(seen.verified).filter(([, count]) => count > 0)
  const verified = matched.reduce((sum, [, count]) => sum + count, 0)
  if (verified + refused === 0) return
  const hour = new Date(Math.floor(at.getTime() / hourMs) * hourMs)
  await addToHour(rows, { connectionId, hour, verified, refused })
  if (refused > 0) await recordRefusedDelivery(rows, { connectionId, at })
  for (const [secretId, count] of matched) {
    await recordVerifiedDelivery(rows, { connectionId, endpointSecretId: secretId, at })
    await addToTally(rows, { connectionId, secretId, count })
  }
  if (verified === 0) return
  await clearMissed(rows, connectionId)
  for (const { id, state, newSecretId } of await listOpenRotations(rows, connectionId))
    if (state === 'overlap' && newSecretId !== null && seen.verified[newSecretId])
      await rows.enqueue({ name: 'endpoints.rotate', id })
}

/**
 * Polling found news that no delivery had brought: events, or a payment that it settled. What happened before there was a secret to
 * deliver with is no sign of silence.
 */
export async function recordFoundByPoll(
  rows: ScopedHandle,
  found: { readonly connectionId: Uuid; readonly count: number; readonly at: Date; readonly newestAt?: Date },
): Promise<void> {
  const { connectionId, count, at, newestAt = at } = found
  const valid = (await listEndpointSecrets(rows, connectionId)).filter((secret) => isValidAt(secret, at))
  const couldDeliver = valid.some(({ notBefore }) => notBefore < newestAt)
  if (count > 0 && couldDeliver) await addMissed(rows, { connectionId, count, at })
}
