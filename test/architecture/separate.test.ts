import { expect, test } from 'vitest'
import { separate } from './separate.ts'

// Left: what is written. Right: what is left when comments are gone and the insides of strings are blank.
const drawing: readonly (readonly [string, string])[] = [
  ['one() // two()', 'one() '],
  ['one() /* two() */ + three()', 'one()  + three()'],
  ['/* a\nb */ one()', '\n one()'],
  [`a('//x') // y`, `a('   ') `],
  ['a("it\'s", b)', 'a("    ", b)'],
  ['a(`x ${fetch(y)} z`) + b', 'a(`  ${fetch(y)}  `) + b'],
  ['a(`x ${`in ${c({ d })}`} z`)', 'a(`  ${`   ${c({ d })}`}  `)'],
  [`a.replace(/['"]/g, b)`, 'a.replace(/    /g, b)'],
  ['a / b / c', 'a / b / c'],
  ["<p>Don't</p>\nfetch(x)", "<p>Don'     \nfetch(x)"],
  ['<img src="x" />\nfetch(x)', '<img src=" " />\nfetch(x)'],
]

test.each(drawing)('%j is seen as %j', (written, seen) => {
  expect(separate(written).bare).toBe(seen)
})

test('code keeps strings and loses comments', () => {
  expect(separate(`import '#kernel' // '#nothing'`).code).toBe(`import '#kernel' `)
})
