/** What every kind of payment leaves behind: a method that is kept or used up, an intent that asks for another one. */
import type Stripe from 'stripe'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** A method asked to be saved now belongs to the customer; one that belongs to nobody cannot be used again. */
export function keepOrSpend(space: Space, intent: Row<'payment_intent'>, method: Row<'payment_method'>): void {
  const customer = idOf(intent.object.customer)
  const usage = intent.object.setup_future_usage
  if (usage !== null && customer !== null && method.object.customer === null) {
    const saved = space.update('payment_method', method.id, {
      object: { customer },
      hidden: { isSetUp: usage === 'off_session' },
    })
    emit(space, { type: 'payment_method.attached', object: saved.object })
    return
  }
  if (usage === 'off_session') space.update('payment_method', method.id, { hidden: { isSetUp: true } })
  if (method.object.customer === null) space.update('payment_method', method.id, { hidden: { isSpent: true } })
}

/** The intent asks for another method and says why this one did not do. */
export function rejectPayment(
  space: Space,
  intent: Row<'payment_intent'>,
  rejection: { error: Stripe.PaymentIntent.LastPaymentError; latestCharge: string | null },
): Row<'payment_intent'> {
  const row = space.update('payment_intent', intent.id, {
    object: {
      status: 'requires_payment_method',
      payment_method: null,
      next_action: null,
      last_payment_error: rejection.error,
      latest_charge: rejection.latestCharge,
    },
  })
  emit(space, { type: 'payment_intent.payment_failed', object: row.object })
  return row
}
