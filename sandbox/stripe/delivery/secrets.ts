/**
 * Signing secrets (SBX-35). A rolled secret goes on signing beside the new one until its hour has come, so that a receiver
 * can change over without losing a delivery; Stripe has no API for it, only a button.
 */
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'

export function newSecret(world: World): string {
  return `whsec_${world.ids.letters(32)}`
}

/** Every secret that signs at this instant, the newest first. */
export function validSecrets(endpoint: Row<'webhook_endpoint'>, nowMs: number): readonly string[] {
  const { secret, olderSecrets } = endpoint.hidden
  return [secret, ...olderSecrets.filter(({ endsAt }) => nowMs < endsAt).map((older) => older.secret)]
}

/** Gives the endpoint a new secret; the one before signs for this many hours more, and not at all with 0. */
export function rollSecret(space: Space, endpointId: string, expiresInHours: number): Row<'webhook_endpoint'> {
  const { hidden } = space.get('webhook_endpoint', endpointId)
  const now = space.world.nowMs()
  const rolled = { secret: hidden.secret, endsAt: now + expiresInHours * 3_600_000 }
  const olderSecrets = [rolled, ...hidden.olderSecrets].filter(({ endsAt }) => now < endsAt)
  return space.update('webhook_endpoint', endpointId, { hidden: { secret: newSecret(space.world), olderSecrets } })
}
