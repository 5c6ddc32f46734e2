/**
 * The background work of onboarding: accounts are asked about after news, on the way back from Stripe's form, hourly while they are not
 * active and daily otherwise (STR-71). It needs no webhook.
 */
import { findConnectConnection } from '#connections'
import { isMode, type Scope, type Uuid } from '#kernel'
import { inScope, type JobDeclaration, type JobHandler, type JobPayload, type ScopedHandle } from '#platform'
import { finishAccount } from './account-creation.ts'
import { followAccount } from './follow-account.ts'
import type { OnboardingGround } from './onboarding.ts'
import { findAccount, updateAccount } from './store.ts'

const hourMs = 3_600_000
const halfWayMs = 30_000
const apartMs = 1_000
/** After somebody came back from Stripe's form (STR-33). */
const afterReturnMs = [2_000, 4_000, 8_000, 15_000, 30_000] as const

export const onboardingJobs = [{ name: 'onboarding.follow' }] as const satisfies readonly JobDeclaration[]

export function onboardingHandlers(
  ground: OnboardingGround,
): Record<(typeof onboardingJobs)[number]['name'], JobHandler> {
  return {
    async 'onboarding.follow'(payload) {
      const scope = scopeOf(payload)
      const followed = await followAccount(ground, scope, payload.id)
      if (followed === 'later') await inScope(ground.database, scope, (rows) => again(rows, payload.id))
      if (followed === 'absent') await finishAccount(ground, scope, payload.id)
    },
  }
}

function scopeOf({ operatorId, mode }: JobPayload): Scope {
  if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
  return { operatorId, mode }
}

/** It was asked a moment ago, perhaps before what made it worth asking. */
async function again(rows: ScopedHandle, id: Uuid): Promise<void> {
  const startAt = new Date(rows.clock.now().getTime() + apartMs)
  await rows.enqueue({ name: 'onboarding.follow', id, startAt, onceFor: 'again' })
}

/** Somebody came back from Stripe's form, which proves nothing: the account is asked about several times in the next half minute. */
export async function noteReturn(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  const now = rows.clock.now()
  await updateAccount(rows, connectionId, { returnedAt: now })
  for (const afterMs of afterReturnMs) {
    const startAt = new Date(now.getTime() + afterMs)
    await rows.enqueue({ name: 'onboarding.follow', id: connectionId, startAt, onceFor: `return:${afterMs}` })
  }
}

/** Plans what is due; each job finds its own place, so this may run at any time. */
export async function recoverOnboarding(rows: ScopedHandle): Promise<void> {
  const connection = await findConnectConnection(rows)
  const account = connection && (await findAccount(rows, connection.id))
  if (!account) return
  const since = (at: Date | null) => rows.clock.now().getTime() - (at?.getTime() ?? 0)
  const isHalfWay = connection.accountId === null && since(account.createdAt) > halfWayMs
  const isRestless = account.statusDetail !== 'active' || connection.state === 'broken'
  const isDue = connection.accountId !== null && since(account.fetchedAt) >= (isRestless ? hourMs : 24 * hourMs)
  if (isHalfWay || isDue || account.dirtyAt) await rows.enqueue({ name: 'onboarding.follow', id: connection.id })
}
