/**
 * Our row of one object and the one way it changes: the product's own decision about what was read. The row remembers its moves, so
 * that a proof can count effects.
 */
import { decide as decidePayment, stateOfIntent, type PaymentState } from '../src/payments/payment-state.ts'
import { decide as decideRefund, type RefundState } from '../src/refunds/refund-state.ts'
import { isFinal as isSetupFinal, judgeSetup, stateOfSetupIntent, type SetupState } from '../src/renters/setup-state.ts'
import type { Seen, Thing } from './histories.ts'

export type Row = {
  readonly thing: Thing
  state: string
  attempt: number
  /** How far the call of the present attempt is. */
  call: 'created' | 'sent' | 'unknown' | 'succeeded'
  /** No row of ours yet, or not yet known by Stripe's id. */
  isUnlinked: boolean
  isPollWaiting: boolean
  polls: number
  /** Polls since nothing else was left to happen. */
  quietPolls: number
  readonly moves: string[]
}

export type Decision = { readonly verdict: string; readonly to?: string; readonly isFollowed: boolean }

export type Judges = {
  readonly payment: typeof decidePayment
  readonly refund: typeof decideRefund
  readonly setup: typeof judgeSetup
}

/** What the product runs. */
export const judges: Judges = { payment: decidePayment, refund: decideRefund, setup: judgeSetup }

export function openRow(thing: Thing): Row {
  return {
    thing,
    state: thing.kind === 'refund' ? 'submitting' : 'created',
    attempt: 1,
    call: 'created',
    isUnlinked: thing.kind === 'refund',
    isPollWaiting: false,
    polls: 0,
    quietPolls: 0,
    moves: [],
  }
}

export type Reading = {
  readonly seen: Seen
  /** The attempt this answers. */
  readonly answers?: number | undefined
}

export function apply(row: Row, reading: Reading, by: Judges): Decision {
  const decision = decide(row, reading, by)
  row.isUnlinked = false
  if (decision.to !== undefined) {
    row.state = decision.to
    row.moves.push(decision.to)
    if (decision.to === 'succeeded') row.call = 'succeeded'
  }
  return decision
}

function decide(row: Row, { seen, answers }: Reading, by: Judges): Decision {
  if (row.thing.kind === 'refund') return by.refund(row.state as RefundState, seen.status)
  if (row.thing.kind === 'payment_intent') {
    const isConfirming = answers !== row.attempt && row.call !== 'succeeded'
    return by.payment(row.state as PaymentState, { seen: stateOfIntent(seen), isConfirming })
  }
  const state = stateOfSetupIntent(seen)
  const verdict = by.setup(row.state as SetupState, state)
  const now = verdict === 'move' ? state : (row.state as SetupState)
  return { verdict, ...(verdict === 'move' && { to: state }), isFollowed: !isSetupFinal(now) }
}

/** What Stripe has in the end, in our words. */
export function truthOf({ kind, moments }: Thing): string {
  const seen = moments.at(-1)!.seen
  if (kind === 'refund') return seen.status
  return kind === 'setup_intent' ? stateOfSetupIntent(seen) : stateOfIntent(seen)
}

/** The oracle: every moment told once, in order, at once, with each attempt begun when its turn came. */
export function judgeUndisturbed(thing: Thing): Row {
  const row = openRow(thing)
  thing.moments.forEach((moment, place) => {
    const turn = thing.attempts.findIndex(({ outcome }) => outcome === place)
    if (turn > 0) beginAttempt(row, turn + 1)
    row.call = 'succeeded'
    apply(row, { seen: moment.seen }, judges)
  })
  return row
}

/** A declined payment is tried again by a new attempt of its own. */
export function beginAttempt(row: Row, attempt: number): void {
  row.attempt = attempt
  row.call = 'sent'
  row.polls = 0
  if (row.state === 'failed' && row.thing.kind === 'payment_intent') row.state = 'created'
}
