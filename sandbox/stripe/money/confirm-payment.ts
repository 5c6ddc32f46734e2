/**
 * What happens when a payment is confirmed (SBX-21, SBX-22): the card's row in the table decides between money, a decline
 * and a 3-D Secure step. A decline is thrown, because the API answers it with 402, and keeps its effects: the failed
 * charge, the event and the intent that asks for another method all stay.
 */
import type Stripe from 'stripe'
import { authenticationRequired, getCard } from '../cards.ts'
import type { Decline } from '../cards.ts'
import { checkChargesAllowed } from '../connect/charges-allowed.ts'
import { startDebit } from '../debits/confirm-debit.ts'
import type { MandateWish } from '../debits/mandates.ts'
import { startAftermath } from '../disputes/open-dispute.ts'
import { refuse, refuseState } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { checkUsable } from '../objects/payment-method.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { declineRefusal, describeDecline } from './card-check.ts'
import { closeChallenge, describeNextAction, openChallenge } from './challenge.ts'
import { charge } from './charge.ts'
import { keepOrSpend, rejectPayment } from './payment-outcome.ts'

export interface Confirmation {
  readonly method: Row<'payment_method'> | undefined
  /** The payer is not there: nobody can answer a challenge. */
  readonly isOffSession: boolean
  readonly returnUrl: string | null
  /** `request_three_d_secure` was any or challenge. */
  readonly wantsChallenge: boolean
  /** `error_on_requires_action`: a needed challenge is a decline. */
  readonly refusesAction: boolean
  readonly checkoutSession: string | null
  /** For bank accounts. */
  readonly mandate?: MandateWish
}

const confirmable = ['requires_payment_method', 'requires_confirmation', 'requires_action']

/** Returns the intent as it stands after. Throws StripeRefusal: 400 for a wrong state or method, 402 for a decline. */
export function confirmPayment(space: Space, intentId: string, confirmation: Confirmation): Row<'payment_intent'> {
  const intent = space.get('payment_intent', intentId)
  checkConfirmable(intent)
  checkChargesAllowed(space)
  const method = confirmation.method ?? findCurrentMethod(space, intent)
  if (method === undefined) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken."
    throw refuseState(message, 'payment_intent_unexpected_state', { payment_intent: intent.object })
  }
  checkMethod(intent, method)
  checkReturnUrl(space, intent, confirmation)
  closeChallenge(space, intent.hidden.challenge)
  const { isOffSession, returnUrl } = confirmation
  const started = space.update('payment_intent', intentId, {
    object: { payment_method: method.id, last_payment_error: null, next_action: null },
    hidden: { challenge: null, isOffSession, returnUrl },
  })
  if (method.hidden.bank !== null)
    return startDebit(space, started, { method, mandate: confirmation.mandate ?? {}, isOffSession })
  const verdict = judge(space, method, confirmation)
  if (verdict === 'approve') return takePayment(space, started, { method, wasAuthenticated: false })
  if (verdict === 'challenge') return askForChallenge(space, started, confirmation)
  return failPayment(space, started, { method, decline: verdict })
}

/** The bank's answer to a finished challenge. Returns the intent; a card may still be declined after it. */
export function finishPaymentChallenge(space: Space, intentId: string, hasPassed: boolean): Row<'payment_intent'> {
  const intent = space.get('payment_intent', intentId)
  const method = space.get('payment_method', idOf(intent.object.payment_method) ?? '')
  const open = space.update('payment_intent', intentId, { object: { next_action: null }, hidden: { challenge: null } })
  if (hasPassed) return takePayment(space, open, { method, wasAuthenticated: true })
  const message =
    'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.'
  const error: Stripe.PaymentIntent.LastPaymentError = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    message,
    payment_method: method.object,
  }
  return rejectPayment(space, open, { error, latestCharge: idOf(intent.object.latest_charge) })
}

function checkConfirmable(intent: Row<'payment_intent'>): void {
  const { status } = intent.object
  if (confirmable.includes(status)) return
  const reason =
    status === 'succeeded'
      ? 'it has already succeeded after being previously confirmed'
      : `it has a status of ${status}`
  throw refuseState(`You cannot confirm this PaymentIntent because ${reason}.`, 'payment_intent_unexpected_state', {
    payment_intent: intent.object,
  })
}

/** With the setting `strictReturnUrl` automatic payment methods demand a way back, off session as well [U]. */
function checkReturnUrl(space: Space, intent: Row<'payment_intent'>, confirmation: Confirmation): void {
  const { settings } = space.world.root.get('account', space.accountId).hidden
  const automatic = intent.object.automatic_payment_methods
  const mayRedirect = automatic?.enabled === true && automatic.allow_redirects !== 'never'
  if (settings.strictReturnUrl !== true || !mayRedirect || confirmation.returnUrl !== null) return
  const message =
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
  throw refuse(message, { param: 'return_url' })
}
type Judgement = 'approve' | 'challenge' | Decline

function findCurrentMethod(space: Space, intent: Row<'payment_intent'>): Row<'payment_method'> | undefined {
  const id = idOf(intent.object.payment_method)
  return id === null ? undefined : space.find('payment_method', id)
}

/** Throws StripeRefusal for a method of another customer, a spent one, and a type the intent does not take. */
export function checkMethod(intent: Row<'payment_intent'> | Row<'setup_intent'>, method: Row<'payment_method'>): void {
  const holder = idOf(method.object.customer)
  const customer = idOf(intent.object.customer)
  if (holder !== null && customer === null) {
    const message = `The provided PaymentMethod (${method.id}) belongs to the Customer ${holder}. Please include the Customer in the \`customer\` parameter.`
    throw refuse(message, { param: 'payment_method', code: 'payment_method_unexpected_state' })
  }
  if (holder !== null && holder !== customer) {
    const message = `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`
    throw refuse(message, { code: 'resource_missing', param: 'payment_method' })
  }
  checkUsable(method)
  const types = intent.object.payment_method_types
  if (!types.includes(method.object.type)) {
    const message = `The PaymentMethod provided (${method.object.type}) is not allowed here. Attach a PaymentMethod of one of these types: ${types.join(', ')}.`
    throw refuse(message, { code: 'payment_intent_incompatible_payment_method', param: 'payment_method' })
  }
}

function judge(space: Space, method: Row<'payment_method'>, confirmation: Confirmation): Judgement {
  const ordered = space.world.faults.decline(space, method.id)
  if (ordered !== undefined) return ordered
  const card = getCard(method.hidden.card ?? '')
  if (card.decline !== null) return card.decline
  const { isOffSession, wantsChallenge, refusesAction } = confirmation
  if (isOffSession) {
    const passes = card.authentication === 'never' || (card.authentication === 'unless_set_up' && method.hidden.isSetUp)
    return passes ? 'approve' : authenticationRequired
  }
  if (card.authentication === 'never' && !wantsChallenge) return 'approve'
  return refusesAction ? authenticationRequired : 'challenge'
}

function askForChallenge(
  space: Space,
  intent: Row<'payment_intent'>,
  confirmation: Confirmation,
): Row<'payment_intent'> {
  const { returnUrl, checkoutSession } = confirmation
  const token = openChallenge(space, { intentKind: 'payment_intent', intent: intent.id, returnUrl, checkoutSession })
  const row = space.update('payment_intent', intent.id, {
    object: { status: 'requires_action', next_action: describeNextAction(space, token, returnUrl) },
    hidden: { challenge: token },
  })
  emit(space, { type: 'payment_intent.requires_action', object: row.object })
  return row
}

function takePayment(
  space: Space,
  intent: Row<'payment_intent'>,
  attempt: { method: Row<'payment_method'>; wasAuthenticated: boolean },
): Row<'payment_intent'> {
  const { amount, capture_method: captureMethod } = intent.object
  const isCaptured = captureMethod !== 'manual'
  const paid = charge(space, { intent, ...attempt, decline: null, isCaptured })
  keepOrSpend(space, intent, attempt.method)
  const row = space.update('payment_intent', intent.id, {
    object: {
      status: isCaptured ? 'succeeded' : 'requires_capture',
      amount_received: isCaptured ? amount : 0,
      amount_capturable: isCaptured ? 0 : amount,
      latest_charge: paid.id,
      next_action: null,
    },
  })
  emit(space, {
    type: isCaptured ? 'payment_intent.succeeded' : 'payment_intent.amount_capturable_updated',
    object: row.object,
  })
  if (isCaptured) startAftermath(space, paid.id)
  return row
}

/** Leaves a failed charge and throws the decline, whose effects stay. */
function failPayment(
  space: Space,
  intent: Row<'payment_intent'>,
  attempt: { method: Row<'payment_method'>; decline: Decline },
): never {
  const { method, decline } = attempt
  const failed = charge(space, { intent, method, decline, isCaptured: false, wasAuthenticated: false })
  const error: Stripe.PaymentIntent.LastPaymentError = {
    ...describeDecline(decline),
    code: decline.code as Stripe.PaymentIntent.LastPaymentError.Code,
    charge: failed.id,
    payment_method: method.object,
  }
  const row = rejectPayment(space, intent, { error, latestCharge: failed.id })
  throw declineRefusal(decline, { charge: failed.id, payment_method: method.object, payment_intent: row.object }, true)
}
