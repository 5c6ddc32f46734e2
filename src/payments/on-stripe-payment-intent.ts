/** The reaction to news about a PaymentIntent (STR-147), and the poller's way of asking for itself. Both re-read and settle. */
import type { PaymentIntentId, Scope } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { inScope } from '#platform'
import type { PaymentIntentSeen, Reaction } from '#stripe'
import { drivePayment, type MoneyGround } from './drive-payment.ts'
import { isOpen } from './payment-state.ts'
import { settle } from './settle.ts'
import { findPayment } from './store.ts'

export function onStripePaymentIntent(ground: MoneyGround): Reaction<PaymentIntentSeen> {
  return {
    read: (scope, connectionId, objectId) =>
      readIntent(ground, { scope, connectionId, intentId: objectId as PaymentIntentId }),
    apply: (rows, connectionId, observed) => settle(rows, { connectionId, observed, actor: 'stripe' }),
  }
}

async function readIntent(
  ground: MoneyGround,
  about: { scope: Scope; connectionId: string; intentId: PaymentIntentId },
): Promise<PaymentIntentSeen | undefined> {
  const connection = await inScope(ground.database, about.scope, (rows) => getConnection(rows, about.connectionId))
  return ground.stripe.findPaymentIntent(stripeScopeOf(ground.box, connection), about.intentId)
}

/**
 * Asks Stripe where a payment stands and settles what it says (STR-71). A payment whose call never finished is carried on instead.
 * @throws StripeFault when Stripe did not answer.
 */
export async function followPayment(ground: MoneyGround, scope: Scope, paymentId: string): Promise<void> {
  const payment = await inScope(ground.database, scope, (rows) => findPayment(rows, paymentId))
  if (!payment?.connectionId) return
  const isBooked = payment.state === 'succeeded' && payment.balanceTransactionId !== undefined
  if (isBooked || payment.state === 'canceled') return
  const { connectionId, stripePaymentIntentId: intentId } = payment
  if (!intentId || payment.state === 'created' || payment.state === 'unknown')
    return drivePayment(ground, scope, paymentId)
  const observed = await readIntent(ground, { scope, connectionId, intentId })
  if (!observed) throw new Error(`payment ${paymentId}: Stripe does not know its PaymentIntent`)
  await inScope(ground.database, scope, (rows) => settle(rows, { connectionId, observed, actor: 'schedule' }))
}

/** True while asking again can still bring something new. */
export function isWorthFollowing(payment: {
  readonly state: Parameters<typeof isOpen>[0]
  readonly balanceTransactionId?: string | undefined
}): boolean {
  return isOpen(payment.state) || (payment.state === 'succeeded' && payment.balanceTransactionId === undefined)
}
