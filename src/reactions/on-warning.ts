/**
 * The reaction to an early warning of fraud (STR-147): the payment carries a flag, and its invoice suggests a refund. Nothing is given
 * back by itself; whether the payer was the renter is known to the operator and not to the card network.
 */
import { findPaymentByIntent, lockPayment, type MoneyGround } from '#payments'
import { recordFact } from '#platform'
import type { Reaction } from '#stripe'
import { reactionTo } from './asking.ts'
import { saveFlag } from './flag-store.ts'

export function onFraudWarning(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused:
      'The restricted key may not read early fraud warnings in Stripe. Give it the permission Radar (read) to see them here.',
    ask: (stripeScope, id) => ground.stripe.findFraudWarning(stripeScope, id),
    async apply(rows, connectionId, seen) {
      const payment =
        seen.paymentIntent && (await findPaymentByIntent(rows, { connectionId, intentId: seen.paymentIntent }))
      if (!payment) return 'foreign'
      await lockPayment(rows, payment.id)
      const { id: paymentId, renterId, invoiceId } = payment
      const isNew = await saveFlag(rows, {
        paymentId,
        kind: 'fraud_warning',
        stripeId: seen.id,
        detail: seen.kind.replaceAll('_', ' '),
        isOpen: seen.isActionable,
      })
      const ids = { payment: paymentId, renter: renterId, ...(invoiceId && { invoice: invoiceId }) }
      if (isNew) await recordFact(rows, { name: 'payment.flagged', ids, actor: 'stripe' })
      return 'done'
    },
  })
}
