/**
 * How a dispute begins (SBX-27): a chargeback takes the money and a fee out of the balance at once, an inquiry only asks,
 * and a bank debit that is returned is lost from its first moment, because no bank hears evidence about it.
 */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import { disputeFee, disputeIdPrefix, disputeResponseMs } from '../facts.ts'
import { post } from '../money/books.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { blankEvidence } from './blank-evidence.ts'
import { createWarning, settleWarnings } from './early-fraud-warning.ts'
import type { DisputeKind } from './kinds.ts'

export interface NewDispute {
  readonly charge: string
  readonly kind: DisputeKind
  /** One of the reasons Stripe names, such as 'fraudulent' or 'debit_not_authorized'. */
  readonly reason: string
}

/** Called when a card's money was taken: some test cards are disputed, or warned about, from then on (SBX-43). */
export function startAftermath(space: Space, chargeId: string): void {
  const { card } = space.get('charge', chargeId).hidden
  const aftermath = card === null ? 'none' : getCard(card).aftermath
  if (aftermath === 'dispute') openDispute(space, { charge: chargeId, kind: 'chargeback', reason: 'fraudulent' })
  if (aftermath === 'inquiry') openDispute(space, { charge: chargeId, kind: 'inquiry', reason: 'general' })
  if (aftermath === 'fraud_warning') createWarning(space, chargeId)
}

/**
 * Writes the dispute, takes the money unless it is an inquiry, and tells of all of it.
 */
export function openDispute(space: Space, wish: NewDispute): Row<'dispute'> {
  const id = space.world.ids.id(disputeIdPrefix)
  space.insert('dispute', id, { object: buildDispute(space, id, wish), hidden: { kind: wish.kind } })
  const before = space.get('charge', wish.charge)
  // An inquiry marks its charge as disputed, too [U].
  const charge = space.update('charge', wish.charge, { object: { disputed: true } })
  if (wish.kind !== 'inquiry') takeFunds(space, id)
  const row = space.get('dispute', id)
  emit(space, { type: 'charge.dispute.created', object: row.object })
  if (wish.kind !== 'inquiry') emit(space, { type: 'charge.dispute.funds_withdrawn', object: row.object })
  emit(space, { type: 'charge.updated', object: charge.object, before: before.object })
  settleWarnings(space, wish.charge)
  if (wish.kind === 'return') emit(space, { type: 'charge.dispute.closed', object: row.object })
  else scheduleDue(space, id)
  return row
}

/** An inquiry becomes a chargeback: the money goes now, and the clock starts anew. */
export function escalateInquiry(space: Space, id: string): void {
  const before = space.get('dispute', id)
  space.world.cancelTimer(space, dueTimerOf(id))
  takeFunds(space, id)
  const row = space.update('dispute', id, {
    object: {
      status: 'needs_response',
      is_charge_refundable: false,
      evidence_details: { ...before.object.evidence_details, due_by: dueBy(space), has_evidence: false },
      ...describeMethod(space.get('charge', idOf(before.object.charge) ?? '').object, 'chargeback'),
    },
    hidden: { kind: 'chargeback' },
  })
  emit(space, { type: 'charge.dispute.updated', object: row.object, before: before.object })
  emit(space, { type: 'charge.dispute.funds_withdrawn', object: row.object })
  scheduleDue(space, id)
}

/** Whether a refund of this charge has to wait, because a bank has the money already. */
export function blocksRefunds(space: Space, chargeId: string): boolean {
  return [...space.newestFirst('dispute', { by: ['charge', chargeId] })].some(
    ({ object }) => !object.is_charge_refundable && object.status !== 'won',
  )
}

/** Name of the timer that ends a dispute nobody answered. */
export function dueTimerOf(id: string): string {
  return `dispute_due_${id}`
}

function scheduleDue(space: Space, id: string): void {
  const timer = { dueAt: dueBy(space) * 1000, action: 'dispute.due', subject: id }
  space.world.schedule(space, timer, dueTimerOf(id))
}

/** Seconds. */
function dueBy(space: Space): number {
  return space.world.nowSeconds() + disputeResponseMs / 1000
}

function takeFunds(space: Space, id: string): void {
  const { amount, currency, charge } = space.get('dispute', id).object
  const transaction = post(space, {
    type: 'adjustment',
    reportingCategory: 'dispute',
    amount: -amount,
    fee: disputeFee,
    feeDescription: 'Dispute fee',
    currency,
    availableOn: space.world.nowSeconds(),
    source: id,
    description: `Chargeback withdrawal for ${idOf(charge)}`,
  })
  space.update('dispute', id, { object: { balance_transactions: [transaction.object] } })
}

const firstStatus = { chargeback: 'needs_response', inquiry: 'warning_needs_response', return: 'lost' } as const

function buildDispute(space: Space, id: string, wish: NewDispute): Stripe.Dispute {
  const { object: charge } = space.get('charge', wish.charge)
  return {
    id,
    object: 'dispute',
    amount: charge.amount_captured - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: space.world.nowSeconds(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: blankEvidence,
    evidence_details: {
      // Zero says that the bank hears no answer (stripe types).
      due_by: wish.kind === 'return' ? 0 : dueBy(space),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: wish.kind === 'inquiry',
    livemode: space.isLive,
    metadata: {},
    payment_intent: idOf(charge.payment_intent),
    reason: wish.reason,
    status: firstStatus[wish.kind],
    ...describeMethod(charge, wish.kind),
  }
}

/** Codes with which the two networks say "fraud"; other networks and bank debits have none here. */
const networkReasons: Readonly<Record<string, string>> = { visa: '10.4', mastercard: '4837' }

function describeMethod(charge: Stripe.Charge, kind: DisputeKind): Partial<Stripe.Dispute> {
  const card = charge.payment_method_details?.card
  if (card === undefined) return { network_reason_code: null }
  const code = networkReasons[card.brand ?? ''] ?? null
  return {
    network_reason_code: code,
    payment_method_details: {
      card: {
        brand: card.brand ?? 'unknown',
        case_type: kind === 'inquiry' ? 'inquiry' : 'chargeback',
        network: card.network ?? 'unknown',
        network_reason_code: code,
      },
      type: 'card',
    },
  }
}
