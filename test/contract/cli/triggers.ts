/**
 * The triggers of SBX-52: what each is to cause, read back from the API. A trigger's exit status proves nothing, and an event
 * proves only that it was told; so each has an effect that is looked for in the objects themselves.
 */
import type Stripe from 'stripe'
import {
  charge,
  changesMetadata,
  dispute,
  intentOf,
  invoice,
  isPaid,
  isPaidSession,
  isRefunded,
  method,
  payment,
  paymentIs,
  payout,
  refund,
  session,
  setup,
  setupIs,
} from './effects.ts'
import type { Trigger } from './effects.ts'

const paymentTriggers: readonly Trigger[] = [
  {
    name: 'charge.succeeded',
    event: 'charge.succeeded',
    says: 'the charge is paid and captured',
    effect: charge((object) => object.status === 'succeeded' && object.paid && object.captured),
  },
  {
    name: 'charge.failed',
    event: 'charge.failed',
    says: 'the charge failed as declined',
    effect: charge((object) => object.status === 'failed' && object.failure_code === 'card_declined'),
  },
  {
    name: 'charge.refunded',
    event: 'charge.refunded',
    says: 'the charge is refunded by one refund',
    effect: isRefunded,
  },
  {
    name: 'charge.refunded',
    event: 'refund.created',
    says: 'the refund exists over the whole amount',
    effect: refund((object) => object.amount === 100),
  },
  {
    name: 'charge.refund.updated',
    event: 'charge.refund.updated',
    says: 'the refund has the metadata',
    effect: refund((object) => object.metadata?.['order_id'] === '6735'),
    means: changesMetadata,
  },
  {
    name: 'charge.refund.updated',
    event: 'refund.updated',
    says: 'the refund has the metadata',
    effect: refund((object) => object.metadata?.['order_id'] === '6735'),
    means: changesMetadata,
  },
  {
    name: 'charge.dispute.created',
    event: 'charge.dispute.created',
    says: 'an inquiry waits for an answer',
    effect: dispute((object) => object.status === 'warning_needs_response'),
  },
  {
    name: 'charge.dispute.closed',
    event: 'charge.dispute.closed',
    says: 'the inquiry is closed',
    effect: dispute((object) => object.status === 'warning_closed'),
  },
  {
    name: 'payment_intent.succeeded',
    event: 'payment_intent.succeeded',
    says: 'the intent succeeded with its shipping',
    effect: payment((object) => object.status === 'succeeded' && object.shipping?.name === 'Jenny Rosen'),
  },
  {
    name: 'payment_intent.payment_failed',
    event: 'payment_intent.payment_failed',
    says: 'the intent asks for another method and says why',
    effect: payment(
      (object) => object.status === 'requires_payment_method' && object.last_payment_error?.code === 'card_declined',
    ),
  },
  {
    name: 'payment_intent.requires_action',
    event: 'payment_intent.requires_action',
    says: 'the intent waits for the payer',
    effect: paymentIs('requires_action'),
  },
  {
    name: 'payment_intent.processing',
    event: 'payment_intent.processing',
    says: 'the debit is on its way',
    effect: paymentIs('processing'),
  },
  {
    name: 'payment_intent.canceled',
    event: 'payment_intent.canceled',
    says: 'the intent is canceled as asked by the customer',
    effect: payment((object) => object.status === 'canceled' && object.cancellation_reason === 'requested_by_customer'),
  },
  {
    name: 'payment_intent.amount_capturable_updated',
    event: 'payment_intent.amount_capturable_updated',
    says: 'the amount is held and not captured',
    effect: payment((object) => object.status === 'requires_capture' && object.amount_capturable === 2000),
  },
]

const setupTriggers: readonly Trigger[] = [
  {
    name: 'setup_intent.succeeded',
    event: 'setup_intent.succeeded',
    says: 'the setup succeeded',
    effect: setupIs('succeeded'),
  },
  {
    name: 'setup_intent.setup_failed',
    event: 'setup_intent.setup_failed',
    says: 'the setup asks for another method and says why',
    effect: setup(
      (object) => object.status === 'requires_payment_method' && object.last_setup_error?.code === 'card_declined',
    ),
  },
  {
    name: 'setup_intent.requires_action',
    event: 'setup_intent.requires_action',
    says: 'the setup waits for the payer',
    effect: setupIs('requires_action'),
  },
  {
    name: 'setup_intent.canceled',
    event: 'setup_intent.canceled',
    says: 'the setup is canceled',
    effect: setupIs('canceled'),
  },
  {
    name: 'payment_method.attached',
    event: 'payment_method.attached',
    says: 'the card belongs to the customer',
    effect: method((object) => object.customer !== null),
  },
  {
    name: 'payment_method.detached',
    event: 'payment_method.detached',
    says: 'the card belongs to nobody',
    effect: method((object) => object.customer === null),
  },
]

const billingTriggers: readonly Trigger[] = [
  { name: 'invoice.paid', event: 'invoice.paid', says: 'the invoice and its intent are paid', effect: isPaid },
  {
    name: 'invoice.payment_succeeded',
    event: 'invoice.payment_succeeded',
    says: 'the invoice and its intent are paid',
    effect: isPaid,
  },
  {
    name: 'invoice.payment_failed',
    event: 'invoice.payment_failed',
    says: 'the invoice is open after one attempt',
    effect: invoice(
      async (object, seen) =>
        object.status === 'open' &&
        object.attempt_count === 1 &&
        (await intentOf(object, seen)) === 'requires_payment_method',
    ),
  },
  {
    name: 'invoice.payment_action_required',
    event: 'invoice.payment_action_required',
    says: 'the invoice is open and its intent waits for the payer',
    effect: invoice(
      async (object, seen) => object.status === 'open' && (await intentOf(object, seen)) === 'requires_action',
    ),
  },
  {
    name: 'checkout.session.completed',
    event: 'checkout.session.completed',
    says: 'the session is complete and paid',
    effect: isPaidSession,
  },
  {
    name: 'checkout.session.expired',
    event: 'checkout.session.expired',
    says: 'the session is expired',
    effect: session((object) => object.status === 'expired'),
  },
  {
    name: 'checkout.session.async_payment_succeeded',
    event: 'checkout.session.async_payment_succeeded',
    says: 'the session is complete and paid, 8 days on',
    afterDays: 8,
    effect: isPaidSession,
  },
]

const accountTriggers: readonly Trigger[] = [
  {
    name: 'payout.created',
    event: 'payout.created',
    says: 'the payout exists',
    effect: payout((object) => object.amount === 1100 && object.currency === 'usd'),
  },
  {
    name: 'payout.updated',
    event: 'payout.updated',
    says: 'the payout has the metadata',
    effect: payout((object) => object.metadata?.['foo'] === 'bar'),
    means: changesMetadata,
  },
  {
    name: 'balance.available',
    event: 'balance.available',
    says: 'the funds are available',
    async effect({ stripe, scope }) {
      const { available } = await stripe.balance.retrieve({}, scope)
      return available.some(({ amount, currency }) => currency === 'usd' && amount > 0) || available
    },
  },
  {
    name: 'account.updated',
    event: 'account.updated',
    says: 'the account has the metadata',
    async effect({ stripe, event }) {
      const account = await stripe.accounts.retrieve(event.account ?? '')
      return account.metadata?.['foo'] === 'bar' || account
    },
    means: changesMetadata,
    makesAccount: true,
    refusedOnConnect: 'platform_account_required',
  },
  {
    name: 'account.application.deauthorized',
    event: 'account.application.deauthorized',
    says: 'the account can not be reached any more',
    async effect({ stripe, event }) {
      try {
        return await stripe.balance.retrieve({}, { stripeAccount: event.account ?? '' })
      } catch (error) {
        return (error as Stripe.errors.StripeError).code === 'account_invalid' || error
      }
    },
    makesAccount: true,
    refusedOnConnect: 'platform_account_required',
  },
]

export const triggers: readonly Trigger[] = [
  ...paymentTriggers,
  ...setupTriggers,
  ...billingTriggers,
  ...accountTriggers,
]
