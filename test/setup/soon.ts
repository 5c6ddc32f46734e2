/**
 * How tests wait for what happens by itself: asked again and again until it is so (ARC-63). The limit only ends a wait for what will never come;
 * no promise of the product is measured by it, so it is as long as a machine needs that stands still for seconds.
 */
import { vi } from 'vitest'

export const patienceMs = 45_000

/** Asks until no expectation fails any more. @throws the last failure once the patience is used up. */
export function soon<Value>(look: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(look, { timeout: patienceMs, interval: 20 })
}
