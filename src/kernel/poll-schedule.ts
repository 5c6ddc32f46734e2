/**
 * When something at Stripe that is not final is asked about again, with or without webhooks (STR-71). The numbers are ages, not pauses:
 * asked at 15, 30, 60 and 120 seconds, a payment is known within a minute for the first two minutes of its life.
 */
export type PollRhythm = 'card' | 'bank_debit'

const minute = 60_000
const hour = 60 * minute

/** Each pause with how often it comes; the last one goes on for ever. */
const rhythms: Readonly<Record<PollRhythm, readonly (readonly [pauseMs: number, times: number])[]>> = {
  card: [
    [15_000, 2],
    [30_000, 1],
    [minute, 1],
    [2 * minute, 1],
    [4 * minute, 1],
    [7 * minute, 1], // at the age of 15 minutes
    [15 * minute, 96], // for 24 hours
    [6 * hour, Infinity],
  ],
  bank_debit: [
    [15 * minute, 4],
    [hour, 23],
    [6 * hour, Infinity],
  ],
}

/** @param polls how often it was asked about already. @returns the pause until the next time, in milliseconds. */
export function pollPauseMs(polls: number, rhythm: PollRhythm = 'card'): number {
  let before = 0
  for (const [pauseMs, times] of rhythms[rhythm]) {
    before += times
    if (polls < before) return pauseMs
  }
  return 6 * hour
}
