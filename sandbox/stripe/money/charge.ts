/** One attempt to take money: the charge it leaves, whether it went well or not, and its line in the books. */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import type { Decline } from '../cards.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { cardFeeOf } from './amounts.ts'
import { collectFee, feeOf } from '../payouts/fees.ts'
import { cardFundsAvailableOn, post } from './books.ts'

interface Attempt {
  readonly intent: Row<'payment_intent'>
  readonly method: Row<'payment_method'>
  /** Null when the bank said yes. */
  readonly decline: Decline | null
  /** When false the money is only held until a capture. */
  readonly isCaptured: boolean
  readonly wasAuthenticated: boolean
}

/** Writes the charge with its event, and for money that was taken the balance transaction. */
export function charge(space: Space, attempt: Attempt): Row<'charge'> {
  const { intent, method, decline } = attempt
  const id = space.world.ids.id('ch')
  const isPaid = decline === null
  const isTaken = isPaid && attempt.isCaptured
  space.insert('charge', id, { object: buildCharge(space, id, attempt), hidden: { card: method.hidden.card } })
  if (isTaken) settle(space, id, intent.object.amount)
  const row = space.get('charge', id)
  emit(space, { type: isPaid ? 'charge.succeeded' : 'charge.failed', object: row.object })
  return row
}

/** Takes held money, all or part of it, and tells of it. */
export function captureCharge(space: Space, chargeId: string, amount: number): Row<'charge'> {
  const before = space.get('charge', chargeId)
  settle(space, chargeId, amount)
  const row = space.update('charge', chargeId, { object: { captured: true, amount_captured: amount } })
  emit(space, { type: 'charge.captured', object: row.object, before: before.object })
  return row
}

/** Gives held money back unseen: nothing ever reached the balance. */
export function releaseCharge(space: Space, chargeId: string): void {
  const before = space.get('charge', chargeId)
  const row = space.update('charge', chargeId, { object: { refunded: true, amount_refunded: before.object.amount } })
  emit(space, { type: 'charge.refunded', object: row.object, before: before.object })
}

function settle(space: Space, chargeId: string, amount: number): void {
  const { object, hidden } = space.get('charge', chargeId)
  const { world } = space
  const isAtOnce = hidden.card !== null && getCard(hidden.card).fundsAtOnce
  const applicationFee = feeOf(space, object, amount)
  const availableOn = isAtOnce ? world.nowSeconds() : cardFundsAvailableOn(space)
  const transaction = post(space, {
    type: 'charge',
    reportingCategory: 'charge',
    amount,
    fee: cardFeeOf(amount, object.currency) + (applicationFee?.amount ?? 0),
    applicationFee,
    currency: object.currency,
    availableOn,
    source: chargeId,
    description: object.description,
  })
  space.update('charge', chargeId, { object: { balance_transaction: transaction.id } })
  if (applicationFee !== undefined) collectFee(space, chargeId, { ...applicationFee, availableOn })
}

function buildCharge(space: Space, id: string, attempt: Attempt): Stripe.Charge {
  const { intent, method, decline, isCaptured } = attempt
  const {
    amount,
    currency,
    description,
    metadata,
    receipt_email: receiptEmail,
    statement_descriptor_suffix: suffix,
  } = intent.object
  const isPaid = decline === null
  const account = space.world.root.get('account', space.accountId).object
  const descriptor = account.settings?.payments.statement_descriptor ?? null
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: isPaid && isCaptured ? amount : 0,
    amount_refunded: 0,
    application: idOf(intent.object.application),
    application_fee: null,
    application_fee_amount: intent.object.application_fee_amount,
    balance_transaction: null,
    billing_details: method.object.billing_details,
    calculated_statement_descriptor: suffix === null ? descriptor : `${descriptor}* ${suffix}`.slice(0, 22),
    captured: isPaid && isCaptured,
    created: space.world.nowSeconds(),
    currency,
    customer: idOf(intent.object.customer),
    description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: space.isLive,
    metadata: { ...metadata },
    on_behalf_of: null,
    outcome: buildOutcome(decline),
    paid: isPaid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { card: buildCardDetails(attempt), type: 'card' },
    receipt_email: receiptEmail,
    receipt_number: null,
    receipt_url: isPaid ? `${space.world.publicUrl}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: intent.object.shipping as Stripe.Charge.Shipping | null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.object.statement_descriptor,
    statement_descriptor_suffix: suffix,
    status: isPaid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: intent.object.transfer_group,
  }
}

function buildOutcome(decline: Decline | null): Stripe.Charge.Outcome {
  const nothing = { advice_code: null, network_advice_code: null, network_decline_code: null, reason: null }
  if (decline === null) {
    const words = { network_status: 'approved_by_network', seller_message: 'Payment complete.', type: 'authorized' }
    return { ...nothing, ...words, risk_level: 'normal', risk_score: 20 }
  }
  if (decline.declineCode === 'fraudulent') {
    const words = {
      network_status: 'not_sent_to_network',
      seller_message: 'Stripe blocked this payment as too risky.',
      type: 'blocked',
    }
    return {
      ...nothing,
      ...words,
      advice_code: decline.adviceCode,
      reason: 'highest_risk_level',
      risk_level: 'highest',
      risk_score: 90,
    }
  }
  return {
    ...nothing,
    advice_code: decline.adviceCode,
    network_status: 'declined_by_network',
    reason: decline.declineCode,
    risk_level: 'normal',
    risk_score: 20,
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined',
  }
}

function buildCardDetails(attempt: Attempt): Stripe.Charge.PaymentMethodDetails.Card {
  const card = attempt.method.object.card as Stripe.PaymentMethod.Card
  const isPaid = attempt.decline === null
  const authentication: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
    authentication_flow: 'challenge',
    electronic_commerce_indicator: '05',
    exemption_indicator: null,
    result: 'authenticated',
    result_reason: null,
    transaction_id: attempt.intent.id.slice(-12),
    version: '2.2.0',
  }
  return {
    amount_authorized: isPaid ? attempt.intent.object.amount : null,
    authorization_code: isPaid ? attempt.intent.id.slice(-6) : null,
    brand: card.brand,
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: attempt.wasAuthenticated ? '05' : null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    extended_authorization: { status: 'disabled' },
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: card.last4,
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: isPaid ? attempt.intent.id.slice(-15) : null,
    overcapture: { maximum_amount_capturable: attempt.intent.object.amount, status: 'unavailable' },
    regulated_status: card.regulated_status,
    three_d_secure: attempt.wasAuthenticated ? authentication : null,
    transaction_link_id: null,
    wallet: null,
  }
}
