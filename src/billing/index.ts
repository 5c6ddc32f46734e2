/**
 * Billing: periods, prices of parts, taxes, invoices with their numbers, credit notes and what is owed. Money is received above, in
 * `payments`; this module says what an invoice is and what an allocation of money does to it.
 */
export { allocatePayment, planAllocations, writeAllocations, type PlannedAllocation } from './allocation.ts'
export { creditInvoice } from './credit-invoice.ts'
export { finaliseInvoice } from './finalise-invoice.ts'
export { firstInvoice, planInvoices, previewFirstInvoice, voidUnpaid } from './first-invoice.ts'
export { describeInvoice, type InvoiceDescription, type LatestAttempt } from './invoice-label.ts'
export { creditableMinor, noBooks, type CreditNote, type Invoice, type InvoiceLine, type Owed } from './invoice.ts'
export {
  countInvoices,
  findDepositOfInvoice,
  findInvoice,
  findInvoiceOfLease,
  getInvoice,
  hasFinalisedInvoice,
  holdInvoices,
  insertDraft,
  listBalances,
  listCreditNotes,
  listInvoiceLines,
  listInvoices,
  listInvoicesById,
  lockInvoice,
  readOutstanding,
  setInvoicePaymentIntent,
} from './store.ts'
export { voidInvoice } from './void-invoice.ts'
