/** What is kept of bank debits: the mandates. */
export interface DebitKinds {}

/** Fields that lists of these kinds filter by. */
export const debitIndexes = {} as const
