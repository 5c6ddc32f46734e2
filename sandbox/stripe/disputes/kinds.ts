/** What is kept of disputes, early warnings and the evidence files. */
export interface DisputeKinds {}

/** Fields that lists of these kinds filter by. */
export const disputeIndexes = {} as const
