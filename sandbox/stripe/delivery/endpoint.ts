/** The endpoint of a delivery, and what its outcomes make of it (SBX-36): live endpoints that take nothing are disabled. */
import { endpointDisabledAfterMs } from '../facts.ts'
import type { Row } from '../world/kinds.ts'
import type { World } from '../world/world.ts'

/** Undefined once the endpoint was deleted. */
export function endpointOf(world: World, delivery: Row<'delivery'>): Row<'webhook_endpoint'> | undefined {
  const { endpoint, endpointAccount, endpointMode } = delivery.object
  return world.space(endpointAccount, endpointMode).find('webhook_endpoint', endpoint)
}

/** `at` is the instant of the try in milliseconds. Only a change is written, because most tries change nothing. */
export function noteOutcome(
  world: World,
  delivery: Row<'delivery'>,
  outcome: { readonly isDelivered: boolean; readonly at: number },
): void {
  const endpoint = endpointOf(world, delivery)
  if (endpoint === undefined) return
  const space = world.space(delivery.object.endpointAccount, delivery.object.endpointMode)
  const { failingSince } = endpoint.hidden
  if (outcome.isDelivered) {
    if (failingSince !== null) space.update('webhook_endpoint', endpoint.id, { hidden: { failingSince: null } })
  } else if (failingSince === null) {
    space.update('webhook_endpoint', endpoint.id, { hidden: { failingSince: outcome.at } })
  } else if (space.isLive && outcome.at - failingSince >= endpointDisabledAfterMs) {
    space.update('webhook_endpoint', endpoint.id, { object: { status: 'disabled' }, hidden: { failingSince: null } })
  }
}
