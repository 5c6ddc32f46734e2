import { expect, test } from 'vitest'
import { isPayoutDay } from './schedule.ts'
import type { Schedule } from './schedule.ts'

/** Days of a month, November 2026 unless told otherwise, on which a schedule pays out. 1 November 2026 is a Sunday. */
function payoutDays(schedule: Omit<Schedule, 'delay_days'>, year = 2026, month = 11): number[] {
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const all = Array.from({ length: days }, (_, place) => place + 1)
  return all.filter((day) => isPayoutDay(Date.UTC(year, month - 1, day), { delay_days: 2, ...schedule }))
}

test('SBX-24: daily means Monday to Friday', () => {
  expect(payoutDays({ interval: 'daily' }).slice(0, 7)).toStrictEqual([2, 3, 4, 5, 6, 9, 10])
})

test('SBX-24: weekly means the days named', () => {
  const schedule = { interval: 'weekly', weekly_payout_days: ['monday', 'thursday'] }
  expect(payoutDays(schedule)).toStrictEqual([2, 5, 9, 12, 16, 19, 23, 26, 30])
})

test('SBX-24: a monthly day on a weekend is served on the Monday after it', () => {
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [1, 14, 19] })).toStrictEqual([2, 16, 19])
})

test('SBX-24: the 31st is the last day of a shorter month, once', () => {
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [30, 31] }, 2026, 9)).toStrictEqual([30])
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [31] }, 2028, 2)).toStrictEqual([29])
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [29] }, 2026, 12)).toStrictEqual([29])
})

test('SBX-24: the last day of a month on a weekend is served in the month after', () => {
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [31] }, 2027, 2)).toStrictEqual([1])
  expect(payoutDays({ interval: 'monthly', monthly_payout_days: [31] }, 2027, 3)).toStrictEqual([1, 31])
})

test('SBX-24: manual pays nothing out by itself', () => {
  expect(payoutDays({ interval: 'manual' })).toStrictEqual([])
})
