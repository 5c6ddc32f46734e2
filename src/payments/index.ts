/**
 * Payments: money coming in. It owns the charge from its plan to its end, cash recorded by hand, the renter's own confirmation and the
 * link to it. `settle` is the only writer of money received; API answer, webhook, poller and "Check again" all end there.
 */
export { authenticatePayment, cancelPayment } from './authenticate-payment.ts'
export { followPayment } from './drive-payment.ts'
export { paymentHandlers, paymentJobs, planFollowing, recoverPayments, scopeOf } from './jobs.ts'
export { settleStripeInvoice, withdrawPayment } from './payment-intent.ts'
export { findCardMisfit, keys, type MoneyCall, type MoneyGround, type Payment } from './payment.ts'
export {
  findMoneyCall,
  listAttempts,
  planMoneyCall,
  updateMoneyCall,
  type Attempt,
  type MoneyCallPlan,
} from './money-call-store.ts'
export { mayRepeat } from './money-call-state.ts'
export { isOpen, isWorthFollowing, paymentStateWords, type PaymentState } from './payment-state.ts'
export { feeLines } from './post-payment.ts'
export { paymentProblems } from './problems.ts'
export { recordPayment, type ManualPayment } from './record-payment.ts'
export { settle, settleAll } from './settle.ts'
export { requestCharge, type ChargeRequest } from './request-charge.ts'
export {
  findOpenPayment,
  findPayment,
  findPaymentByIntent,
  findPaymentByRequestKey,
  hasTakenPayment,
  listNewestPayments,
  listPaymentsById,
  listPaymentsOfInvoice,
  listUnfinishedPayments,
  lockPayment,
} from './store.ts'
