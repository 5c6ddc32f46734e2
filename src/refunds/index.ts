/**
 * Refunds: money going back. It owns the request with its guard, the waiting for funds, the call to Stripe, and everything Stripe says
 * afterwards, including refunds made in Stripe's Dashboard and those that fail weeks after they succeeded.
 */
export { changeWaiting, refundDecisions, retryAsNew, type RefundDecision } from './change-waiting.ts'
export { followRefund, recoverRefunds, refundHandlers, refundJobs } from './jobs.ts'
export { onStripeChargeRefunded, onStripeRefund, refundReactions, settleRefund } from './on-stripe-refund.ts'
export { readFunds } from './read-funds.ts'
export { isHeldByStripe, missingMinor, type Refund } from './refund.ts'
export { mayStep, refundStates, refundStateWords, type RefundState } from './refund-state.ts'
export { requestRefund, type RefundRequest } from './request-refund.ts'
export {
  findRefundByStripeId,
  listRefunds,
  listRefundsOfPayments,
  listRefundsShortOfFunds,
  listRetried,
} from './store.ts'
