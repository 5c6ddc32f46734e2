/**
 * What happens when a payment by bank debit is confirmed: the mandate is found or written, an American account typed by
 * hand is verified by small deposits first, and then the payment is processing until its timer brings the result.
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { lateDebitDays, slowDebitMs } from '../facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import { keepOrSpend } from '../money/payment-outcome.ts'
import { emit } from '../objects/event.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { openDebitCharge } from './debit-charge.ts'
import { hasCapability, isDebitType, quickDebitMs, rulesOf } from './debit-types.ts'
import type { DebitType } from './debit-types.ts'
import { obtainMandate } from './mandates.ts'
import type { MandateWish } from './mandates.ts'
import { askForDeposits } from './microdeposit.ts'
import { getBank } from './test-accounts.ts'

interface DebitWish {
  readonly method: Row<'payment_method'>
  readonly mandate: MandateWish
  readonly isOffSession: boolean
}

/**
 * Throws StripeRefusal for an account that cannot be debited: blocked, in another currency, without the capability.
 */
export function startDebit(space: Space, intent: Row<'payment_intent'>, wish: DebitWish): Row<'payment_intent'> {
  const { method } = wish
  const { amount, currency, setup_future_usage: usage } = intent.object
  const type = method.object.type as DebitType
  if (!rulesOf(type).currencies.includes(currency)) {
    const message = `The payment method type ${type} cannot be used for payments in ${currency}.`
    throw refuse(message, { code: 'payment_method_currency_mismatch', param: 'payment_method' })
  }
  if (intent.object.capture_method === 'manual') {
    throw refuse(`The payment method type ${type} does not support manual capture.`, { param: 'capture_method' })
  }
  checkDebitable(space, method)
  const needsDeposits = type === 'us_bank_account' && !method.hidden.isSetUp
  const { mandate, isNew } = obtainMandate(space, {
    wish: wish.mandate,
    method,
    reach: usage === 'off_session' ? 'multi_use' : { amount, currency },
    isPending: needsDeposits,
    kind: 'payment_intent',
  })
  if (!needsDeposits) return beginProcessing(space, intent, { method, mandate: mandate.id, isNew })
  if (wish.isOffSession) {
    const message = 'The bank account was not verified yet, so it cannot be debited while the customer is away.'
    // The code of an unverified account that is charged off session [U].
    throw refuse(message, { code: 'bank_account_unverified', param: 'payment_method' })
  }
  const row = space.update('payment_intent', intent.id, {
    object: { status: 'requires_action', next_action: askForDeposits(space, intent.id, mandate.id) },
  })
  emit(space, { type: 'payment_intent.requires_action', object: row.object })
  return row
}

/**
 * Throws StripeRefusal for an account its bank blocked, and for a kind of debit the merchant may not take.
 */
export function checkDebitable(space: Space, method: Row<'payment_method'>): void {
  const { type } = method.object
  const account = space.world.root.get('account', space.accountId).object
  if (isDebitType(type) && !hasCapability(account, type)) {
    const message = `Your account must have the \`${rulesOf(type).capability}\` capability enabled to use the payment method type ${type}.`
    // The code of a debit without its capability, and the sentence, are ours [U].
    throw refuse(message, { code: 'capability_not_active', param: 'payment_method' })
  }
  if (method.object.us_bank_account?.status_details?.blocked !== undefined) {
    const message = 'This bank account was blocked after a debit from it failed. Ask the customer for another one.'
    throw refuse(message, { code: 'payment_method_bank_account_blocked', param: 'payment_method' })
  }
}

/** The banks have it: the charge is pending, and the result follows by a timer. */
export function beginProcessing(
  space: Space,
  intent: Row<'payment_intent'>,
  debit: { method: Row<'payment_method'>; mandate: string; isNew: boolean },
): Row<'payment_intent'> {
  const dueAt = resultAt(space, debit.method, debit.isNew)
  const charge = openDebitCharge(space, { ...debit, intent, dueAt })
  keepOrSpend(space, intent, debit.method)
  const change: Partial<Stripe.PaymentIntent> = { status: 'processing', latest_charge: charge.id, next_action: null }
  const row = space.update('payment_intent', intent.id, { object: change })
  emit(space, { type: 'payment_intent.processing', object: row.object })
  space.world.schedule(space, { dueAt, action: 'debit.result', subject: charge.id })
  return row
}

/** Milliseconds. */
function resultAt(space: Space, method: Row<'payment_method'>, isNewMandate: boolean): number {
  const nowMs = space.world.nowMs()
  const bank = getBank(method.hidden.bank ?? '')
  const { businessDays, newMandateDays } = rulesOf(bank.type)
  if (bank.timing === 'three_minutes') return nowMs + slowDebitMs
  if (businessDays === null) return nowMs + quickDebitMs
  const days = isNewMandate ? (newMandateDays ?? businessDays) : businessDays
  return afterBusinessDays(nowMs, bank.timing === 'late' ? days + lateDebitDays : days) * 1000
}
