/** Owns kernel. */
export {}
