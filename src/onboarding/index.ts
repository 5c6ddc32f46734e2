/**
 * Onboarding: Stripe accounts made under the installation's own (stripe.md §4). It owns how such an account stands, what Stripe still asks
 * of its owner, the links into Stripe's form and our own link back, and the two webhook endpoints that serve all such accounts.
 */
export { stripeStatuses, statusDetails } from './account-status.ts'
export { accountTellers, readAccountView } from './account-view.ts'
export { chooseCharging, listChargingChoices } from './charging.ts'
export { connectAccount } from './account-creation.ts'
export { followAccount } from './follow-account.ts'
export {
  ensureInstallationEndpoints,
  listInstallationEndpoints,
  listInstallationSecrets,
} from './installation-endpoints.ts'
export { noteReturn, onboardingHandlers, onboardingJobs, recoverOnboarding } from './jobs.ts'
export { mintLink } from './mint-link.ts'
export { accountReactions } from './on-account-news.ts'
export { businessTypes } from './onboarding.ts'
export { refuse as refuseOnboarding } from './problems.ts'
export { requirementClasses } from './requirements.ts'
export { createResumeLink, openResumeLink, revokeResumeLinks, type OpenedResumeLink } from './own-links.ts'
