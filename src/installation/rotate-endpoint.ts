/**
 * A second endpoint takes over from the present one (STR-59, path B), so that no delivery is refused: it is made with one rare event, its
 * secret is stored, then it gets every event, and only then the old secret has an end, 24 hours later. What surprises: each step finds its
 * place in the row, so whoever comes after a crash goes on; a successor that never took over is forgotten after a day.
 */
import { judgePlaces } from '#connections'
import { done, type Mode, type Outcome } from '#kernel'
import { newId } from '#platform'
import type { EndpointSeen } from '#stripe'
import {
  installationScope,
  sharedAddress,
  type InstallationEndpointRow,
  type InstallationGround,
  type InstallationKind,
} from './installation.ts'
import { ensureMode, eventsOf, findPresent, makeAtStripe, overlapMs } from './own-endpoints.ts'
import { refuse, withFaultsTold, type InstallationProblem } from './problems.ts'
import { insertInstallationRow, listInstallationRows, takeOver } from './store.ts'

/** What an endpoint listens to while its secret is stored; it needs at least one event. */
const rareEvents = ['customer.deleted'] as const

export type RotationWish = {
  readonly mode: Mode
  readonly kind: InstallationKind
  /** What the old one delivers cannot be verified anyway, so it is switched off at once. */
  readonly isOldUseless?: boolean
}

/** @returns until when the old secret works; undefined where there was none. */
export async function rotateEndpoint(
  ground: InstallationGround,
  wish: RotationWish,
): Promise<Outcome<{ readonly oldEndsAt: Date | undefined }, InstallationProblem>> {
  const { database, stripe } = ground
  const { mode, kind } = wish
  if (!stripe.hasPlatformKey(mode)) return refuse('platform_missing')
  const present = await findPresent(database, wish)
  if (!present?.sealed) {
    await ensureMode(ground, mode)
    const made = await findPresent(database, wish)
    return made?.sealed ? done({ oldEndsAt: undefined }) : refuse('endpoint_not_made')
  }
  return withFaultsTold(async () => {
    const endpoints = await stripe.listEndpoints(installationScope(mode))
    if (judgePlaces(endpoints)) return refuse('endpoints_used_up')
    const notAfter = new Date(database.clock.now().getTime() + overlapMs)
    const url = sharedAddress(ground.publicUrl)
    await insertInstallationRow(database, {
      id: newId(database.clock),
      mode,
      kind,
      url,
      replaces: present.id,
      notAfter,
    })
    // Of two presses both go on with the same one.
    const successor = (await listInstallationRows(database)).find(
      (row) => row.replaces === present.id && row.tookOverAt === null,
    )
    if (!successor) return refuse('rotation_done')
    const oldEndsAt = await drive(ground, successor)
    const old = endpoints.find(({ id }) => id === present.stripeEndpointId)
    if (wish.isOldUseless && old) await switchOff(ground, present, old)
    return done({ oldEndsAt })
  })
}

async function drive(ground: InstallationGround, successor: InstallationEndpointRow): Promise<Date> {
  const { database, stripe } = ground
  const { id, mode, kind, replaces, stripeEndpointId, sealed } = successor
  const endpointId = sealed && stripeEndpointId ? stripeEndpointId : await makeAtStripe(ground, successor, rareEvents)
  const wanted = { events: eventsOf(kind), isEnabled: true, idempotencyKey: `endpoint:${id}:subscribe` }
  await stripe.updateEndpoint(installationScope(mode), endpointId, wanted)
  const oldEndsAt = new Date(database.clock.now().getTime() + overlapMs)
  if (replaces) await takeOver(database, { id, replaced: replaces, oldEndsAt })
  return oldEndsAt
}

/** Its secret goes on being accepted: what is under way may still come. */
async function switchOff({ stripe }: InstallationGround, { id, mode }: InstallationEndpointRow, old: EndpointSeen) {
  if (!old.isEnabled) return
  await stripe.updateEndpoint(installationScope(mode), old.id, {
    events: old.enabledEvents,
    isEnabled: false,
    idempotencyKey: `endpoint:${id}:switch-off`,
  })
}
