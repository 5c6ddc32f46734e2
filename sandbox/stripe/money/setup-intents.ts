/**
 * The life of a SetupIntent: a card is saved for later charges, after a 3-D Secure step where its bank wants one. As with
 * payments a refusal by the bank is thrown and keeps its effects.
 */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import type { Decline } from '../cards.ts'
import type { MandateWish } from '../debits/mandates.ts'
import { startDebitSetup } from '../debits/setup-debit.ts'
import { refuseState } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { MetadataChange } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { declineRefusal, describeDecline } from './card-check.ts'
import { closeChallenge, describeNextAction, openChallenge } from './challenge.ts'
import { checkMethod } from './confirm-payment.ts'
import { rejectSetup, saveMethod } from './payment-outcome.ts'

export interface SetupSeed {
  readonly customer: string | null
  readonly description: string | null
  readonly metadata: MetadataChange | undefined
  readonly usage: 'on_session' | 'off_session'
  readonly methodTypes: readonly string[]
  readonly allowedTypes: readonly string[] | null
  readonly excludedTypes: readonly string[] | null
  readonly automatic: Stripe.SetupIntent.AutomaticPaymentMethods | null
  readonly requestThreeDSecure: string
  readonly checkoutSession: string | null
}

export interface SetupConfirmation {
  readonly method: Row<'payment_method'> | undefined
  readonly returnUrl: string | null
  readonly wantsChallenge: boolean
  readonly checkoutSession: string | null
  /** For bank accounts. */
  readonly mandate?: MandateWish
}

/** Writes a new intent and its event. */
export function createSetupIntent(space: Space, seed: SetupSeed): Row<'setup_intent'> {
  const id = space.world.ids.id('seti')
  const object: Stripe.SetupIntent = {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: seed.allowedTypes as Stripe.SetupIntent.AllowedPaymentMethodType[] | null,
    application: null,
    automatic_payment_methods: seed.automatic,
    cancellation_reason: null,
    client_secret: `${id}_secret_${space.world.ids.letters(25)}`,
    created: space.world.nowSeconds(),
    customer: seed.customer,
    customer_account: null,
    description: seed.description,
    excluded_payment_method_types: seed.excludedTypes as Stripe.SetupIntent.ExcludedPaymentMethodType[] | null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: space.isLive,
    managed_payments: null,
    mandate: null,
    metadata: changeMetadata({}, seed.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: buildSetupOptions(seed.methodTypes, seed.requestThreeDSecure),
    payment_method_types: [...seed.methodTypes],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: seed.usage,
  }
  const hidden = { checkoutSession: seed.checkoutSession, challenge: null, returnUrl: null }
  const row = space.insert('setup_intent', id, { object, hidden })
  emit(space, { type: 'setup_intent.created', object: row.object })
  return row
}

/** How each kind of method is handled, as an intent shows it; kinds without settings are left out. */
function buildSetupOptions(
  types: readonly string[],
  requestThreeDSecure: string,
): Stripe.SetupIntent.PaymentMethodOptions {
  const card = { mandate_options: null, network: null, request_three_d_secure: requestThreeDSecure }
  return {
    ...(types.includes('card') && { card }),
    ...(types.includes('us_bank_account') && { us_bank_account: { verification_method: 'automatic' } }),
    ...(types.includes('acss_debit') && { acss_debit: { currency: null, verification_method: 'automatic' } }),
    ...(types.includes('sepa_debit') && { sepa_debit: {} }),
    ...(types.includes('bacs_debit') && { bacs_debit: {} }),
    ...(types.includes('payto') && { payto: {} }),
  }
}

/** Returns the intent as it stands after. Throws StripeRefusal: 400 for a wrong state or method, 402 for a refused card. */
export function confirmSetup(space: Space, intentId: string, confirmation: SetupConfirmation): Row<'setup_intent'> {
  const intent = space.get('setup_intent', intentId)
  const { status } = intent.object
  if (['succeeded', 'canceled', 'processing'].includes(status)) {
    const message = `You cannot confirm this SetupIntent because it has a status of ${status}.`
    throw refuseState(message, 'setup_intent_unexpected_state', { setup_intent: intent.object })
  }
  const current = idOf(intent.object.payment_method)
  const method = confirmation.method ?? (current === null ? undefined : space.find('payment_method', current))
  if (method === undefined) {
    const message =
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again."
    throw refuseState(message, 'setup_intent_unexpected_state', { setup_intent: intent.object })
  }
  checkMethod(intent, method)
  closeChallenge(space, intent.hidden.challenge)
  const started = space.update('setup_intent', intentId, {
    object: {
      payment_method: method.id,
      last_setup_error: null,
      next_action: null,
      latest_attempt: space.world.ids.id('setatt'),
    },
    hidden: { challenge: null, returnUrl: confirmation.returnUrl },
  })
  if (method.hidden.bank !== null)
    return startDebitSetup(space, started, { method, mandate: confirmation.mandate ?? {} })
  const card = getCard(method.hidden.card ?? '')
  if (card.decline !== null && card.declinesSetup) return failSetup(space, started, { method, decline: card.decline })
  if (card.authentication !== 'never' || confirmation.wantsChallenge)
    return askForChallenge(space, started, confirmation)
  return saveMethod(space, started, method)
}

/** The bank's answer to a finished challenge. */
export function finishSetupChallenge(space: Space, intentId: string, hasPassed: boolean): Row<'setup_intent'> {
  const intent = space.get('setup_intent', intentId)
  const method = space.get('payment_method', idOf(intent.object.payment_method) ?? '')
  const open = space.update('setup_intent', intentId, { object: { next_action: null }, hidden: { challenge: null } })
  if (hasPassed) return saveMethod(space, open, method)
  return rejectSetup(space, open, {
    type: 'invalid_request_error',
    code: 'setup_intent_authentication_failure',
    message: 'The latest attempt to set up the payment method has failed because authentication failed.',
    payment_method: method.object,
  })
}

/** Ends an intent for good. Throws StripeRefusal when it is too late. */
export function cancelSetupIntent(
  space: Space,
  intent: Row<'setup_intent'>,
  reason: Stripe.SetupIntent.CancellationReason | null,
): Row<'setup_intent'> {
  const { status } = intent.object
  if (['succeeded', 'canceled', 'processing'].includes(status)) {
    const message = `You cannot cancel this SetupIntent because it has a status of ${status}. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.`
    throw refuseState(message, 'setup_intent_unexpected_state', { setup_intent: intent.object })
  }
  closeChallenge(space, intent.hidden.challenge)
  const row = space.update('setup_intent', intent.id, {
    object: { status: 'canceled', cancellation_reason: reason, next_action: null },
    hidden: { challenge: null },
  })
  emit(space, { type: 'setup_intent.canceled', object: row.object })
  return row
}

function askForChallenge(
  space: Space,
  intent: Row<'setup_intent'>,
  confirmation: SetupConfirmation,
): Row<'setup_intent'> {
  const { returnUrl, checkoutSession } = confirmation
  const token = openChallenge(space, { intentKind: 'setup_intent', intent: intent.id, returnUrl, checkoutSession })
  const row = space.update('setup_intent', intent.id, {
    object: {
      status: 'requires_action',
      next_action: describeNextAction(space, token, returnUrl) as Stripe.SetupIntent.NextAction,
    },
    hidden: { challenge: token },
  })
  emit(space, { type: 'setup_intent.requires_action', object: row.object })
  return row
}

function failSetup(
  space: Space,
  intent: Row<'setup_intent'>,
  attempt: { method: Row<'payment_method'>; decline: Decline },
): never {
  const { method, decline } = attempt
  const row = rejectSetup(space, intent, {
    ...describeDecline(decline),
    code: decline.code as Stripe.SetupIntent.LastSetupError.Code,
    payment_method: method.object,
  })
  throw declineRefusal(decline, { payment_method: method.object, setup_intent: row.object }, true)
}
