/** The payer tells what arrived (SBX-43): right amounts go on with the payment or the setup, too many wrong ones end it. */
import type Stripe from 'stripe'
import { StripeRefusal, refuse, refuseState } from '../errors.ts'
import type { ErrorBody } from '../errors.ts'
import { microdepositTries } from '../facts.ts'
import { rejectPayment, rejectSetup, saveMethod } from '../money/payment-outcome.ts'
import { getIntent } from '../parts/client-secret.ts'
import { idOf } from '../parts/reference.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { integer, list, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { beginProcessing } from './confirm-debit.ts'
import { changeMandate } from './mandates.ts'
import { exhaustingAmounts, exhaustingCode, rightAmounts, rightCode } from './microdeposit.ts'

type Intent = Row<'payment_intent'> | Row<'setup_intent'>

const answering = { amounts: list(integer()), descriptor_code: text(20), client_secret: text() }
type Answer = Values<typeof answering>

const codes = 'payment_method_microdeposit_verification'

/** Throws StripeRefusal for anything that is no answer at all: neither, both, not two positive amounts. */
function checkAnswer({ amounts, descriptor_code: code }: Answer): void {
  if (amounts !== undefined && code !== undefined)
    throw refuse('You may only specify one of these parameters: amounts, descriptor_code.', {
      param: 'descriptor_code',
    })
  if (amounts === undefined && code === undefined)
    throw refuse('Missing required param: amounts.', { code: 'parameter_missing', param: 'amounts' })
  const isWrong = amounts !== undefined && (amounts.length !== 2 || amounts.some((amount) => amount <= 0))
  if (isWrong)
    throw refuse('You must provide two positive amounts.', { code: `${codes}_amounts_invalid`, param: 'amounts' })
}

function isSame(given: readonly number[] | undefined, expected: readonly number[]): boolean {
  return given !== undefined && given.toSorted((a, b) => a - b).join() === expected.join()
}

function verify(call: Call<Answer>, intent: Intent): Intent {
  const { space, params } = call
  if (intent.object.next_action?.type !== 'verify_with_microdeposits') {
    const name = intent.kind === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent'
    const message = `You cannot verify microdeposits of this ${name} because it has a status of ${intent.object.status}, and no microdeposits are to be verified.`
    throw refuseState(message, `${intent.kind}_unexpected_state`, { [intent.kind]: intent.object })
  }
  checkAnswer(params)
  const { mandate, wrongTries } = space.get('microdeposit', intent.id).object
  const method = space.get('payment_method', idOf(intent.object.payment_method) ?? '')
  if (isSame(params.amounts, rightAmounts) || params.descriptor_code === rightCode)
    return proceed(space, intent, { method, mandate })
  const isOver =
    isSame(params.amounts, exhaustingAmounts) ||
    params.descriptor_code === exhaustingCode ||
    wrongTries + 1 >= microdepositTries
  if (isOver) return giveUp(space, intent, { method, mandate })
  space.update('microdeposit', intent.id, { object: { wrongTries: wrongTries + 1 } })
  const left = microdepositTries - wrongTries - 1
  const what = params.amounts === undefined ? 'descriptor_code' : 'amounts'
  throw answered({
    code: `${codes}_${what}_mismatch`,
    message: `The ${what === 'amounts' ? 'amounts' : 'descriptor code'} provided do not match the ones sent to the bank account. You have ${left} verification ${left === 1 ? 'attempt' : 'attempts'} left.`,
    param: what,
  })
}

/** A wrong answer counts, so its effects stay. */
function answered(body: Omit<ErrorBody, 'type'>): StripeRefusal {
  return new StripeRefusal(400, { type: 'invalid_request_error', ...body }, true)
}

function proceed(space: Space, intent: Intent, verified: { method: Row<'payment_method'>; mandate: string }): Intent {
  const { mandate } = verified
  const method = space.update('payment_method', verified.method.id, { hidden: { isSetUp: true } })
  changeMandate(space, mandate, 'active')
  return intent.kind === 'payment_intent'
    ? beginProcessing(space, intent as Row<'payment_intent'>, { method, mandate, isNew: true })
    : saveMethod(space, intent as Row<'setup_intent'>, method)
}

function giveUp(space: Space, intent: Intent, failed: { method: Row<'payment_method'>; mandate: string }): never {
  changeMandate(space, failed.mandate, 'inactive')
  const code = `${codes}_attempts_exceeded`
  const message = 'You have exceeded the number of allowed verification attempts.'
  const error = { type: 'invalid_request_error', code, message, payment_method: failed.method.object } as const
  if (intent.kind === 'payment_intent') {
    const payment = intent as Row<'payment_intent'>
    const last: Stripe.PaymentIntent.LastPaymentError = error
    const row = rejectPayment(space, payment, { error: last, latestCharge: idOf(payment.object.latest_charge) })
    throw answered({ code, message, payment_intent: row.object })
  }
  const last: Stripe.SetupIntent.LastSetupError = error
  const row = rejectSetup(space, intent as Row<'setup_intent'>, last)
  throw answered({ code, message, setup_intent: row.object })
}

export const microdeposits: ObjectModule = {
  operations: [
    operation({
      method: 'POST',
      path: '/v1/payment_intents/:id/verify_microdeposits',
      permission: 'payment_intent_write',
      parameters: answering,
      run: (call) => shown(verify(call, getIntent(call, 'payment_intent'))),
    }),
    operation({
      method: 'POST',
      path: '/v1/setup_intents/:id/verify_microdeposits',
      permission: 'setup_intent_write',
      parameters: answering,
      run: (call) => shown(verify(call, getIntent(call, 'setup_intent'))),
    }),
  ],
}
