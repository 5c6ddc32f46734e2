/**
 * Onboarding: Stripe accounts made under the installation's own (stripe.md §4). It owns how such an account stands, what Stripe still asks
 * of its owner, the links into Stripe's form and our own link back.
 */
export { acceptsPaidBookings, statusDetails, statusWords, stripeStatuses } from './account-status.ts'
export { accountTellers, readAccountView, type AccountView } from './account-view.ts'
export { chooseCharging, listChargingChoices } from './charging.ts'
export { connectAccount } from './account-creation.ts'
export { followAccount } from './follow-account.ts'
export { noteReturn, onboardingHandlers, onboardingJobs, recoverOnboarding } from './jobs.ts'
export { mintLink } from './mint-link.ts'
export { accountReactions } from './on-account-news.ts'
export { businessTypes } from './onboarding.ts'
export { refuse as refuseOnboarding } from './problems.ts'
export { fieldInWords, requirementClasses, type Demand } from './requirements.ts'
export { createResumeLink, openResumeLink, revokeResumeLinks, type OpenedResumeLink } from './own-links.ts'
