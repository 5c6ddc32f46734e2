/**
 * Payouts: money reaching the bank. So far it knows when Stripe pays out and to which banks: read from Stripe each time, written through
 * Stripe where that is allowed. The payouts themselves and what is in them are still to come.
 */
export { readPayouts, type PayoutsView } from './read-payouts.ts'
export { savePayoutSchedule } from './save-payout-schedule.ts'
