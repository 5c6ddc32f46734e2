/**
 * Rehearsal: the test payment with which an operator tries the whole road before real money takes it (UI-130). It owns the renter such
 * payments are charged to and the progress that is shown. Invoice, charge and postings are the ordinary ones, made by the ordinary deeds.
 */
export { readTestPayment } from './read-test-payment.ts'
export { startTestPayment } from './start-test-payment.ts'
export { judgeTestPayment, testAmount, type TestPayment } from './test-payment.ts'
