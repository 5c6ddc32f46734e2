/** One attempt to take money: the charge it leaves, whether it went well or not, and its line in the books. */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import type { Decline } from '../cards.ts'
import { cardFundsDelayDays } from '../facts.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { afterBusinessDays, cardFeeOf } from './amounts.ts'
import { post } from './books.ts'
import { buildCardDetails, buildCardOutcome } from './card-charge.ts'

interface Attempt {
  readonly intent: Row<'payment_intent'>
  readonly method: Row<'payment_method'>
  /** Null when the bank said yes. */
  readonly decline: Decline | null
  /** When false the money is only held until a capture. */
  readonly isCaptured: boolean
  readonly wasAuthenticated: boolean
}

/** Writes the charge with its event, and for money that was taken the balance transaction. */
export function charge(space: Space, attempt: Attempt): Row<'charge'> {
  const { intent, method, decline } = attempt
  const id = space.world.ids.id('ch')
  const isPaid = decline === null
  const isTaken = isPaid && attempt.isCaptured
  space.insert('charge', id, { object: buildCharge(space, id, attempt), hidden: { card: method.hidden.card } })
  if (isTaken) settle(space, id, intent.object.amount)
  const row = space.get('charge', id)
  emit(space, { type: isPaid ? 'charge.succeeded' : 'charge.failed', object: row.object })
  return row
}

/** Takes held money, all or part of it, and tells of it. */
export function captureCharge(space: Space, chargeId: string, amount: number): Row<'charge'> {
  const before = space.get('charge', chargeId)
  settle(space, chargeId, amount)
  const row = space.update('charge', chargeId, { object: { captured: true, amount_captured: amount } })
  emit(space, { type: 'charge.captured', object: row.object, before: before.object })
  return row
}

/** Gives held money back unseen: nothing ever reached the balance. */
export function releaseCharge(space: Space, chargeId: string): void {
  const before = space.get('charge', chargeId)
  const row = space.update('charge', chargeId, { object: { refunded: true, amount_refunded: before.object.amount } })
  emit(space, { type: 'charge.refunded', object: row.object, before: before.object })
}

function settle(space: Space, chargeId: string, amount: number): void {
  const { object, hidden } = space.get('charge', chargeId)
  const { world } = space
  const isAtOnce = hidden.card !== null && getCard(hidden.card).fundsAtOnce
  const transaction = post(space, {
    type: 'charge',
    reportingCategory: 'charge',
    amount,
    fee: cardFeeOf(amount, object.currency),
    currency: object.currency,
    availableOn: isAtOnce ? world.nowSeconds() : afterBusinessDays(world.nowMs(), cardFundsDelayDays),
    source: chargeId,
    description: object.description,
  })
  space.update('charge', chargeId, { object: { balance_transaction: transaction.id } })
}

function buildCharge(space: Space, id: string, attempt: Attempt): Stripe.Charge {
  const { intent, method, decline, isCaptured } = attempt
  const {
    amount,
    currency,
    description,
    metadata,
    receipt_email: receiptEmail,
    statement_descriptor_suffix: suffix,
  } = intent.object
  const isPaid = decline === null
  const account = space.world.root.get('account', space.accountId).object
  const descriptor = account.settings?.payments.statement_descriptor ?? null
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: isPaid && isCaptured ? amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.object.billing_details,
    calculated_statement_descriptor: suffix === null ? descriptor : `${descriptor}* ${suffix}`.slice(0, 22),
    captured: isPaid && isCaptured,
    created: space.world.nowSeconds(),
    currency,
    customer: idOf(intent.object.customer),
    description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: space.isLive,
    metadata: { ...metadata },
    on_behalf_of: null,
    outcome: buildCardOutcome(decline),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { card: buildCardDetails(attempt), type: 'card' },
    receipt_email: receiptEmail,
    receipt_number: null,
    receipt_url: isPaid ? `${space.world.publicUrl}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: intent.object.shipping as Stripe.Charge.Shipping | null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.object.statement_descriptor,
    statement_descriptor_suffix: suffix,
    status: isPaid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: intent.object.transfer_group,
  }
}
