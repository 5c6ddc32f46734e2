/** Early fraud warnings: the card's network says that a payment was probably fraud, before anybody disputes it. */
import type Stripe from 'stripe'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

export function createWarning(space: Space, chargeId: string): Row<'radar.early_fraud_warning'> {
  const { object: charge } = space.get('charge', chargeId)
  const id = space.world.ids.id('issfr')
  const intent = idOf(charge.payment_intent)
  const object: Stripe.Radar.EarlyFraudWarning = {
    id,
    object: 'radar.early_fraud_warning',
    actionable: true,
    charge: chargeId,
    created: space.world.nowSeconds(),
    fraud_type: 'misc',
    livemode: space.isLive,
    ...(intent !== null && { payment_intent: intent }),
  }
  const row = space.insert('radar.early_fraud_warning', id, { object, hidden: {} })
  emit(space, { type: 'radar.early_fraud_warning.created', object: row.object })
  return row
}

/** A warning asks for nothing any more once its charge is disputed or went back in full. */
export function settleWarnings(space: Space, chargeId: string): void {
  const { disputed, refunded } = space.get('charge', chargeId).object
  for (const before of space.newestFirst('radar.early_fraud_warning', { by: ['charge', chargeId] })) {
    const isActionable = !disputed && !refunded
    if (before.object.actionable === isActionable) continue
    const row = space.update('radar.early_fraud_warning', before.id, { object: { actionable: isActionable } })
    emit(space, { type: 'radar.early_fraud_warning.updated', object: row.object, before: before.object })
  }
}
