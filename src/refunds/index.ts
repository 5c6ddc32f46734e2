/**
 * Refunds: money going back. It owns the request with its guard, the call to Stripe, and everything Stripe says afterwards, including
 * refunds made in Stripe's Dashboard and those that fail weeks after they succeeded.
 */
export { followRefund, recoverRefunds, refundHandlers, refundJobs } from './jobs.ts'
export { onStripeChargeRefunded, onStripeRefund, settleRefund } from './on-stripe-refund.ts'
export type { Refund } from './refund.ts'
export { refundStateWords, type RefundState } from './refund-state.ts'
export { requestRefund, type RefundRequest } from './request-refund.ts'
export { findRefundByStripeId, listRefundsOfPayments } from './store.ts'
