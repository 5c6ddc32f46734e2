/**
 * Polling and the inbox ask Stripe about the same payments. After an outage both have all of them to do, and a payment read by both costs
 * a second request, and their transactions meet. So a poll whose payment has news waiting reads nothing: it puts them at the head of
 * the operator's line. What surprises: nothing is planned in its place, because whoever settles the news plans the next poll, and the
 * round of recovery plans whatever is unfinished every minute.
 */
import { hastenNews } from '#inbox'
import { isMode, type Scope } from '#kernel'
import { findPayment } from '#payments'
import { inScope, type Database, type JobHandler } from '#platform'

type FollowGround = {
  readonly database: Database
  /** Told after the commit when news were put forward. */
  readonly onKept: () => void
}

/** @param follow the poll itself, for every payment without news. */
export function followPaymentNews({ database, onKept }: FollowGround, follow: JobHandler): JobHandler {
  return async (payload) => {
    const { operatorId, mode, id } = payload
    if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
    if (await haveNews(database, { operatorId, mode }, id)) onKept()
    else await follow(payload)
  }
}

/** A charge that is still being made is carried on by its own job, whatever is told of it. */
async function haveNews(database: Database, scope: Scope, paymentId: string): Promise<boolean> {
  return inScope(database, scope, async (rows) => {
    const payment = await findPayment(rows, paymentId)
    if (!payment?.connectionId || !payment.stripePaymentIntentId) return false
    if (payment.state === 'created' || payment.state === 'unknown') return false
    const { connectionId, stripePaymentIntentId: objectId } = payment
    return hastenNews(rows, { scope, connectionId, objectKind: 'payment_intent', objectId, now: rows.clock.now() })
  })
}
