/** What is kept of payouts, their schedule, and the fees of a platform. */
export interface PayoutKinds {}

/** Fields that lists of these kinds filter by. */
export const payoutIndexes = {} as const
