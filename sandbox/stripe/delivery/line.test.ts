import { describe, expect, test } from 'vitest'
import { Line } from './line.ts'

const first = (): number => 0
const last = (below: number): number => below - 1

function lineOf(instants: readonly number[]): Line<number> {
  const line = new Line<number>()
  for (const [task, since] of instants.entries()) line.add({ task, since })
  return line
}

function drain(line: Line<number>, draw: (below: number) => number): number[] {
  const taken: number[] = []
  while (!line.isEmpty) {
    for (const task of line.takeSome(draw)) {
      taken.push(task)
      line.finish()
    }
  }
  return taken
}

describe('SBX-35: the line of one endpoint', () => {
  test('ten are under way at most', () => {
    const line = lineOf(Array.from({ length: 25 }, () => 0))

    const begun = line.takeSome(first).length
    const more = line.takeSome(first).length
    line.finish()

    expect([begun, more, line.takeSome(first).length]).toStrictEqual([10, 0, 1])
  })

  test('as created when nobody is let in front', () => {
    expect(drain(lineOf([0, 0, 5000, 5000]), first)).toStrictEqual([0, 1, 2, 3])
  })

  test('within two seconds any order, and nothing overtakes what is older than that', () => {
    expect(drain(lineOf([0, 1999, 2000, 2001, 9000]), last)).toStrictEqual([2, 1, 0, 3, 4])
  })

  test('a long line loses nobody and doubles nobody', () => {
    const line = lineOf(Array.from({ length: 5000 }, (_, place) => place))

    const taken = drain(line, (below) => Math.floor(below / 2))

    expect(taken.toSorted((one, other) => one - other)).toStrictEqual(Array.from({ length: 5000 }, (_, place) => place))
  })
})
