/**
 * On which days an account is paid out automatically (SBX-24). Daily means every day on which banks work, and a day of the
 * month that falls on a weekend is served on the Monday after it.
 */
import type Stripe from 'stripe'
import { bankDays } from './facts.ts'

export type Schedule = Stripe.Account.Settings.Payouts.Schedule

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const dayMs = 86_400_000

/** Days that a weekly schedule may name. */
export const payoutWeekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const

/** `instantMs` is any instant of the day in question, UTC. */
export function isPayoutDay(instantMs: number, schedule: Schedule): boolean {
  const weekday = new Date(instantMs).getUTCDay()
  if (!bankDays.includes(weekday)) return false
  if (schedule.interval === 'daily') return true
  if (schedule.interval === 'weekly') return listWeekdays(schedule).includes(String(weekdays[weekday]))
  if (schedule.interval !== 'monthly') return false
  // A day of the month on a weekend is served on the Monday after it [U].
  const days = weekday === 1 ? [0, 1, 2] : [0]
  return days.some((back) => isMonthlyDay(new Date(instantMs - back * dayMs), listMonthDays(schedule)))
}

/** An account's schedule may name one day as its anchor, or several. */
function listWeekdays({ weekly_payout_days: days, weekly_anchor: anchor }: Schedule): readonly string[] {
  return days ?? (anchor === undefined ? [] : [anchor])
}

function listMonthDays({ monthly_payout_days: days, monthly_anchor: anchor }: Schedule): readonly number[] {
  return days ?? (anchor === undefined ? [] : [anchor])
}

/** The 29th to the 31st are the last day of a shorter month. */
function isMonthlyDay(date: Date, wanted: readonly number[]): boolean {
  const day = date.getUTCDate()
  const isLast = new Date(date.getTime() + dayMs).getUTCDate() === 1
  return wanted.includes(day) || (isLast && wanted.some((one) => one > day))
}
