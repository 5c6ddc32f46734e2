import { describe, expect, test } from 'vitest'
import { judgeSchedule, nextPayoutOn, readSchedule, scheduleWords, type ScheduleChoice } from './payout-schedule.ts'
import { measuredHoldDays, suggestSchedule } from './suggest-schedule.ts'

const choice = (change: Partial<ScheduleChoice>): ScheduleChoice => ({
  interval: 'daily',
  weeklyDays: [],
  monthlyDays: [],
  ...change,
})

describe('MON-24, STR-132: which schedules there are', () => {
  test.each([
    [choice({}), 'Daily, Monday to Friday'],
    [choice({ interval: 'weekly', weeklyDays: ['friday', 'monday'] }), 'Weekly, on Monday and Friday'],
    [choice({ interval: 'monthly', monthlyDays: [31, 1, 15] }), 'Monthly, on day 1, 15 and 31'],
    [choice({ interval: 'manual' }), 'Manual'],
  ])('%o is one', (wish, words) => {
    const judged = judgeSchedule(wish)
    expect(judged.ok && scheduleWords(judged.value)).toBe(words)
    expect(judged.ok && readSchedule(wish)).toEqual(judged.ok && judged.value)
  })

  test.each([
    [choice({ interval: '' }), '/interval'],
    [choice({ interval: 'hourly' }), '/interval'],
    [choice({ interval: 'weekly' }), '/weeklyDays'],
    [choice({ interval: 'weekly', weeklyDays: ['saturday'] }), '/weeklyDays'],
    [choice({ interval: 'weekly', weeklyDays: ['monday', 'monday'] }), '/weeklyDays'],
    [choice({ interval: 'weekly', weeklyDays: ['monday'], monthlyDays: [1] }), '/monthlyDays'],
    [choice({ weeklyDays: ['monday'] }), '/weeklyDays'],
    [choice({ interval: 'manual', monthlyDays: [1] }), '/monthlyDays'],
    [choice({ interval: 'monthly' }), '/monthlyDays'],
    [choice({ interval: 'monthly', monthlyDays: [0] }), '/monthlyDays'],
    [choice({ interval: 'monthly', monthlyDays: [32] }), '/monthlyDays'],
    [choice({ interval: 'monthly', monthlyDays: [1.5] }), '/monthlyDays'],
    [choice({ interval: 'monthly', monthlyDays: [7, 7] }), '/monthlyDays'],
    [choice({ holdDays: -1 }), '/holdDays'],
    [choice({ holdDays: 32 }), '/holdDays'],
    [choice({ holdDays: 2.5 }), '/holdDays'],
  ])('%o names its field', (wish, field) => {
    const judged = judgeSchedule(wish)
    expect(judged.ok ? undefined : judged.refusal.field).toBe(field)
  })

  test('a schedule Stripe reports in a word nobody knows stays unknown', () => {
    expect(readSchedule({ interval: 'fortnightly', weeklyDays: [], monthlyDays: [] })).toBeUndefined()
    expect(readSchedule({ interval: 'daily', weeklyDays: ['monday'], monthlyDays: [] })).toEqual({ interval: 'daily' })
  })
})

// 22 November 2026 is a Sunday.
test.each([
  [{ interval: 'daily' } as const, '2026-11-20', '2026-11-23'],
  [{ interval: 'daily' } as const, '2026-11-23', '2026-11-24'],
  [{ interval: 'weekly', weeklyDays: ['monday', 'wednesday'] } as const, '2026-11-23', '2026-11-25'],
  [{ interval: 'weekly', weeklyDays: ['friday'] } as const, '2026-11-27', '2026-12-04'],
  [{ interval: 'monthly', monthlyDays: [31] } as const, '2027-02-01', '2027-02-28'],
  [{ interval: 'monthly', monthlyDays: [31] } as const, '2028-02-10', '2028-02-29'],
  [{ interval: 'monthly', monthlyDays: [1, 15] } as const, '2026-11-22', '2026-12-01'],
  [{ interval: 'manual' } as const, '2026-11-22', undefined],
])('UI-147: after %o on %s the next payout is on %s', (schedule, today, next) => {
  expect(nextPayoutOn(schedule, today)).toBe(next)
})

describe('MON-26: what suits an account', () => {
  const today = '2026-11-22'
  const day = 86_400_000
  const now = Date.parse(`${today}T00:00:00Z`)
  const sale = (ago: number, netMinor = 10_000n) => ({
    netMinor,
    currency: 'AUD',
    createdAt: new Date(now - ago * day),
    availableOn: new Date(now - (ago - 2) * day),
  })
  const suggest = (sales: ReturnType<typeof sale>[], payouts: Parameters<typeof suggestSchedule>[0]['payouts'] = []) =>
    suggestSchedule({ sales, payouts, today, timeZone: 'UTC' })
  const steady = Array.from({ length: 28 }, (_, index) => [sale(index + 1), sale(index + 1)]).flat()

  test('steady volume: daily, with its reason', () => {
    expect(suggest(steady)).toMatchObject({
      interval: 'daily',
      reason: '56 payments in 28 days, on 20 of 20 business days: daily suits steady volume.',
    })
  })

  test('29 payments, or 11 busy days, or nothing left after fees: weekly', () => {
    expect(suggest(steady.slice(0, 29)).interval).toBe('weekly')
    expect(suggest(Array.from({ length: 40 }, (_, index) => sale((index % 11) + 1))).interval).toBe('weekly')
    expect(suggest(steady.map((one) => ({ ...one, netMinor: -1n }))).interval).toBe('weekly')
  })

  test('a failed or negative payout: weekly, however steady', () => {
    const payout = { id: 'po_1', status: 'paid', amountMinor: 5n, currency: 'AUD' }
    expect(suggest(steady, [payout]).interval).toBe('daily')
    expect(suggest(steady, [{ ...payout, status: 'failed' }]).interval).toBe('weekly')
    expect(suggest(steady, [{ ...payout, amountMinor: -5n }]).interval).toBe('weekly')
  })

  test('no payments at all: weekly on Friday', () => {
    expect(suggest([])).toMatchObject({ interval: 'weekly', weeklyDays: ['friday'], words: 'Weekly, on Friday' })
  })

  test('the day before which most has become available', () => {
    // Paid on Mondays, there on Wednesdays: Thursday comes first, and every day up to Monday holds the same; the later wins within the week.
    const mondays = [6, 13, 20].map((ago) => sale(ago))
    expect(suggest(mondays).weeklyDays).toEqual(['friday'])
    const fridays = [2, 9, 16].map((ago) => sale(ago))
    expect(suggest(fridays).weeklyDays).toEqual(['friday'])
  })

  test('MON-25: the hold is the middle of the last twenty, and nothing without any', () => {
    expect(measuredHoldDays([])).toBeUndefined()
    expect(measuredHoldDays(steady)).toEqual({ days: 2, count: 20 })
  })
})
