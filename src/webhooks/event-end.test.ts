import { expect, test } from 'vitest'
import { afterFailure, afterParking, afterSilence } from './event-end.ts'

const start = new Date('2026-11-21T10:00:00Z')
const seconds = (date: Date | undefined) => (date === undefined ? undefined : (date.getTime() - start.getTime()) / 1000)

test('STR-70: eight attempts, then given up', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => seconds(afterFailure(attempt, start)))
  expect(waits).toEqual([10, 30, 120, 600, 1800, 7200, 21_600, undefined])
})

test('STR-70: silence of the outside is waited out for 72 hours, more and more patiently', () => {
  const wait = (ageSeconds: number) => {
    const now = new Date(start.getTime() + ageSeconds * 1000)
    const next = seconds(afterSilence(start, now))
    return next === undefined ? undefined : next - ageSeconds
  }
  expect([0, 10, 300, 6000, 86_400, 72 * 3600 - 1, 72 * 3600].map(wait)).toEqual([5, 5, 30, 600, 600, 600, undefined])
})

test('STR-68: a parked event is looked at after 15 s, 1, 5, 15 min, 1 h, then every 4 h to 72 h', () => {
  const visits: number[] = []
  for (let now: Date | undefined = afterParking(start, start); now; now = afterParking(start, now))
    visits.push(seconds(now) ?? 0)
  expect(visits.slice(0, 7)).toEqual([15, 75, 375, 1275, 4875, 4875 + 14_400, 4875 + 28_800])
  expect(visits.at(-1)).toBe(72 * 3600)
})
