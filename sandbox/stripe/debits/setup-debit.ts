/** What happens when a bank account is saved: most are saved at once, PayTo asks the payer first, America sends deposits. */
import type Stripe from 'stripe'
import { rejectSetup, saveMethod } from '../money/payment-outcome.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { TimerAction } from '../world/world.ts'
import { checkDebitable } from './confirm-debit.ts'
import { quickDebitMs } from './debit-types.ts'
import { changeMandate, obtainMandate } from './mandates.ts'
import type { MandateWish } from './mandates.ts'
import { askForDeposits } from './microdeposit.ts'
import { getBank } from './test-accounts.ts'

/** Throws StripeRefusal for an account that is blocked or not allowed, and for a mandate that is missing or over. */
export function startDebitSetup(
  space: Space,
  intent: Row<'setup_intent'>,
  wish: { method: Row<'payment_method'>; mandate: MandateWish },
): Row<'setup_intent'> {
  const { method } = wish
  checkDebitable(space, method)
  const { type } = method.object
  const needsDeposits = type === 'us_bank_account' && !method.hidden.isSetUp
  const isAsked = type === 'payto' && !method.hidden.isSetUp
  const { mandate } = obtainMandate(space, {
    wish: wish.mandate,
    method,
    reach: 'multi_use',
    isPending: needsDeposits || isAsked,
    kind: 'setup_intent',
  })
  const named = space.update('setup_intent', intent.id, { object: { mandate: mandate.id } })
  if (needsDeposits) {
    const row = space.update('setup_intent', intent.id, {
      object: { status: 'requires_action', next_action: askForDeposits(space, intent.id, mandate.id) },
    })
    emit(space, { type: 'setup_intent.requires_action', object: row.object })
    return row
  }
  if (!isAsked) return saveMethod(space, named, method)
  const dueAt = space.world.nowMs() + quickDebitMs
  space.world.schedule(space, { dueAt, action: 'debit.setup', subject: intent.id })
  return space.update('setup_intent', intent.id, { object: { status: 'processing' } })
}

export const debitSetupTimers: Readonly<Record<string, TimerAction>> = {
  'debit.setup': (space, id) => {
    const intent = space.get('setup_intent', id)
    if (intent.object.status !== 'processing') return
    const method = space.get('payment_method', idOf(intent.object.payment_method) ?? '')
    const mandate = idOf(intent.object.mandate) ?? ''
    const { failure } = getBank(method.hidden.bank ?? '')
    changeMandate(space, mandate, failure === null ? 'active' : 'inactive')
    if (failure === null) {
      saveMethod(space, intent, method)
      return
    }
    const error: Stripe.SetupIntent.LastSetupError = {
      type: 'invalid_request_error',
      code: failure.code,
      message: failure.message,
      payment_method: method.object,
    }
    rejectSetup(space, intent, error)
  },
}
