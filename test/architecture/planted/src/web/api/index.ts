/** Owns api. */
export {}
