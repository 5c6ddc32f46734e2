/**
 * When Stripe pays out (MON-23, MON-24): which schedules there are, whether a wish is one, how it is said, and on which day the next payout
 * is due. Pure. What surprises: Stripe's days begin at midnight in UTC, so the day is told in UTC whatever the clock at the location says.
 */
import { addDays, done, type LocalDate, type Outcome } from '#kernel'
import type { ScheduleSeen } from '#stripe'
import { refuse, type PayoutProblem } from './problems.ts'

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const
export type Weekday = (typeof weekdays)[number]

export type PayoutSchedule =
  | { readonly interval: 'daily' | 'manual' }
  | { readonly interval: 'weekly'; readonly weeklyDays: readonly Weekday[] }
  | { readonly interval: 'monthly'; readonly monthlyDays: readonly number[] }

/** What somebody chose, before it is judged. */
export type ScheduleChoice = {
  readonly interval: string
  readonly weeklyDays: readonly string[]
  readonly monthlyDays: readonly number[]
  /** Undefined leaves the hold as it is, null is Stripe's own minimum. */
  readonly holdDays?: number | null | undefined
}

/** @returns the schedule with its days in order, or which field is wrong and why (STR-132). */
export function judgeSchedule(choice: ScheduleChoice): Outcome<PayoutSchedule, PayoutProblem> {
  const { interval, weeklyDays, monthlyDays, holdDays } = choice
  const isHold =
    holdDays === undefined || holdDays === null || (Number.isInteger(holdDays) && isWithin(holdDays, 0, 31))
  if (!isHold) return refuse('hold_days', '/holdDays')
  if (interval !== 'weekly' && weeklyDays.length > 0) return refuse('days_of_other_interval', '/weeklyDays')
  if (interval !== 'monthly' && monthlyDays.length > 0) return refuse('dates_of_other_interval', '/monthlyDays')
  if (interval === 'daily' || interval === 'manual') return done({ interval })
  if (interval === 'weekly') {
    const isGood = weeklyDays.length > 0 && weeklyDays.every((day) => isWeekday(day)) && isUnique(weeklyDays)
    if (!isGood) return refuse('weekly_days', '/weeklyDays')
    return done({ interval, weeklyDays: weekdays.filter((day) => weeklyDays.includes(day)) })
  }
  if (interval !== 'monthly') return refuse('interval', '/interval')
  const isGood =
    monthlyDays.length > 0 &&
    monthlyDays.every((day) => Number.isInteger(day) && isWithin(day, 1, 31)) &&
    isUnique(monthlyDays)
  return isGood
    ? done({ interval, monthlyDays: monthlyDays.toSorted((one, two) => one - two) })
    : refuse('monthly_days', '/monthlyDays')
}

/** What Stripe reports, as far as it is one of the schedules known here. */
export function readSchedule(seen: Omit<ScheduleChoice, 'holdDays'>): PayoutSchedule | undefined {
  const { interval } = seen
  const judged = judgeSchedule({
    interval,
    weeklyDays: interval === 'weekly' ? seen.weeklyDays : [],
    monthlyDays: interval === 'monthly' ? seen.monthlyDays : [],
  })
  return judged.ok ? judged.value : undefined
}

/** As Stripe writes it. */
export function seenOf(schedule: PayoutSchedule): ScheduleSeen {
  return {
    interval: schedule.interval,
    weeklyDays: schedule.interval === 'weekly' ? schedule.weeklyDays : [],
    monthlyDays: schedule.interval === 'monthly' ? schedule.monthlyDays : [],
  }
}

export function scheduleWords(schedule: PayoutSchedule): string {
  if (schedule.interval === 'weekly') return `Weekly, on ${listWords(schedule.weeklyDays.map(capital))}`
  if (schedule.interval === 'monthly') return `Monthly, on day ${listWords(schedule.monthlyDays.map(String))}`
  return schedule.interval === 'daily' ? 'Daily, Monday to Friday' : 'Manual'
}

/**
 * The day Stripe makes the next payout, if there is money that may be paid out; undefined for manual payouts. Bank holidays are not known
 * here. @param today in UTC.
 */
export function nextPayoutOn(schedule: PayoutSchedule, today: LocalDate): LocalDate | undefined {
  if (schedule.interval === 'manual') return undefined
  const days = Array.from({ length: 62 }, (_, index) => addDays(today, index + 1))
  return days.find((day) => isPayoutDay(schedule, day))
}

function isPayoutDay(schedule: PayoutSchedule, day: LocalDate): boolean {
  if (schedule.interval === 'weekly') return schedule.weeklyDays.some((name) => name === weekdayOf(day))
  if (schedule.interval !== 'monthly') return weekdayOf(day) !== undefined
  const date = Number(day.slice(8))
  const isLast = addDays(day, 1).endsWith('-01')
  return schedule.monthlyDays.some((wanted) => wanted === date || (isLast && wanted > date))
}

/** Undefined on Saturday and Sunday. */
export function weekdayOf(day: LocalDate): Weekday | undefined {
  return weekdays[new Date(`${day}T00:00:00Z`).getUTCDay() - 1]
}

function isWeekday(day: string): boolean {
  return weekdays.some((known) => known === day)
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most
}

function isUnique(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length
}

export function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
