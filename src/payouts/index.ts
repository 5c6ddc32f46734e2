/**
 * Payouts: money reaching the bank. It owns the payouts as Stripe tells them, the schedule and the banks as Stripe reports them, and what is
 * done about a payout that failed: the cause in words, a look on the next business day, and sending it again where payouts are made by hand.
 * What is in a payout, and the books of it, are still to come.
 */
export { recoverPayouts } from './follow-payouts.ts'
export { payoutHandlers, payoutJobs } from './jobs.ts'
export { alsoLookAtBanks, onStripePayout } from './on-stripe-payout.ts'
export { isTroubled, type Payout } from './payout.ts'
export { requestRetry } from './payout-retry.ts'
export { payoutStates, payoutWords } from './payout-state.ts'
export {
  bankWords,
  checkPayout,
  checkTroubles,
  explainTrouble,
  listPayoutTroubles,
  payoutTellers,
  readPayoutGap,
  tellPayoutGap,
  type PayoutTrouble,
} from './payout-trouble.ts'
export { refuse as refusePayout } from './problems.ts'
export { readPayouts, type PayoutsView } from './read-payouts.ts'
export { savePayoutSchedule } from './save-payout-schedule.ts'
export { findPayout, listPayoutCurrencies, listPayouts, listRetries } from './store.ts'
