/**
 * Draining: a Stripe account is left without losing what is under way (STR-25 to STR-27). It owns the time between the last new charge and
 * the end of the secrets, what is still under way meanwhile, and asking renters for a new method. Charges, refunds and saved methods are
 * ended by the modules they belong to; keys and endpoints by connections.
 */
export { askRenters } from './ask-renters.ts'
export { groupKinds, type Draining, type DrainingGround, type Group, type Item } from './draining.ts'
export { finishDraining } from './finish-draining.ts'
export { drainingHandlers, drainingJobs, recoverDrainings } from './jobs.ts'
export { readLeft } from './left.ts'
export { readAffected } from './read-affected.ts'
export { startDraining } from './start-draining.ts'
export { listRentersTiedTo } from './affected-store.ts'
export { listAskedRenterIds, listDrainings } from './store.ts'
export { switchAccount } from './switch-account.ts'
