/**
 * The reaction to news about a PaymentIntent (STR-147), and the one way to end an intent at Stripe. Both settle what Stripe says the
 * intent is, and nothing else.
 */
import type { PaymentIntentId, Scope } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { inScope } from '#platform'
import { StripeFault, type PaymentIntentSeen, type Reaction } from '#stripe'
import { planMoneyCall, updateMoneyCall } from './money-call-store.ts'
import { keys, type MoneyGround } from './payment.ts'
import type { PaymentState } from './payment-state.ts'
import { settle } from './settle.ts'
import { findPayment } from './store.ts'

export function onStripePaymentIntent(ground: MoneyGround): Reaction<PaymentIntentSeen> {
  return {
    read: (scope, connectionId, objectId) =>
      readIntent(ground, { scope, connectionId, intentId: objectId as PaymentIntentId }),
    apply: (rows, connectionId, observed) => settle(rows, { connectionId, observed, actor: 'stripe' }),
  }
}

/** Undefined when this account has no such intent. @throws StripeFault when Stripe did not answer. */
export async function readIntent(
  ground: MoneyGround,
  about: { scope: Scope; connectionId: string; intentId: PaymentIntentId },
): Promise<PaymentIntentSeen | undefined> {
  const connection = await inScope(ground.database, about.scope, (rows) => getConnection(rows, about.connectionId))
  return ground.stripe.findPaymentIntent(stripeScopeOf(ground.box, connection), about.intentId)
}

/**
 * Ends the PaymentIntent of a payment at Stripe, so that it can never charge. Asking again, from anywhere, is safe: the key is the same
 * for ever, and what Stripe has afterwards is settled, even if that is a success (STR-78, STR-100).
 * @returns the state of the payment now. @throws StripeFault when Stripe did not answer usefully.
 */
export async function cancelIntent(
  ground: MoneyGround,
  scope: Scope,
  wish: { paymentId: string; actor: string },
): Promise<PaymentState | undefined> {
  const key = keys.cancelPayment(wish.paymentId)
  const found = await inScope(ground.database, scope, async (rows) => {
    const payment = await findPayment(rows, wish.paymentId)
    const { connectionId, stripePaymentIntentId: intentId } = payment ?? {}
    const connection = connectionId && (await getConnection(rows, connectionId))
    // Without its key nothing can be asked of that account any more, and a declined intent charges nothing by itself.
    if (!payment || !intentId || !connection || connection.state === 'disconnected') return undefined
    await planMoneyCall(rows, {
      connectionId: connection.id,
      purpose: 'payment.cancel',
      objectId: payment.id,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      requestHash: intentId,
      idempotencyKey: key,
    })
    await updateMoneyCall(rows, key, { state: 'sent' })
    return { intentId, connection }
  })
  if (!found) return undefined
  const { intentId, connection } = found
  const stripeScope = stripeScopeOf(ground.box, connection)
  const observed = await ground.stripe
    .cancelPaymentIntent(stripeScope, intentId, { idempotencyKey: key })
    .catch((error: unknown) => {
      // It can no longer be cancelled: then what it has become counts.
      const isOver = error instanceof StripeFault && (error.kind === 'invalid' || error.kind === 'missing')
      if (isOver) return ground.stripe.findPaymentIntent(stripeScope, intentId)
      throw error
    })
  return inScope(ground.database, scope, async (rows) => {
    await updateMoneyCall(rows, key, { state: 'succeeded', provider_id: intentId })
    if (observed) await settle(rows, { connectionId: connection.id, observed, actor: wish.actor })
    return (await findPayment(rows, wish.paymentId))?.state
  })
}
