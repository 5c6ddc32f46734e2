/** Owns webhooks. */
export {}
