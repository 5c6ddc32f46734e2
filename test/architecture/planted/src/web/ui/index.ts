/** Owns ui. */
export {}
