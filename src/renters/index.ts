/**
 * Renters: the people and companies who rent, and the payment methods they saved. It knows nothing of what they rent or owe; whether a
 * renter is active is told by `leases`, what they owe by `billing`.
 */
export { createRenter } from './create-renter.ts'
export { ensureCustomer, type CustomerGround } from './ensure-customer.ts'
export { renterHandlers, renterJobs } from './jobs.ts'
export { makeDefault } from './make-default.ts'
export { closeSetup, followSetup, onStripeSession, onStripeSetupIntent } from './on-stripe-setup-intent.ts'
export { billingName, methodLabel, type Renter, type SavedMethod, type Setup } from './renter.ts'
export { findSetup, findSetupByIntent, insertSetup, listUnfinishedSetups } from './method-store.ts'
export { startSetup, type SetupWish } from './start-setup.ts'
export {
  dropMethod,
  findDefaultMethod,
  findMethod,
  findMethodByStripeId,
  getMethod,
  listMethods,
  markMethodUnusable,
  readPaymentReadiness,
  refreshMethod,
} from './method-store.ts'
export {
  countRenters,
  findCustomerId,
  findRenter,
  findRenterOfCustomer,
  getRenter,
  listRenters,
  listRentersById,
  lockRenter,
  markCustomerDeleted,
  pauseAutopay,
} from './store.ts'
export { updateRenter } from './update-renter.ts'
