/**
 * Asks Stripe how an account stands and keeps the answer (STR-34, STR-35). What surprises: nothing else ever changes the standing. An
 * event, a return from Stripe's form or a timer only make this happen sooner, and an answer that was asked for earlier than the one we
 * have is dropped.
 */
import { isJoined, closeConnectConnection, getConnection, keepAccountStanding, recheckKey } from '#connections'
import type { Scope, Uuid } from '#kernel'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type ConnectedAccountSeen } from '#stripe'
import { acceptsPaidBookings, deriveStripeStatus } from './account-status.ts'
import { platformScope, type OnboardingGround } from './onboarding.ts'
import { classifyRequirements, demandSetOf } from './requirements.ts'
import { lockAccount, updateAccount } from './store.ts'

const apartMs = 1_000

/** `left`: the account was disconnected from the platform. `later`: it was asked less than a second ago. */
export type Followed = 'read' | 'later' | 'left' | 'absent'

/** @throws StripeFault when Stripe did not answer. */
export async function followAccount(ground: OnboardingGround, scope: Scope, connectionId: Uuid): Promise<Followed> {
  const beganAt = ground.database.clock.now()
  const found = await inScope(ground.database, scope, async (rows) => {
    const account = await lockAccount(rows, connectionId)
    const connection = account && (await getConnection(rows, connectionId))
    if (!account || !connection?.accountId || !isJoined(connection)) return 'absent'
    if (account.askedAt && beganAt.getTime() - account.askedAt.getTime() < apartMs) return 'later'
    await updateAccount(rows, connectionId, { askedAt: beganAt })
    return { id: connection.accountId, api: account.api }
  })
  if (found === 'absent' || found === 'later') return found
  try {
    const seen = await ground.stripe.readConnectedAccount(platformScope(scope, connectionId), found)
    await inScope(ground.database, scope, (rows) => keepSeen(rows, { connectionId, seen, beganAt }))
    return 'read'
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind !== 'auth') throw error
    if (error.code === 'account_invalid') {
      await inScope(ground.database, scope, (rows) => markLeft(rows, connectionId, 'stripe'))
      return 'left'
    }
    await recheckKey(ground, scope, connectionId)
    throw error
  }
}

/** @param news.isReturning the account comes back into a connection that was disconnected. */
export async function keepSeen(
  rows: ScopedHandle,
  news: {
    readonly connectionId: Uuid
    readonly seen: ConnectedAccountSeen
    readonly beganAt: Date
    readonly isReturning?: boolean
  },
): Promise<void> {
  const { connectionId, seen, beganAt, isReturning = false } = news
  const account = await lockAccount(rows, connectionId)
  if (!account) throw new Error(`connection ${connectionId} has no account to keep`)
  if (account.fetchedAt && account.fetchedAt >= beganAt) return
  const { state } = await getConnection(rows, connectionId)
  const isDisconnected = state === 'disconnected' && !isReturning
  const statusDetail = deriveStripeStatus(seen, { isDisconnected, wasActive: account.wasActive })
  const demandSet = statusDetail === 'rejected' ? 'rejected' : demandSetOf(classifyRequirements(seen))
  const isOtherSet = demandSet !== account.demandSet
  const isClean = account.dirtyAt !== null && account.dirtyAt <= beganAt
  await updateAccount(rows, connectionId, {
    seen,
    statusDetail,
    wasActive: account.wasActive || acceptsPaidBookings(statusDetail),
    fetchedAt: beganAt,
    ...(isOtherSet && { demandSet, demandedSince: rows.clock.now() }),
    ...(isClean && { dirtyAt: null }),
  })
  await keepAccountStanding(rows, connectionId, {
    standing: {
      id: seen.id,
      name: seen.name,
      country: seen.country,
      currency: seen.currency,
      chargesEnabled: seen.chargesEnabled ?? false,
      payoutsEnabled: seen.payoutsEnabled ?? false,
      disabledReason: seen.disabledReason ?? null,
      isActive: acceptsPaidBookings(statusDetail),
    },
    isReturning,
  })
  if (statusDetail !== account.statusDetail || JSON.stringify(seen) !== JSON.stringify(account.seen))
    await recordFact(rows, { name: 'connection.account_changed', ids: { connection: connectionId }, actor: 'stripe' })
}

/** Stops charges and keeps what is known (STR-38). Saying it twice changes nothing. */
export async function markLeft(rows: ScopedHandle, connectionId: Uuid, actor: string): Promise<void> {
  if (await lockAccount(rows, connectionId))
    await updateAccount(rows, connectionId, { statusDetail: 'disconnected', dirtyAt: null })
  await closeConnectConnection(rows, connectionId, actor)
}
