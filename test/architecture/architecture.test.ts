import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readHouse } from './house.ts'
import { expectations } from './map.ts'
import { rules } from './rules.ts'
import { drawFigures } from './rules-shape.ts'

const house = readHouse(join(import.meta.dirname, '../..'), expectations)

test('the figures of the house', () => {
  process.stdout.write(`${drawFigures(house)}\n`)

  expect(house.source.length).toBeGreaterThan(expectations.leastSourceFiles)
})

test.each(rules)('$id: $law', ({ find }) => {
  expect(find(house)).toEqual([])
})
