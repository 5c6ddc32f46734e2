import { describe, expect, test } from 'vitest'
import { ownClock } from './clock.ts'
import type { ClockSide } from './clock.ts'
import { Walk } from './walk.ts'

const start = Date.parse('2026-11-02T09:00:00Z')
const hour = 3_600_000

/** A side whose deeds are planned in hours from the start; a deed may plan more. */
function sideOf(name: string, plan: Map<number, () => void>, log: string[], now: () => Date): ClockSide {
  const dueHours = (): number[] => [...plan.keys()].toSorted((one, other) => one - other)
  return {
    name,
    async nextDueAt() {
      const [first] = dueHours()
      return first === undefined ? null : new Date(start + first * hour)
    },
    async runDue() {
      for (const due of dueHours()) {
        if (start + due * hour > now().getTime()) return
        const deed = plan.get(due)
        plan.delete(due)
        log.push(`${name} ${(now().getTime() - start) / hour}`)
        deed?.()
      }
    },
  }
}

const nothing = (): void => undefined

describe('SBX-39: walking through time', () => {
  test('due instants of both sides come in order, each at its own time', async () => {
    const clock = ownClock(undefined, () => start)
    const log: string[] = []
    const one = new Map([
      [2, nothing],
      [5, nothing],
    ])
    const other = new Map([[3, nothing]])
    const sides = [sideOf('one', one, log, clock.now), sideOf('other', other, log, clock.now)]

    const walk = new Walk({ clock, sides, to: new Date(start + 6 * hour) })
    await walk.ended

    expect(log).toStrictEqual(['one 2', 'other 3', 'one 5'])
    expect(walk.view).toMatchObject({ state: 'done', steps: 4, reason: null })
    expect(clock.now().getTime()).toBe(start + 6 * hour)
  })

  test('what one side plans for the other at the same instant is done at that instant', async () => {
    const clock = ownClock(undefined, () => start)
    const log: string[] = []
    const one = new Map<number, () => void>()
    const other = new Map<number, () => void>()
    one.set(1, () => other.set(1, () => one.set(1, nothing)))
    const sides = [sideOf('other', other, log, clock.now), sideOf('one', one, log, clock.now)]

    await new Walk({ clock, sides, to: new Date(start + 2 * hour) }).ended

    expect(log).toStrictEqual(['one 1', 'other 1', 'one 1'])
  })

  test('a side that is never idle stops the walk, and is named with the instant', async () => {
    const clock = ownClock(undefined, () => start)
    const busy: ClockSide = {
      name: 'The product',
      nextDueAt: async () => new Date(start),
      runDue: () => new Promise((resolve) => setTimeout(resolve, 5)),
    }

    const walk = new Walk({ clock, sides: [busy], to: new Date(start + hour), longestInstantMs: 50 })
    await walk.ended

    expect(walk.view).toMatchObject({ state: 'stuck', where: 'The product' })
    expect(walk.view.reason).toBe('The product was not idle within 0 seconds at 2026-11-02T09:00:00.000Z.')
    expect(clock.now().getTime()).toBe(start)
  })

  test('a side that hangs stops the walk as well', async () => {
    const clock = ownClock(undefined, () => start)
    const hanging: ClockSide = {
      name: 'The product',
      nextDueAt: async () => new Date(start),
      runDue: () => new Promise(() => undefined),
    }

    const walk = new Walk({ clock, sides: [hanging], to: new Date(start + hour), longestInstantMs: 20 })
    await walk.ended

    expect(walk.view.state).toBe('stuck')
  })

  test('a side that fails stops the walk with its words', async () => {
    const clock = ownClock(undefined, () => start)
    const failing: ClockSide = {
      name: 'The product',
      nextDueAt: () => Promise.reject(new Error('The database is away.')),
      runDue: () => Promise.resolve(),
    }

    const walk = new Walk({ clock, sides: [failing], to: new Date(start + hour) })
    await walk.ended

    expect(walk.view).toMatchObject({ state: 'stuck', reason: 'The database is away.' })
  })

  test('cancel stops at an instant that is worked off', async () => {
    const clock = ownClock(undefined, () => start)
    const log: string[] = []
    const plan = new Map([
      [1, () => walk.cancel()],
      [2, nothing],
    ])
    const walk = new Walk({ clock, sides: [sideOf('one', plan, log, clock.now)], to: new Date(start + 9 * hour) })

    await walk.ended

    expect(log).toStrictEqual(['one 1'])
    expect(walk.view).toMatchObject({ state: 'canceled', reason: 'It was canceled.' })
    expect(clock.now().getTime()).toBe(start + hour)
  })
})
