/** The deeds for a failed payout (STR-107): ask Stripe again, and send the latest one once more where that is ours to do. */
import { done, formatMoney, type Outcome, type Scope } from '#kernel'
import { checkTroubles, listPayoutTroubles, requestRetry } from '#payouts'
import { inScope, type Database, type Logs, type SecretBox } from '#platform'
import type { StripeGateway } from '#stripe'
import { counted } from './finding.ts'
import { refuse } from './problems.ts'
import type { Changes } from './repair-webhook.ts'

type PayoutGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
}

/** Check again: whether a new payout is on its way, or the bank account is another one. Nothing is changed at Stripe. */
export async function checkPayouts(ground: PayoutGround, scope: Scope): Promise<Outcome<Changes>> {
  const checked = await checkTroubles(ground, scope)
  if (!checked.ok) return checked
  const { before, left } = checked.value
  if (before === 0) return refuse('no_failed_payout')
  if (left === 0) return done({ changes: ['A new payout is on its way, or payouts go to another bank account now.'] })
  return done({ changes: [`Stripe was asked: ${counted(left, 'failed payout')} without a later one on its way.`] })
}

/** Retry payout: the latest that may be sent again. Pressed twice, it is sent once. */
export async function retryPayouts(ground: PayoutGround, scope: Scope, requestedBy: string): Promise<Outcome<Changes>> {
  const troubles = await inScope(ground.database, scope, listPayoutTroubles)
  const wanted = troubles.find(({ retryProblem }) => retryProblem === undefined) ?? troubles[0]
  if (!wanted) return refuse('no_failed_payout')
  const requested = await requestRetry(ground, scope, { payoutId: wanted.payout.id, requestedBy })
  if (!requested.ok) return requested
  return done({ changes: [`The money of the payout of ${formatMoney(wanted.payout)} is being sent again, once.`] })
}
