/**
 * Assertions stay on in production (TRU-141): a failed one means our own mistake, rolls the transaction back and parks the
 * job. A refusal a person can act on is never an assertion; it is an `Outcome`.
 */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`)
}
