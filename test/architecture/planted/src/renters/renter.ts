import type { Id } from '#kernel'
// The tenant of a space.
export type Renter = Id
