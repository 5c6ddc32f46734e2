/**
 * Welcome: the first steps of a new operator. It owns how far each operator has come and which steps may be left for later. What is done
 * in a step belongs to the module of that thing; this one is told whether it is there.
 */
export { beginOnboarding } from './begin-onboarding.ts'
export { dismissOnboarding } from './dismiss-onboarding.ts'
export { markStep } from './mark-step.ts'
export { findOnboarding, stepNumbers, type StepNumber } from './onboarding.ts'
