/**
 * The watch over the installation (STR-106): Stripe is asked when something looks odd, troubles are opened, told to whoever runs the
 * installation and closed when they are gone, and endpoints whose secret has ended are deleted. It may run at any time, from any process.
 */
import type { Mode } from '#kernel'
import { withoutScope } from '#platform'
import { StripeFault } from '#stripe'
import { askInstallation, isSuspicious } from './ask-stripe.ts'
import { installationScope, modes } from './installation.ts'
import { judgeInstallation, readStanding, type Standing, type WatchGround } from './standing.ts'
import {
  closeInstallationTrouble,
  insertInstallationTrouble,
  listOpenInstallationTroubles,
  listOutgoingRows,
  updateInstallationRow,
} from './store.ts'
import { tellAdministrators, type TellGround } from './tell-administrators.ts'

const second = 1000
const minute = 60 * second
const askAgainMs = 15 * second
const lookAgainMs = 15 * minute
const dayMs = 24 * 60 * minute
/** A little before the secret ends, so that nothing it signs is refused. */
const retireBeforeMs = 5 * minute

export async function watchInstallation(ground: WatchGround & TellGround, signal?: AbortSignal): Promise<void> {
  for (const mode of modes) {
    if (signal?.aborted) return
    await watchMode(ground, mode).catch((error: unknown) =>
      ground.logs.error({ mode, error: String(error) }, 'the installation could not be judged, it will be tried again'),
    )
  }
}

async function watchMode(ground: WatchGround & TellGround, mode: Mode): Promise<void> {
  const before = await readStanding(ground, mode)
  if (isAskDue(before)) await askInstallation(ground, mode)
  await retireOld(ground, mode)
  await followTroubles(ground, mode)
}

/** At once when deliveries are refused or a payment was missed; every quarter of an hour while an endpoint is not well; daily. */
function isAskDue(standing: Standing): boolean {
  const { hasKey, watch, now } = standing
  if (!hasKey) return false
  const agoMs = now.getTime() - (watch.askedAt?.getTime() ?? 0)
  if (isSuspicious(watch, now)) return agoMs >= askAgainMs
  return agoMs >= (judgeInstallation(standing).length > 0 ? lookAgainMs : dayMs)
}

/** Judges what is known now and writes what has changed; also what is done after a repair. */
export async function followTroubles(ground: WatchGround & TellGround, mode: Mode): Promise<void> {
  const { database } = ground
  const findings = judgeInstallation(await readStanding(ground, mode))
  const open = await withoutScope(database, (rows) => listOpenInstallationTroubles(rows, mode))
  const isFound = ({ code, cause }: { code: string; cause: string }) =>
    findings.some((finding) => finding.code === code && finding.cause === cause)
  for (const trouble of open) if (!isFound(trouble)) await closeInstallationTrouble(database, trouble.id)
  for (const finding of findings)
    if (!open.some(({ code, cause }) => code === finding.code && cause === finding.cause))
      await insertInstallationTrouble(database, { mode, ...finding })
  const present = await withoutScope(database, (rows) => listOpenInstallationTroubles(rows, mode))
  for (const trouble of present) if (trouble.toldAt === null) await tellAdministrators(ground, trouble)
}

/** What Stripe does not answer is tried again in the next round. */
async function retireOld({ database, stripe, logs }: WatchGround, mode: Mode): Promise<void> {
  if (!stripe.hasPlatformKey(mode)) return
  const now = database.clock.now()
  const outgoing = await listOutgoingRows(database, new Date(now.getTime() + retireBeforeMs))
  for (const { id, stripeEndpointId } of outgoing.filter((row) => row.mode === mode)) {
    try {
      const key = { idempotencyKey: `endpoint:${id}:retire` }
      if (stripeEndpointId) await stripe.deleteEndpoint(installationScope(mode), stripeEndpointId, key)
      await updateInstallationRow(database, id, { retired_at: now })
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error
      logs.warn({ mode, error: error.message }, 'an old endpoint of this installation could not be deleted')
    }
  }
}
