/**
 * Reactions: what news from Stripe do here when they concern several modules at once (stripe.md §9). A payment with its refunds, an
 * invoice kept at Stripe, a saved method taken away, a warning of fraud, the account itself. It owns the flags of payments and nothing
 * else; all other writing is done by the modules below.
 */
export { listPaymentFlags, type PaymentFlag } from './flag-store.ts'
export { onStripeAccount } from './on-account.ts'
export { onStripeInvoice } from './on-invoice.ts'
export { onStripeCustomer, onStripeMandate, onStripeMethod } from './on-method.ts'
export { onStripePayment } from './on-payment.ts'
export { onFraudWarning } from './on-warning.ts'
