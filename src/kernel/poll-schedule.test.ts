import { expect, test } from 'vitest'
import { pollPauseMs, type PollRhythm } from './poll-schedule.ts'

/** The ages at which it is asked, in the largest unit that is whole. */
function agesOf(rhythm: PollRhythm, count: number): string[] {
  let ageMs = 0
  return Array.from({ length: count }, (_one, polls) => {
    ageMs += pollPauseMs(polls, rhythm)
    return words(ageMs / 1000)
  })
}

function words(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

test('STR-71: a payment, a setup and a refund are asked about quickly at first, then ever more slowly', () => {
  const ages = agesOf('card', 106)

  expect(ages.slice(0, 10).join(', ')).toBe('15 s, 30 s, 1 min, 2 min, 4 min, 8 min, 15 min, 30 min, 45 min, 1 h')
  expect(ages.slice(100).join(', ')).toBe('1425 min, 24 h, 1455 min, 1815 min, 2175 min, 2535 min')
})

test('STR-71: a bank debit, which takes days, is asked about less often', () => {
  const ages = agesOf('bank_debit', 30)

  expect(ages.slice(0, 7).join(', ')).toBe('15 min, 30 min, 45 min, 1 h, 2 h, 3 h, 4 h')
  expect(ages.slice(25).join(', ')).toBe('23 h, 24 h, 30 h, 36 h, 42 h')
})

test('STR-71: known within a minute in the first two minutes, and within 16 minutes in the first day', () => {
  let ageMs = 0
  for (let polls = 0; ageMs < 24 * 3_600_000; polls += 1) {
    const pauseMs = pollPauseMs(polls)
    expect(pauseMs).toBeLessThanOrEqual(ageMs < 120_000 ? 60_000 : 16 * 60_000)
    ageMs += pauseMs
  }
})
