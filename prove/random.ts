/** Chance that can be repeated: the same seed and case give the same draws on every machine (sfc32). */

export type Random = {
  /** From 0 up to and without 1. */
  next(): number
  /** A whole number from 0 up to and without `most`. */
  below(most: number): number
  isHit(chance: number): boolean
  pick<Item>(items: readonly Item[]): Item
}

/** @param seed of the run. @param place which case of it; each has draws of its own, so that one can be told alone. */
export function drawFrom(seed: number, place = 0): Random {
  let [a, b, c, d] = [0x9e3779b9 ^ seed, 0x243f6a88 ^ place, 0xb7e15162 + seed, 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }
  for (let turn = 0; turn < 12; turn += 1) next()
  const below = (most: number): number => Math.floor(next() * most)
  return {
    next,
    below,
    isHit: (chance) => next() < chance,
    pick: <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item,
  }
}
