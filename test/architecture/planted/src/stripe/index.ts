/** Owns stripe. */
export {}
