/**
 * What becomes of a dispute (SBX-27). The text of the evidence decides, as in Stripe's test mode; the bank takes an hour.
 * A dispute nobody answers is lost on its last day; other evidence stays under review for ever.
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { disputeDecisionMs, disputeFeeReturnsWhenWon, disputeFee } from '../facts.ts'
import { post } from '../money/books.ts'
import { payWaitingRefunds } from '../money/refunds.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { dueTimerOf, escalateInquiry } from './open-dispute.ts'

export type Outcome = 'won' | 'lost'

const waiting = ['needs_response', 'warning_needs_response']
const underReview = ['under_review', 'warning_under_review']

/** Throws StripeRefusal when the dispute is over, or when its bank has the evidence already. */
export function checkAnswerable(dispute: Row<'dispute'>): void {
  const { status } = dispute.object
  if (waiting.includes(status)) return
  const message = underReview.includes(status)
    ? 'Evidence for this dispute has already been submitted; it cannot be changed any more.'
    : 'This dispute is already closed'
  throw refuse(message, { param: 'evidence' })
}

/** Sends what was staged to the bank; its decision follows by a timer. Tells nothing: the caller has more to tell. */
export function submitEvidence(space: Space, dispute: Row<'dispute'>): void {
  const { evidence_details: details, status } = dispute.object
  const isLate = details.due_by !== null && space.world.nowSeconds() > details.due_by
  space.world.cancelTimer(space, dueTimerOf(dispute.id))
  space.update('dispute', dispute.id, {
    object: {
      status: status === 'warning_needs_response' ? 'warning_under_review' : 'under_review',
      evidence_details: {
        ...details,
        past_due: isLate,
        submission_count: details.submission_count + 1,
        submission_method: 'manual',
      },
    },
  })
  const timer = { dueAt: space.world.nowMs() + disputeDecisionMs, action: 'dispute.decide', subject: dispute.id }
  space.world.schedule(space, timer)
}

/** The merchant gives up. Throws StripeRefusal when the dispute is over already. */
export function closeDispute(space: Space, dispute: Row<'dispute'>): Row<'dispute'> {
  if (!waiting.includes(dispute.object.status) && !underReview.includes(dispute.object.status)) {
    throw refuse('This dispute is already closed')
  }
  return conclude(space, dispute.id, 'lost')
}

/** The end of a dispute: an inquiry is closed, a chargeback is won and its money comes back, or it stays lost. */
export function conclude(space: Space, id: string, outcome: Outcome): Row<'dispute'> {
  const { hidden } = space.get('dispute', id)
  space.world.cancelTimer(space, dueTimerOf(id))
  const hasFunds = hidden.kind !== 'inquiry' && outcome === 'won'
  if (hasFunds) returnFunds(space, id)
  const row = space.update('dispute', id, {
    object: { status: hidden.kind === 'inquiry' ? 'warning_closed' : outcome },
  })
  emit(space, { type: 'charge.dispute.closed', object: row.object })
  if (!hasFunds) return row
  emit(space, { type: 'charge.dispute.funds_reinstated', object: row.object })
  payWaitingRefunds(space, row.object.currency)
  return row
}

export const disputeTimers: Readonly<Record<string, TimerAction>> = {
  'dispute.due': (space, id) => {
    if (waiting.includes(space.get('dispute', id).object.status)) conclude(space, id, 'lost')
  },
  'dispute.decide': (space, id) => {
    const { object } = space.get('dispute', id)
    if (underReview.includes(object.status)) decide(space, id, object)
  },
}

function decide(space: Space, id: string, dispute: Stripe.Dispute): void {
  const words = dispute.evidence.uncategorized_text ?? ''
  if (words.includes('winning_evidence')) conclude(space, id, 'won')
  else if (words.includes('losing_evidence')) conclude(space, id, 'lost')
  else if (words.includes('escalate_inquiry_evidence') && dispute.status === 'warning_under_review')
    escalateInquiry(space, id)
}

function returnFunds(space: Space, id: string): void {
  const { amount, currency, charge, balance_transactions: before } = space.get('dispute', id).object
  const transaction = post(space, {
    type: 'adjustment',
    reportingCategory: 'dispute_reversal',
    amount,
    fee: disputeFeeReturnsWhenWon ? -disputeFee : 0,
    feeDescription: 'Dispute fee refund',
    currency,
    availableOn: space.world.nowSeconds(),
    source: id,
    description: `Chargeback reversal for ${idOf(charge)}`,
  })
  space.update('dispute', id, { object: { balance_transactions: [...before, transaction.object] } })
}
