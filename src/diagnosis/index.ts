/**
 * Diagnosis: known troubles, detected, explained and with a remedy (STR-105 to STR-112). It owns the list of checks, the rows of troubles
 * from the instant a cause is seen until it is gone, and the repair of a webhook; what is repaired belongs to the modules below, whose
 * deeds it calls.
 * What surprises: it decides nothing about money.
 */
export { recordTest } from './ask-stripe.ts'
export { diagnose, readOpenTroubles, type Check, type Diagnosis } from './diagnosis.ts'
export { checkCodes, deeds, doors, linkTargets } from './finding.ts'
export { diagnosisHandlers, diagnosisJobs, watchAll } from './jobs.ts'
export { checkPayouts, retryPayouts } from './payout-remedies.ts'
export { checkPayments, decideRefund, mailAgain, mailLink, runChecks, testAgain } from './remedies.ts'
export { repairWebhook, type Changes } from './repair-webhook.ts'
