/** Buttons of Stripe's dashboard that have no API: show an endpoint's secret, and roll it (SBX-35, SBX-46). */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { viewEndpoints } from '../console.ts'
import { ControlRefused, controlRoute, readJson } from '../control-input.ts'
import type { Loose } from '../control-input.ts'
import { longestSecretOverlapHours } from '../facts.ts'
import type { World } from '../world/world.ts'
import { rollSecret } from './secrets.ts'

export function endpointRoutes(world: World): Route[] {
  return [
    controlRoute('GET', '/endpoints', () => json(viewEndpoints(world))),
    controlRoute('POST', '/endpoints/:id/roll', (request, { id = '' }) => roll(world, id, readJson(request))),
  ]
}

/** The endpoint with both secrets, or undefined when there is none. Throws ControlRefused for hours out of range. */
export function rollEndpoint(
  world: World,
  endpointId: string,
  expiresInHours: unknown,
): ReturnType<typeof viewEndpoints>[number] | undefined {
  const hours = Number.isInteger(expiresInHours) ? (expiresInHours as number) : -1
  if (hours < 0 || hours > longestSecretOverlapHours) {
    throw new ControlRefused(`expiresInHours must be a whole number from 0 to ${longestSecretOverlapHours}.`)
  }
  const space = world.spaces().find((one) => one.find('webhook_endpoint', endpointId) !== undefined)
  if (space === undefined) return undefined
  world.transaction(() => rollSecret(space, endpointId, hours))
  return viewEndpoints(world).find(({ id }) => id === endpointId)
}

function roll(world: World, endpointId: string, given: Loose): SandboxReply {
  const rolled = rollEndpoint(world, endpointId, given['expiresInHours'] ?? 0)
  return rolled === undefined ? json({ error: 'There is no such endpoint.' }, 404) : json(rolled)
}
