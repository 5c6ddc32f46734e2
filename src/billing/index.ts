/**
 * Billing: periods, prices of parts, taxes, invoices with their numbers, credit notes and what is owed. Money is received above, in
 * `payments`; this module says what an invoice is and what an allocation of money does to it.
 */
export { allocatePayment, reverseAllocation } from './allocation.ts'
export { creditInvoice } from './credit-invoice.ts'
export { finaliseInvoice } from './finalise-invoice.ts'
export { firstInvoice, planInvoices, previewFirstInvoice } from './first-invoice.ts'
export { describeInvoice, type InvoiceDescription, type LatestAttempt } from './invoice-label.ts'
export type { InvoiceState } from './invoice-state.ts'
export {
  creditableMinor,
  noBooks,
  openBeforeDepositMinor,
  type Allocation,
  type Books,
  type CreditNote,
  type CreditOrigin,
  type Invoice,
  type InvoiceFilter,
  type InvoiceKind,
  type InvoiceLine,
  type Owed,
  type Party,
} from './invoice.ts'
export type { BillingProblem } from './problems.ts'
export {
  countInvoices,
  findDepositOfInvoice,
  findInvoice,
  findInvoiceOfLease,
  getInvoice,
  hasFinalisedInvoice,
  listAllocations,
  listBalances,
  listCreditNotes,
  listInvoiceLines,
  listInvoices,
  lockInvoice,
  readOutstanding,
  setInvoicePaymentIntent,
} from './store.ts'
export { voidInvoice } from './void-invoice.ts'
