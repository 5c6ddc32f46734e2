/**
 * Refunds (SBX-26): how much may go back, whether the balance can pay it, and what the card does with it. A refund larger
 * than the available balance waits, is refused or overdraws, as the account is set. Everything that changes a refund later
 * is a timer: the outcome of the special cards, the arrival of funds, the end of waiting.
 */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import { settleWarnings } from '../disputes/early-fraud-warning.ts'
import { blocksRefunds } from '../disputes/open-dispute.ts'
import { refuse } from '../errors.ts'
import { refundFailsAfterMs, refundSucceedsAfterMs, refundWaitsForFundsMs } from '../facts.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { refundFeeWith } from '../payouts/fees.ts'
import { writeAmount } from './amounts.ts'
import { availableIn, listWaitingRefunds, post } from './books.ts'

export interface RefundWish {
  readonly charge: Row<'charge'>
  readonly amount: number | undefined
  readonly reason: Stripe.Refund.Reason | null
  readonly metadata: Record<string, string>
  /** `refund_application_fee`. */
  readonly refundsFee: boolean
}

/** Writes the refund and starts it on its way. Throws StripeRefusal when it may not be. */
export function createRefund(space: Space, wish: RefundWish): Row<'refund'> {
  const { object: charge } = wish.charge
  const amount = checkAmount(space, wish)
  const policy = space.world.root.get('account', space.accountId).hidden.settings.refundWithoutFunds
  const lacksFunds = availableIn(space, charge.currency) < amount
  if (lacksFunds && policy === 'reject') {
    const message = 'You have insufficient funds in your Stripe account to cover this refund.'
    throw refuse(message, { code: 'balance_insufficient', param: 'amount' })
  }
  const waitsForFunds = lacksFunds && policy === 'pend'
  const cardPends = wish.charge.hidden.card !== null && getCard(wish.charge.hidden.card).refund === 'pends'
  const id = space.world.ids.id(wish.charge.hidden.card === null ? 'pyr' : 're')
  const pending = waitsForFunds ? 'insufficient_funds' : 'processing'
  const object: Stripe.Refund = {
    id,
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: space.world.nowSeconds(),
    currency: charge.currency,
    customer: idOf(charge.customer),
    customer_account: null,
    destination_details: describeDestination(wish.charge),
    metadata: wish.metadata,
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    pending_reason: pending,
    reason: wish.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'pending',
    transfer_reversal: null,
  }
  const row = space.insert('refund', id, {
    object,
    hidden: { waitsFor: waitsForFunds ? charge.currency : null, refundsFee: wish.refundsFee },
  })
  emit(space, { type: 'refund.created', object: row.object })
  countOnCharge(space, charge.id, { amount, event: 'charge.refunded' })
  if (waitsForFunds) schedule(space, { refund: id, action: 'refund.stop_waiting', afterMs: refundWaitsForFundsMs })
  else if (cardPends)
    takeFunds(space, id, () =>
      schedule(space, { refund: id, action: 'refund.succeed', afterMs: refundSucceedsAfterMs }),
    )
  else takeFunds(space, id, () => succeed(space, id))
  return space.get('refund', id)
}

/** Where the money goes: back to the card, or as a transfer to the bank account. */
function describeDestination({ object, hidden }: Row<'charge'>): Stripe.Refund.DestinationDetails {
  if (hidden.card === null) return { type: object.payment_method_details?.type ?? 'unknown' }
  return {
    card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    type: 'card',
  }
}

/** Called when funds became available: the oldest waiting refunds are paid first, as far as the balance reaches. */
export function payWaitingRefunds(space: Space, currency: string): void {
  for (const { id, object } of listWaitingRefunds(space, currency)) {
    if (availableIn(space, currency) < object.amount) return
    space.update('refund', id, { hidden: { waitsFor: null } })
    takeFunds(space, id, () => succeed(space, id))
  }
}

export const refundTimers: Readonly<Record<string, TimerAction>> = {
  'refund.succeed': (space, id) => {
    if (space.get('refund', id).object.status === 'pending') succeed(space, id)
  },
  'refund.fail': (space, id) => {
    if (space.get('refund', id).object.status === 'succeeded') fail(space, id, 'expired_or_canceled_card')
  },
  'refund.stop_waiting': (space, id) => {
    const { object, hidden } = space.get('refund', id)
    if (hidden.waitsFor !== null && object.status === 'pending') fail(space, id, 'insufficient_funds')
  },
}

/** Changes a refund and tells of it under both of Stripe's names for the same news. */
export function changeRefund(space: Space, id: string, change: Partial<Stripe.Refund>): Row<'refund'> {
  const before = space.get('refund', id)
  const row = space.update('refund', id, { object: change })
  emit(space, { type: 'refund.updated', object: row.object, before: before.object })
  emit(space, { type: 'charge.refund.updated', object: row.object, before: before.object })
  return row
}

function checkAmount(space: Space, wish: RefundWish): number {
  const { object: charge } = wish.charge
  if (blocksRefunds(space, charge.id)) {
    throw refuse(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' })
  }
  if (!charge.captured)
    throw refuse(`Charge ${charge.id} was not captured, so there is nothing to refund.`, { param: 'charge' })
  const remaining = charge.amount_captured - charge.amount_refunded
  if (remaining <= 0)
    throw refuse(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  const amount = wish.amount ?? remaining
  if (amount > remaining) {
    const [asked, left] = [writeAmount(amount, charge.currency), writeAmount(remaining, charge.currency)]
    throw refuse(`Refund amount (${asked}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' })
  }
  return amount
}

/** The money leaves the balance, then `next` says what the card does. */
function takeFunds(space: Space, id: string, next: () => void): void {
  const { object, hidden } = space.get('refund', id)
  const { amount, currency, charge } = object
  const back = hidden.refundsFee ? refundFeeWith(space, idOf(charge) ?? '', amount) : undefined
  const transaction = post(space, {
    type: 'refund',
    reportingCategory: 'refund',
    amount: -amount,
    fee: 0 - (back?.amount ?? 0),
    applicationFee: back === undefined ? undefined : { ...back, amount: 0 - back.amount },
    currency,
    availableOn: space.world.nowSeconds(),
    source: id,
    description: 'REFUND FOR CHARGE',
  })
  space.update('refund', id, { object: { balance_transaction: transaction.id } })
  next()
}

function succeed(space: Space, id: string): void {
  const { charge } = space.get('refund', id).object
  withoutPendingReason(space, id)
  changeRefund(space, id, { status: 'succeeded' })
  const card = space.get('charge', idOf(charge) ?? '').hidden.card
  if (card !== null && getCard(card).refund === 'fails_later') {
    schedule(space, { refund: id, action: 'refund.fail', afterMs: refundFailsAfterMs })
  }
}

/** The bank sends the money back, or there never was any; the charge owes it again. */
function fail(space: Space, id: string, reason: string): void {
  const before = space.get('refund', id)
  const { amount, currency, balance_transaction: paid, charge } = before.object
  const returned =
    paid === null
      ? {}
      : {
          failure_balance_transaction: post(space, {
            type: 'refund_failure',
            reportingCategory: 'refund_failure',
            amount,
            fee: 0,
            currency,
            availableOn: space.world.nowSeconds(),
            source: id,
            description: 'REFUND FAILURE',
          }).id,
        }
  withoutPendingReason(space, id)
  const row = space.update('refund', id, {
    object: { status: 'failed', failure_reason: reason, ...returned },
    hidden: { waitsFor: null },
  })
  countOnCharge(space, idOf(charge) ?? '', { amount: -amount, event: 'charge.updated' })
  emit(space, { type: 'refund.failed', object: row.object })
  emit(space, { type: 'refund.updated', object: row.object, before: before.object })
  emit(space, { type: 'charge.refund.updated', object: row.object, before: before.object })
  payWaitingRefunds(space, currency)
}

/** `pending_reason` is there only while a refund is pending. */
function withoutPendingReason(space: Space, id: string): void {
  const { pending_reason: gone, ...object } = space.get('refund', id).object
  if (gone !== undefined) space.replace('refund', id, object)
}

function countOnCharge(space: Space, chargeId: string, change: { amount: number; event: string }): void {
  const before = space.get('charge', chargeId)
  const refunded = before.object.amount_refunded + change.amount
  const row = space.update('charge', chargeId, {
    object: { amount_refunded: refunded, refunded: refunded === before.object.amount_captured },
  })
  emit(space, { type: change.event, object: row.object, before: before.object })
  settleWarnings(space, chargeId)
}

function schedule(space: Space, wish: { refund: string; action: string; afterMs: number }): void {
  space.world.schedule(space, { dueAt: space.world.nowMs() + wish.afterMs, action: wish.action, subject: wish.refund })
}
