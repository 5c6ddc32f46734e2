/** The life of a PaymentIntent besides its confirmation: how it begins, how it is canceled, how held money is taken. */
import type Stripe from 'stripe'
import { failDebitCharge } from '../debits/debit-charge.ts'
import { isDebitType, rulesOf } from '../debits/debit-types.ts'
import { startAftermath } from '../disputes/open-dispute.ts'
import { refuse, refuseState } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { MetadataChange } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { checkChargeAmount } from './amounts.ts'
import { closeChallenge } from './challenge.ts'
import { captureCharge, releaseCharge } from './charge.ts'

export interface IntentSeed {
  readonly amount: number
  /** The platform's application that makes it for a connected account. */
  readonly application?: string | null
  readonly applicationFee?: number | null
  readonly currency: string
  readonly customer: string | null
  readonly captureMethod: Stripe.PaymentIntent.CaptureMethod
  readonly confirmationMethod?: Stripe.PaymentIntent.ConfirmationMethod
  readonly description: string | null
  readonly metadata: MetadataChange | undefined
  readonly receiptEmail: string | null
  readonly setupFutureUsage: 'on_session' | 'off_session' | null
  readonly shipping?: Stripe.PaymentIntent.Shipping | null
  readonly statementDescriptor: string | null
  readonly statementDescriptorSuffix: string | null
  readonly transferGroup?: string | null
  readonly methodTypes: readonly string[]
  readonly allowedTypes: readonly string[] | null
  readonly excludedTypes?: readonly string[] | null
  readonly automatic: Stripe.PaymentIntent.AutomaticPaymentMethods | null
  readonly requestThreeDSecure?: string
  readonly checkoutSession: string | null
  /** The invoice the intent is to pay. */
  readonly invoice?: string
}

/** Writes a new intent and its event. Throws StripeRefusal for an amount that cannot be taken. */
export function createPaymentIntent(space: Space, seed: IntentSeed): Row<'payment_intent'> {
  checkChargeAmount(seed.amount, seed.currency)
  const newId = space.world.ids.id('pi')
  const object: Stripe.PaymentIntent = {
    id: newId,
    object: 'payment_intent',
    allowed_payment_method_types:
      seed.allowedTypes === null ? null : ([...seed.allowedTypes] as Stripe.PaymentIntent.AllowedPaymentMethodType[]),
    amount: seed.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: seed.application ?? null,
    application_fee_amount: seed.applicationFee ?? null,
    automatic_payment_methods: seed.automatic,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: seed.captureMethod,
    client_secret: `${newId}_secret_${space.world.ids.letters(25)}`,
    confirmation_method: seed.confirmationMethod ?? 'automatic',
    created: space.world.nowSeconds(),
    currency: seed.currency,
    customer: seed.customer,
    customer_account: null,
    description: seed.description,
    excluded_payment_method_types:
      seed.excludedTypes === undefined || seed.excludedTypes === null
        ? null
        : ([...seed.excludedTypes] as Stripe.PaymentIntent.ExcludedPaymentMethodType[]),
    last_payment_error: null,
    latest_charge: null,
    livemode: space.isLive,
    managed_payments: null,
    metadata: changeMetadata({}, seed.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: buildMethodOptions(seed.methodTypes, seed.requestThreeDSecure),
    payment_method_types: [...seed.methodTypes],
    payment_record: null,
    processing: null,
    receipt_email: seed.receiptEmail,
    review: null,
    setup_future_usage: seed.setupFutureUsage,
    shipping: seed.shipping ?? null,
    source: null,
    statement_descriptor: seed.statementDescriptor,
    statement_descriptor_suffix: seed.statementDescriptorSuffix,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: seed.transferGroup ?? null,
  }
  const row = space.insert('payment_intent', newId, { object, hidden: blankHidden(seed) })
  emit(space, { type: 'payment_intent.created', object: row.object })
  return row
}

function blankHidden(seed: IntentSeed): Row<'payment_intent'>['hidden'] {
  const belongsTo = seed.invoice === undefined ? {} : { invoice: seed.invoice }
  return { checkoutSession: seed.checkoutSession, challenge: null, returnUrl: null, isOffSession: false, ...belongsTo }
}

/** How each kind of method is handled, as an intent shows it. */
export function buildMethodOptions(
  types: readonly string[],
  requestThreeDSecure = 'automatic',
): Stripe.PaymentIntent.PaymentMethodOptions {
  const card = {
    installments: null,
    mandate_options: null,
    network: null,
    request_three_d_secure: requestThreeDSecure,
  }
  return {
    ...(types.includes('card') && { card }),
    ...(types.includes('us_bank_account') && { us_bank_account: { verification_method: 'automatic' } }),
    ...(types.includes('acss_debit') && { acss_debit: { verification_method: 'automatic' } }),
    ...(types.includes('au_becs_debit') && { au_becs_debit: {} }),
    ...(types.includes('nz_bank_account') && { nz_bank_account: {} }),
    ...(types.includes('payto') && { payto: {} }),
    ...(types.includes('sepa_debit') && { sepa_debit: {} }),
    ...(types.includes('bacs_debit') && { bacs_debit: {} }),
  }
}

/** Throws StripeRefusal for the intent of an invoice, which follows the invoice alone. */
export function checkOwnMaster({ hidden, object }: Row<'payment_intent'>): void {
  if (hidden.invoice === undefined) return
  const message = `This PaymentIntent belongs to the invoice ${hidden.invoice} and can only be changed through it.`
  throw refuseState(message, 'payment_intent_unexpected_state', { payment_intent: object })
}

const cancelable = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action']

/** Ends an intent for good; money that was only held goes back. Throws StripeRefusal when it is too late. */
export function cancelPaymentIntent(
  space: Space,
  intent: Row<'payment_intent'>,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): Row<'payment_intent'> {
  const { status } = intent.object
  const isDebit = status === 'processing' && mayStopDebit(space, intent)
  if (!cancelable.includes(status) && !isDebit) {
    const message = `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}, processing.`
    throw refuseState(message, 'payment_intent_unexpected_state', { payment_intent: intent.object })
  }
  closeChallenge(space, intent.hidden.challenge)
  const held = idOf(intent.object.latest_charge)
  if (status === 'requires_capture' && held !== null) releaseCharge(space, held)
  if (isDebit && held !== null)
    failDebitCharge(space, held, { code: 'canceled', message: 'The payment was canceled before the bank was asked.' })
  const row = space.update('payment_intent', intent.id, {
    object: {
      status: 'canceled',
      canceled_at: space.world.nowSeconds(),
      cancellation_reason: reason,
      amount_capturable: 0,
      next_action: null,
    },
    hidden: { challenge: null },
  })
  emit(space, { type: 'payment_intent.canceled', object: row.object })
  return row
}

/** Only an American debit can be stopped while the banks work on it (Stripe docs: cancel a PaymentIntent). */
function mayStopDebit(space: Space, intent: Row<'payment_intent'>): boolean {
  const type = space.find('payment_method', idOf(intent.object.payment_method) ?? '')?.object.type ?? ''
  return isDebitType(type) && rulesOf(type).isCancelable
}

/** Takes held money; what is not taken goes back to the payer. */
export function capturePaymentIntent(
  space: Space,
  intent: Row<'payment_intent'>,
  amountToCapture: number | undefined,
): Row<'payment_intent'> {
  const { status, amount_capturable: capturable } = intent.object
  const held = idOf(intent.object.latest_charge)
  if (status !== 'requires_capture' || held === null) {
    const message = `This PaymentIntent could not be captured because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`
    throw refuseState(message, 'payment_intent_unexpected_state', { payment_intent: intent.object })
  }
  const amount = amountToCapture ?? capturable
  if (amount > capturable) {
    const message = `The requested capture amount is greater than the amount you can capture for this charge.`
    throw refuse(message, { code: 'amount_too_large', param: 'amount_to_capture' })
  }
  captureCharge(space, held, amount)
  const row = space.update('payment_intent', intent.id, {
    object: { status: 'succeeded', amount_received: amount, amount_capturable: 0 },
  })
  emit(space, { type: 'payment_intent.succeeded', object: row.object })
  startAftermath(space, held)
  return row
}
