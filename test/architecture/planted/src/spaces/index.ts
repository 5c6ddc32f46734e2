/** Owns spaces. */
export {}
