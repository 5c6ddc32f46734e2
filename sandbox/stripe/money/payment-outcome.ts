/**
 * What every kind of payment or setup leaves behind: a method that is kept or used up, an intent that is done or that asks
 * for another method.
 */
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

/** The method is saved: it belongs to the intent's customer and may be charged later. */
export function saveMethod(
  space: Space,
  intent: Row<'setup_intent'>,
  method: Row<'payment_method'>,
): Row<'setup_intent'> {
  const customer = idOf(intent.object.customer)
  const isNew = customer !== null && method.object.customer === null
  const saved = space.update('payment_method', method.id, {
    object: isNew ? { customer } : {},
    hidden: { isSetUp: true },
  })
  if (isNew) emit(space, { type: 'payment_method.attached', object: saved.object })
  const row = space.update('setup_intent', intent.id, { object: { status: 'succeeded', next_action: null } })
  emit(space, { type: 'setup_intent.succeeded', object: row.object })
  return row
}

/** The intent asks for another method and says why this one was not saved. */
export function rejectSetup(
  space: Space,
  intent: Row<'setup_intent'>,
  error: Stripe.SetupIntent.LastSetupError,
): Row<'setup_intent'> {
  const row = space.update('setup_intent', intent.id, {
    object: { status: 'requires_payment_method', payment_method: null, next_action: null, last_setup_error: error },
  })
  emit(space, { type: 'setup_intent.setup_failed', object: row.object })
  return row
}
