/** What a charge says about the card it was made with, and about the bank's answer. */
import type Stripe from 'stripe'
import type { Decline } from '../cards.ts'
import type { Row } from '../world/kinds.ts'

interface CardAttempt {
  readonly intent: Row<'payment_intent'>
  readonly method: Row<'payment_method'>
  readonly decline: Decline | null
  readonly wasAuthenticated: boolean
}

/** Why a charge ended as it did: the words of the network, or of Stripe when the risk was too high. */
export function buildCardOutcome(decline: Decline | null): Stripe.Charge.Outcome {
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

/** The card as the charge shows it, with what the network said about this attempt. */
export function buildCardDetails(attempt: CardAttempt): Stripe.Charge.PaymentMethodDetails.Card {
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
