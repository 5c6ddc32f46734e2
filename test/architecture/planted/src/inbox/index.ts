/** Owns the inbox. */
export {}
