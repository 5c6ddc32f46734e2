/** Owns notifications. */
export {}
