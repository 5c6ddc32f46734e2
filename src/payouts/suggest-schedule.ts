/**
 * Which schedule suits an account (MON-26): daily for steady volume, weekly for a little. Pure: what came in during four weeks, and whether
 * payouts went well. It is a hint that somebody may take, never written by itself.
 */
import { addDays, daysBetween, localDateAt, type LocalDate } from '#kernel'
import type { PayoutSeen, SaleSeen, ScheduleSeen } from '#stripe'
import {
  capital,
  scheduleWords,
  seenOf,
  weekdayOf,
  weekdays,
  type PayoutSchedule,
  type Weekday,
} from './payout-schedule.ts'

export type Suggestion = ScheduleSeen & { readonly words: string; readonly reason: string }

const leastPayments = 30
const leastDays = 12
const businessDays = 20

/** @param facts.sales of one currency, newest first. @param facts.today at the location. */
export function suggestSchedule(facts: {
  readonly sales: readonly SaleSeen[]
  readonly payouts: readonly Pick<PayoutSeen, 'status' | 'amountMinor'>[]
  readonly today: LocalDate
  readonly timeZone: string
}): Suggestion {
  const { sales, payouts, today, timeZone } = facts
  const byDay = Map.groupBy(sales, ({ createdAt }) => localDateAt(createdAt, timeZone))
  const days = lastBusinessDays(today)
  const busy = days.filter((day) => byDay.has(day)).length
  const hasTrouble = payouts.some(({ status, amountMinor }) => status === 'failed' || amountMinor < 0n)
  const isSteady = sales.length >= leastPayments && busy >= leastDays && medianNet([...byDay.values()]) > 0n
  const count = `${sales.length} ${sales.length === 1 ? 'payment' : 'payments'} in 28 days, on ${busy} of ${businessDays} business days`
  if (isSteady && !hasTrouble) return suggested({ interval: 'daily' }, `${count}: daily suits steady volume.`)
  const day = bestWeekday(sales, today)
  const why = isSteady
    ? 'a payout failed or was negative, so fewer and larger ones are safer'
    : 'weekly keeps payouts few and easy to follow'
  return suggested({ interval: 'weekly', weeklyDays: [day] }, `${count}: ${why}. ${capital(day)} fits best.`)
}

function suggested(schedule: PayoutSchedule, reason: string): Suggestion {
  return { ...seenOf(schedule), words: scheduleWords(schedule), reason }
}

function lastBusinessDays(today: LocalDate): readonly LocalDate[] {
  return Array.from({ length: 28 }, (_, index) => addDays(today, -1 - index))
    .filter((day) => weekdayOf(day) !== undefined)
    .slice(0, businessDays)
}

function medianNet(days: readonly (readonly SaleSeen[])[]): bigint {
  const nets = days
    .map((sales) => sales.reduce((sum, { netMinor }) => sum + netMinor, 0n))
    .toSorted((one, two) => (one < two ? -1 : 1))
  return nets[Math.floor(nets.length / 2)] ?? 0n
}

/** The day before which most has become available within five days; Friday where nothing speaks for another. */
function bestWeekday(sales: readonly SaleSeen[], today: LocalDate): Weekday {
  const sums = weekdays.map((name) => ({ name, sum: sales.reduce((sum, sale) => sum + within(sale, name, today), 0n) }))
  const most = sums.reduce((best, one) => (one.sum >= best.sum ? one : best))
  return most.name
}

/** What of a sale has become available in the five days before a weekday. */
function within({ availableOn, netMinor }: SaleSeen, name: Weekday, today: LocalDate): bigint {
  const available = availableOn.toISOString().slice(0, 10)
  if (daysBetween(available, today) > 28) return 0n
  const isNear = [1, 2, 3, 4, 5].some((ahead) => weekdayOf(addDays(available, ahead)) === name)
  return isNear ? netMinor : 0n
}

/**
 * How many days a payment takes until it can be paid out, as the last twenty show it (MON-25); undefined without any.
 * @param sales newest first.
 */
export function measuredHoldDays(
  sales: readonly SaleSeen[],
): { readonly days: number; readonly count: number } | undefined {
  const last = sales.slice(0, 20)
  const days = last
    .map(({ availableOn, createdAt }) => Math.round((availableOn.getTime() - createdAt.getTime()) / 86_400_000))
    .toSorted((one, two) => one - two)
  const middle = days[Math.floor(days.length / 2)]
  return middle === undefined ? undefined : { days: middle, count: last.length }
}
