/** The banks' answer to a debit, days after its confirmation, and what may still come after a success (SBX-44). */
import type Stripe from 'stripe'
import { openDispute } from '../disputes/open-dispute.ts'
import { debitReturnDays } from '../facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import { concludeSession } from '../money/checkout-session.ts'
import { rejectPayment } from '../money/payment-outcome.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { failDebitCharge, succeedDebitCharge } from './debit-charge.ts'
import { endMandates } from './mandates.ts'
import { getBank } from './test-accounts.ts'
import type { Failure } from './test-accounts.ts'

export const debitTimers: Readonly<Record<string, TimerAction>> = {
  'debit.result': (space, chargeId) => {
    const { failure, isReturned } = bankOf(space, chargeId)
    if (!concludeDebit(space, chargeId, failure) || !isReturned) return
    const dueAt = afterBusinessDays(space.world.nowMs(), debitReturnDays) * 1000
    space.world.schedule(space, { dueAt, action: 'debit.return', subject: chargeId })
  },
  'debit.return': (space, chargeId) => {
    const { payment_method: method } = space.get('charge', chargeId).object
    openDispute(space, { charge: chargeId, kind: 'return', reason: 'debit_not_authorized' })
    if (method !== null) endMandates(space, method)
  },
}

/** What the account number says about the debit behind a charge. */
export function bankOf(space: Space, chargeId: string): ReturnType<typeof getBank> {
  const { payment_method: method } = space.get('charge', chargeId).object
  return getBank(space.get('payment_method', method ?? '').hidden.bank ?? '')
}

/** Ends a debit that is under way, with success when there is no failure. False when it has ended already. */
export function concludeDebit(space: Space, chargeId: string, failure: Failure | null): boolean {
  const charge = space.get('charge', chargeId)
  if (charge.object.status !== 'pending') return false
  const intent = space.get('payment_intent', idOf(charge.object.payment_intent) ?? '')
  const method = space.get('payment_method', charge.object.payment_method ?? '')
  const row = failure === null ? succeed(space, intent, charge) : fail(space, intent, { charge, method, ...failure })
  if (row.hidden.checkoutSession !== null) concludeSession(space, row.hidden.checkoutSession, failure === null)
  return true
}

function succeed(space: Space, intent: Row<'payment_intent'>, charge: Row<'charge'>): Row<'payment_intent'> {
  succeedDebitCharge(space, charge.id)
  const row = space.update('payment_intent', intent.id, {
    object: { status: 'succeeded', amount_received: intent.object.amount },
  })
  emit(space, { type: 'payment_intent.succeeded', object: row.object })
  return row
}

function fail(
  space: Space,
  intent: Row<'payment_intent'>,
  failed: Failure & { charge: Row<'charge'>; method: Row<'payment_method'> },
): Row<'payment_intent'> {
  const { charge, method, code, message, isFinal } = failed
  failDebitCharge(space, charge.id, { code, message })
  if (isFinal) blockAccount(space, method, code)
  const error: Stripe.PaymentIntent.LastPaymentError = {
    type: 'invalid_request_error',
    charge: charge.id,
    code,
    message,
    payment_method: space.get('payment_method', method.id).object,
  }
  return rejectPayment(space, intent, { error, latestCharge: charge.id })
}

/** What an American bank says about an account that is no good. */
const blocks: Readonly<Record<string, Stripe.PaymentMethod.UsBankAccount.StatusDetails.Blocked>> = {
  no_account: { network_code: 'R03', reason: 'bank_account_invalid_details' },
  account_closed: { network_code: 'R02', reason: 'bank_account_closed' },
  debit_not_authorized: { network_code: 'R10', reason: 'debit_not_authorized' },
}

/** A debit that failed because of the account itself ends its mandates, as does one that was taken back [U]. */
function blockAccount(space: Space, method: Row<'payment_method'>, code: string): void {
  const { us_bank_account: account } = method.object
  const blocked = blocks[code]
  if (account !== undefined && blocked !== undefined) {
    const row = space.update('payment_method', method.id, {
      object: { us_bank_account: { ...account, status_details: { blocked } } },
    })
    emit(space, { type: 'payment_method.automatically_updated', object: row.object, before: method.object })
  }
  endMandates(space, method.id)
}
