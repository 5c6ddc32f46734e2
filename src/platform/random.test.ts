import { expect, test } from 'vitest'
import { firstIdAt, newId } from './random.ts'

const at = (ms: number) => ({ now: () => new Date(ms), wallTimeOf: (instant: Date) => instant })

test('ARC-32: ids of one millisecond stand in the order they were drawn, and those of the next after them', () => {
  const drawn = [...Array.from({ length: 2_000 }, () => newId(at(1_790_000_000_000))), newId(at(1_790_000_000_001))]

  expect(drawn.toSorted()).toEqual(drawn)
  expect(new Set(drawn).size).toBe(drawn.length)
  expect(drawn.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  )
})

test('STR-74: what is older than an instant has a smaller id', () => {
  const bound = firstIdAt(new Date(1_790_000_000_000))
  expect(newId(at(1_789_999_999_999)) < bound).toBe(true)
  expect(newId(at(1_790_000_000_000)) > bound).toBe(true)
})
