/** Owns paths. */
export {}
