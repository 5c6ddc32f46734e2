/**
 * Repair (STR-106): does whichever applies to the endpoints of the installation (makes the missing one, puts a fresh one with a known secret
 * in the place of one whose secret was rolled elsewhere or that was deleted, switches it on, adds its events), then has everything fetched
 * that deliveries did not bring. It answers with what it changed.
 */
import { findConnection, isJoined, listTargets } from '#connections'
import { done, type Mode, type Outcome } from '#kernel'
import { inScope, newId, withoutScope } from '#platform'
import { askInstallation } from './ask-stripe.ts'
import { installationKinds, installationScope, type InstallationKind } from './installation.ts'
import { ensureMode, eventsOf, findPresent } from './own-endpoints.ts'
import { refuse, withFaultsTold, type InstallationProblem } from './problems.ts'
import { rotateEndpoint } from './rotate-endpoint.ts'
import { isUnseen, readStanding, type WatchGround } from './standing.ts'
import { updateWatch } from './store.ts'
import type { TellGround } from './tell-administrators.ts'
import { followTroubles } from './watch.ts'

type Sentences = readonly string[]
type Mended = Outcome<Sentences, InstallationProblem>

const names: Readonly<Record<InstallationKind, string>> = { platform: 'platform', connect: 'connected accounts' }

export async function repairInstallation(
  ground: WatchGround & TellGround,
  mode: Mode,
): Promise<Outcome<{ readonly changes: Sentences }, InstallationProblem>> {
  if (!ground.stripe.hasPlatformKey(mode)) return refuse('platform_missing')
  const mended = await withFaultsTold(() => mendAll(ground, mode))
  if (!mended.ok) return mended
  const planned = await fetchForAll(ground, mode)
  await askInstallation(ground, mode)
  await followTroubles(ground, mode)
  const changes = mended.value.length > 0 ? mended.value : ['The endpoints needed no repair.']
  const fetching = `Missed events of ${planned} connected ${planned === 1 ? 'account is' : 'accounts are'} being fetched.`
  return done({ changes: [...changes, fetching] })
}

async function mendAll(ground: WatchGround, mode: Mode): Promise<Mended> {
  await askInstallation(ground, mode)
  const { watch, isReachable } = await readStanding(ground, mode)
  if (!isReachable) return refuse('not_reachable')
  const sentences: string[] = []
  for (const kind of installationKinds) {
    const isRolled = kind === 'connect' && isUnseen(watch)
    const mended = await mend(ground, { mode, kind, isRolled })
    if (!mended.ok) return mended
    sentences.push(...mended.value)
  }
  return done(sentences)
}

type Wish = { readonly mode: Mode; readonly kind: InstallationKind; readonly isRolled: boolean }

async function mend(ground: WatchGround, { mode, kind, isRolled }: Wish): Promise<Mended> {
  const { database, stripe } = ground
  const about = `The endpoint for ${names[kind]}`
  const row = await findPresent(database, { mode, kind })
  if (!row?.sealed) {
    await ensureMode(ground, mode)
    const made = await findPresent(database, { mode, kind })
    return made?.sealed ? done([`${about} was made, with all events and a new secret.`]) : refuse('endpoint_not_made')
  }
  const endpoints = await stripe.listEndpoints(installationScope(mode))
  const there = endpoints.find(({ id }) => id === row.stripeEndpointId)
  if (isRolled || !there) {
    const rotated = await rotateEndpoint(ground, { mode, kind, isOldUseless: true })
    if (!rotated.ok) return rotated
    // Whatever was missed before has its cause removed; what is missed from now on is found anew.
    if (kind === 'connect')
      await withoutScope(database, (rows) => updateWatch(rows, { unseenSince: null, unseenAccount: '' }, mode))
    return done([
      `${about} was replaced by a fresh one with a secret known here. Secrets known before stay valid for 24 hours.`,
    ])
  }
  const events = [...new Set([...there.enabledEvents, ...eventsOf(kind)])]
  const isWell = there.isEnabled && (there.enabledEvents.includes('*') || events.length === there.enabledEvents.length)
  if (isWell) return done([])
  await stripe.updateEndpoint(installationScope(mode), there.id, {
    events: there.enabledEvents.includes('*') ? there.enabledEvents : events,
    isEnabled: true,
    idempotencyKey: `endpoint:${row.id}:repair:${newId(database.clock)}`,
  })
  return done([`${about} was switched on with all of its events.`])
}

/** Plans the back-fill of every connected account. @returns how many. */
async function fetchForAll({ database }: WatchGround, mode: Mode): Promise<number> {
  let planned = 0
  for (const target of await listTargets(database, 'account')) {
    if (target.mode !== mode) continue
    const { operatorId, connectionId } = target
    await inScope(database, { operatorId, mode }, async (rows) => {
      const connection = await findConnection(rows, connectionId)
      if (connection?.kind !== 'connect' || !isJoined(connection)) return
      await rows.enqueue({ name: 'recovery.back-fill', id: connectionId })
      planned += 1
    })
  }
  return planned
}
