/** One attempt to take money: the charge it leaves, whether it went well or not, and its line in the books. */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import type { Decline } from '../cards.ts'
import { debitFundsDelayDays, lateTransactionMs } from '../facts.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { collectFee, feeOf } from '../payouts/fees.ts'
import type { TimerAction } from '../world/world.ts'
import { afterBusinessDays, cardFeeOf, debitFeeOf } from './amounts.ts'
import { cardFundsAvailableOn, post } from './books.ts'
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
  const object = buildCharge(space, id, {
    intent,
    method,
    status: isPaid ? 'succeeded' : 'failed',
    failure: decline,
    isCaptured: isTaken,
    details: { card: buildCardDetails(attempt), type: 'card' },
    outcome: buildCardOutcome(decline),
  })
  space.insert('charge', id, { object, hidden: { card: method.hidden.card } })
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

/** Puts taken money into the books. `charge` tells of it; an account may be set to learn of the transaction later. */
export function settle(space: Space, chargeId: string, amount: number): void {
  const { object, hidden } = space.get('charge', chargeId)
  const { type, fee, availableOn } =
    hidden.card === null
      ? debitTerms(space, amount)
      : cardTerms(space, { amount, currency: object.currency, card: hidden.card })
  const applicationFee = feeOf(space, object, amount)
  const transaction = post(space, {
    type,
    reportingCategory: 'charge',
    amount,
    fee: fee + (applicationFee?.amount ?? 0),
    applicationFee,
    currency: object.currency,
    availableOn,
    source: chargeId,
    description: object.description,
  })
  if (applicationFee !== undefined) collectFee(space, chargeId, { ...applicationFee, availableOn })
  const { settings } = space.world.root.get('account', space.accountId).hidden
  if (settings.balanceTransactionOnCharge !== 'late') {
    space.update('charge', chargeId, { object: { balance_transaction: transaction.id } })
    return
  }
  const dueAt = space.world.nowMs() + lateTransactionMs
  space.world.schedule(space, { dueAt, action: 'charge.link_transaction', subject: chargeId })
}

interface Terms {
  readonly type: 'charge' | 'payment'
  /** Minor units. */
  readonly fee: number
  /** Seconds. */
  readonly availableOn: number
}

function cardTerms(space: Space, taken: { amount: number; currency: string; card: string }): Terms {
  const { world } = space
  const isAtOnce = getCard(taken.card).fundsAtOnce
  return {
    type: 'charge',
    fee: cardFeeOf(taken.amount, taken.currency),
    availableOn: isAtOnce ? world.nowSeconds() : cardFundsAvailableOn(space),
  }
}

function debitTerms(space: Space, amount: number): Terms {
  const availableOn = afterBusinessDays(space.world.nowMs(), debitFundsDelayDays)
  return { type: 'payment', fee: debitFeeOf(amount), availableOn }
}

export const chargeTimers: Readonly<Record<string, TimerAction>> = {
  'charge.link_transaction': (space, id) => {
    const before = space.get('charge', id)
    const [transaction] = space.oldestFirst('balance_transaction', { by: ['source', id] })
    if (transaction === undefined) return
    const row = space.update('charge', id, { object: { balance_transaction: transaction.id } })
    emit(space, { type: 'charge.updated', object: row.object, before: before.object })
  },
}

/** A charge as it begins, whatever it is made with. */
interface NewCharge {
  readonly intent: Row<'payment_intent'>
  readonly method: Row<'payment_method'>
  readonly status: 'succeeded' | 'pending' | 'failed'
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly isCaptured: boolean
  readonly details: Stripe.Charge.PaymentMethodDetails
  readonly outcome: Stripe.Charge.Outcome
}

export function buildCharge(space: Space, id: string, wish: NewCharge): Stripe.Charge {
  const { intent, method, status, failure, isCaptured } = wish
  const {
    amount,
    currency,
    description,
    metadata,
    receipt_email: receiptEmail,
    statement_descriptor_suffix: suffix,
  } = intent.object
  const isPaid = status === 'succeeded'
  const account = space.world.root.get('account', space.accountId).object
  const descriptor = account.settings?.payments.statement_descriptor ?? null
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: isCaptured ? amount : 0,
    amount_refunded: 0,
    application: idOf(intent.object.application),
    application_fee: null,
    application_fee_amount: intent.object.application_fee_amount,
    balance_transaction: null,
    billing_details: method.object.billing_details,
    calculated_statement_descriptor: suffix === null ? descriptor : `${descriptor}* ${suffix}`.slice(0, 22),
    captured: isCaptured,
    created: space.world.nowSeconds(),
    currency,
    customer: idOf(intent.object.customer),
    description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: space.isLive,
    metadata: { ...metadata },
    on_behalf_of: null,
    outcome: wish.outcome,
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: wish.details,
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
    status,
    transfer_data: null,
    transfer_group: intent.object.transfer_group,
  }
}
