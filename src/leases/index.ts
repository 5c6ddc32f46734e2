/**
 * Leases: who has which space from when, on what terms, under which accepted agreement. It owns check-out, availability and the
 * versions of the agreement. It does not know invoices: what it needs of them it is handed.
 */
export { agreementFields } from './agreement.ts'
export { cancelLease } from './cancel-lease.ts'
export { checkOutSpace } from './check-out-space.ts'
export { confirmLease } from './confirm-lease.ts'
export { leaseHandlers, leaseJobs, recoverLeases } from './jobs.ts'
export { leaseStateLabel } from './lease-state.ts'
export type {
  FirstInvoice,
  Lease,
  LeaseOnOffer,
  PaymentReadiness,
  PlannedInvoice,
  PreviewFirstInvoice,
  VoidedUnpaid,
} from './lease.ts'
export { taxRateOf } from './offer.ts'
export { previewCheckOut, type CheckOutPreview } from './preview-check-out.ts'
export { publishAgreement } from './publish-agreement.ts'
export { listSpacesWithState, type SpaceWithState } from './space-standing.ts'
export {
  countLeases,
  findAgreementVersion,
  findCurrentAgreement,
  findLease,
  getAcceptance,
  getLease,
  listActiveRenterIds,
  listAgreementVersions,
  listLeases,
  type AgreementVersion,
} from './store.ts'
