/** Owns renters. */
export {}
