/**
 * Spaces: where they stand, what kind they are, what they cost and what they are called. It does not know who rents them; whether a
 * space is available is told by `leases`, which stand above.
 */
export { findBillingRules, saveBillingRules, type BillingRules } from './billing-rules.ts'
export { createCategory } from './create-category.ts'
export { createSpaces } from './create-spaces.ts'
export { findBasis, getBasis, intervalLabel, type Basis, type IntervalCode } from './interval.ts'
export { getLocation, todayAt } from './location.ts'
export { presets } from './presets.ts'
export { dailyRateText, listIntervals, priceOf, priceOfDays } from './price.ts'
export { restatePrices } from './restate-prices.ts'
export type { Category, Location, Space } from './space.ts'
export { findSpace, listCategories, listSpaces, lockLocation, lockSpace, type CategoryRow } from './store.ts'
