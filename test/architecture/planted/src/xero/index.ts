/** Owns xero. */
export {}
