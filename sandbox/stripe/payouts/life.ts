/**
 * The life of a payout (SBX-24, SBX-25): pending → in_transit → paid, or failed, or canceled, each step a timer at its own
 * instant. The money leaves the balance when the payout is made and comes back by a transaction of its own when the bank
 * refuses it, which may also happen days after it was paid.
 */
import type Stripe from 'stripe'
import { changeBankStatus } from '../connect/bank-accounts.ts'
import {
  failingBankNumbers,
  fundsSideFailures,
  payoutArrivesAfterDays,
  payoutFailures,
  payoutReconciledAfterMs,
  payoutSentAfterMs,
} from './facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import { post } from '../money/books.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { readAccountPayouts } from './settings.ts'

export interface NewPayout {
  /** Minor units; negative when the bank account is debited. */
  readonly amount: number
  readonly currency: string
  readonly isAutomatic: boolean
  readonly destination: Row<'external_account'>
  readonly description?: string | null | undefined
  readonly metadata?: Record<string, string>
  readonly statementDescriptor?: string | null | undefined
  /** The payout that this one takes back. */
  readonly originalPayout?: string
}

/** Writes the payout, takes its money from the balance and sends it on its way. The caller checked that it may be. */
export function createPayout(space: Space, wish: NewPayout): Row<'payout'> {
  const { world } = space
  const id = world.ids.id('po')
  const arrival = afterBusinessDays(world.nowMs(), payoutArrivesAfterDays)
  const transaction = post(space, {
    type: 'payout',
    reportingCategory: 'payout',
    amount: -wish.amount,
    fee: 0,
    currency: wish.currency,
    // A debit of the bank brings the balance to zero at once; a reversal's money is not there before it arrives [U].
    availableOn: wish.originalPayout === undefined ? world.nowSeconds() : arrival,
    source: id,
    description: wish.description ?? 'STRIPE PAYOUT',
  })
  const object: Stripe.Payout = {
    id,
    object: 'payout',
    amount: wish.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: arrival,
    automatic: wish.isAutomatic,
    balance_transaction: transaction.id,
    created: world.nowSeconds(),
    currency: wish.currency,
    description: wish.description ?? (wish.isAutomatic ? 'STRIPE PAYOUT' : null),
    destination: wish.destination.id,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: space.isLive,
    metadata: wish.metadata ?? {},
    method: 'standard',
    original_payout: wish.originalPayout ?? null,
    payout_method: null,
    reconciliation_status: wish.isAutomatic ? 'in_progress' : 'not_applicable',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: wish.statementDescriptor ?? readAccountPayouts(space).statement_descriptor,
    status: 'pending',
    trace_id: { status: 'pending', value: null },
    type: 'bank_account',
  }
  const row = space.insert('payout', id, { object, hidden: {} })
  emit(space, { type: 'payout.created', object: row.object })
  schedule(space, {
    action: 'payout.send',
    subject: id,
    at: Math.min(world.nowMs() + payoutSentAfterMs, arrival * 1000),
  })
  if (wish.isAutomatic)
    schedule(space, { action: 'payout.reconcile', subject: id, at: world.nowMs() + payoutReconciledAfterMs })
  schedule(space, { action: 'payout.arrive', subject: id, at: arrival * 1000 })
  return row
}

/** Changes a payout and tells of it under `payout.updated` and, where the change has one, its own name. */
export function changePayout(
  space: Space,
  id: string,
  change: { readonly fields: Partial<Stripe.Payout>; readonly news?: string },
): Row<'payout'> {
  const before = space.get('payout', id)
  const row = space.update('payout', id, { object: change.fields })
  if (change.news !== undefined) emit(space, { type: change.news, object: row.object })
  emit(space, { type: 'payout.updated', object: row.object, before: before.object })
  return row
}

/** Whether the bank can still refuse it, or the sandbox's control still stop it. */
export function isOnItsWay(payout: Stripe.Payout): boolean {
  return payout.status === 'pending' || payout.status === 'in_transit'
}

/**
 * The bank refuses the payout, before it was paid or after: the money is back in the balance. Unless the reason is on the
 * side of the funds, the bank account is `errored` and gets no payout until it is replaced.
 */
export function failPayout(space: Space, id: string, code: string): Row<'payout'> {
  const { destination } = space.get('payout', id).object
  const returned = returnFunds(space, id, 'payout_failure')
  const row = changePayout(space, id, {
    fields: {
      status: 'failed',
      failure_code: code,
      failure_message: payoutFailures[code] ?? null,
      failure_balance_transaction: returned,
      trace_id: { status: 'unsupported', value: null },
    },
    news: 'payout.failed',
  })
  const bank = space.find('external_account', idOf(destination) ?? '')
  if (bank !== undefined && bank.object.status !== 'errored' && !fundsSideFailures.has(code))
    changeBankStatus(space, bank.id, 'errored')
  return row
}

/** Stops a payout that has not arrived; the money is back in the balance. */
export function cancelPayout(space: Space, id: string): Row<'payout'> {
  const returned = returnFunds(space, id, 'payout_cancel')
  return changePayout(space, id, {
    fields: {
      status: 'canceled',
      failure_balance_transaction: returned,
      trace_id: { status: 'unsupported', value: null },
    },
    news: 'payout.canceled',
  })
}

/** Lets the bank refuse it at `atMs`, unless it was refused or stopped before. */
export function schedulePayoutFailure(space: Space, id: string, failure: { code: string; atMs: number }): void {
  schedule(space, { action: 'payout.fail', subject: `${id} ${failure.code}`, at: failure.atMs })
}

export const payoutTimers: Readonly<Record<string, TimerAction>> = {
  'payout.send': (space, id) => {
    if (space.get('payout', id).object.status === 'pending')
      changePayout(space, id, { fields: { status: 'in_transit' } })
  },
  'payout.arrive': (space, id) => arrive(space, id),
  'payout.reconcile': (space, id) => {
    const fields = { reconciliation_status: 'completed' } as const
    changePayout(space, id, { fields, news: 'payout.reconciliation_completed' })
  },
  'payout.fail': (space, subject) => {
    const [id = '', code = ''] = subject.split(' ')
    const { object } = space.get('payout', id)
    if (isOnItsWay(object) || object.status === 'paid') failPayout(space, id, code)
  },
}

function arrive(space: Space, id: string): void {
  const { object } = space.get('payout', id)
  if (!isOnItsWay(object)) return
  const bank = space.find('external_account', idOf(object.destination) ?? '')
  const refusal = bank === undefined ? undefined : failingBankNumbers[bank.hidden.number.slice(-9)]
  if (refusal !== undefined) {
    failPayout(space, id, refusal)
    return
  }
  const trace = { status: 'supported', value: space.world.ids.letters(15).toUpperCase() }
  changePayout(space, id, { fields: { status: 'paid', trace_id: trace }, news: 'payout.paid' })
}

function returnFunds(space: Space, id: string, type: 'payout_failure' | 'payout_cancel'): string {
  const { amount, currency } = space.get('payout', id).object
  const transaction = post(space, {
    type,
    reportingCategory: 'payout_reversal',
    amount,
    fee: 0,
    currency,
    availableOn: space.world.nowSeconds(),
    source: id,
    description: type === 'payout_failure' ? 'PAYOUT FAILURE' : 'PAYOUT CANCEL',
  })
  return transaction.id
}

function schedule(space: Space, wish: { action: string; subject: string; at: number }): void {
  space.world.schedule(space, { dueAt: wish.at, action: wish.action, subject: wish.subject })
}
