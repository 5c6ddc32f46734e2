/** The background work of refunds (ARC-43): sending what was promised, asking again about what is not final. */
import type { Scope, StripeRefundId } from '#kernel'
import { getConnection, isJoined, stripeScopeOf } from '#connections'
import { findPayment, scopeOf, type MoneyGround } from '#payments'
import { inScope, type JobDeclaration, type JobHandler, type ScopedHandle } from '#platform'
import { settleRefund } from './on-stripe-refund.ts'
import { sendRefund } from './send-refund.ts'
import { findRefund, listUnfinishedRefunds } from './store.ts'
import { planLooks } from './waiting-refund.ts'

export const refundJobs = [
  { name: 'refunds.send', retryLimit: 1000 },
  { name: 'refunds.follow', retryLimit: 1000 },
] as const satisfies readonly JobDeclaration[]

export function refundHandlers(ground: MoneyGround): Record<(typeof refundJobs)[number]['name'], JobHandler> {
  return {
    'refunds.send': (payload) => sendRefund(ground, scopeOf(payload), payload.id),
    'refunds.follow': (payload) => followRefund(ground, scopeOf(payload), payload.id),
  }
}

/** Asks Stripe where a refund stands. @throws StripeFault when Stripe did not answer. */
export async function followRefund(ground: MoneyGround, scope: Scope, refundId: string): Promise<void> {
  const found = await inScope(ground.database, scope, async (rows) => {
    const refund = await findRefund(rows, refundId)
    const payment = refund && (await findPayment(rows, refund.paymentId))
    return refund && payment?.connectionId
      ? { refund, connection: await getConnection(rows, payment.connectionId) }
      : undefined
  })
  if (!found || !isJoined(found.connection)) return
  if (!found.refund.stripeRefundId) return sendRefund(ground, scope, refundId)
  const observed = await ground.stripe.findRefund(
    stripeScopeOf(ground.box, found.connection),
    found.refund.stripeRefundId as StripeRefundId,
  )
  if (observed)
    await inScope(ground.database, scope, (rows) => settleRefund(rows, { connectionId: found.connection.id, observed }))
}

/** Plans every unfinished refund again; each job finds its own place. @returns how many of them Stripe may have news about. */
export async function recoverRefunds(rows: ScopedHandle): Promise<number> {
  const refunds = await listUnfinishedRefunds(rows)
  const [waiting, others] = [
    refunds.filter(({ state }) => state === 'waiting_funds'),
    refunds.filter(({ state }) => state !== 'waiting_funds'),
  ]
  for (const refund of waiting) await planLooks(rows, refund)
  for (const refund of others)
    await rows.enqueue({ name: refund.stripeRefundId ? 'refunds.follow' : 'refunds.send', id: refund.id })
  return others.length
}
