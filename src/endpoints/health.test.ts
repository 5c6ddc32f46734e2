import { expect, test } from 'vitest'
import {
  endpointHealths,
  healthDetail,
  healthLabel,
  isAlarming,
  isRecent,
  isSilentSince,
  judgeHealth,
} from './health.ts'

// What Stripe shows at its endpoint, and whether deliveries are refused or absent.
const drawing = `
standing            well                refused  silent              refused,silent
missing             missing             missing  missing             missing
disabled            disabled            disabled disabled            disabled
partial             partial             failing  partial             failing
waiting_first_event waiting_first_event failing  silent              failing
healthy             healthy             failing  silent              failing
`

test('STR-47: the drawing is the whole truth', () => {
  const lines = drawing
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ +/))
  const judged = lines.map(([standing]) => [
    standing,
    ...[
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([isFailing = false, isSilent = false]) =>
      judgeHealth({ standing: standing as 'missing', isFailing, isSilent }),
    ),
  ])
  expect(judged).toEqual(lines)
})

test('STR-47: silence begins after 15 minutes, a refusal counts for 15 minutes', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const quarter = 15 * 60_000
  expect([ago(quarter - 1), ago(quarter), null].map((since) => isSilentSince(since, now))).toEqual([false, true, false])
  expect([ago(quarter), ago(quarter + 1), null].map((at) => isRecent(at, now))).toEqual([true, false, false])
})

test('every health has its own words, and the missing events are named', () => {
  expect(new Set(endpointHealths.map(healthLabel)).size).toBe(endpointHealths.length)
  expect(healthDetail('partial', ['charge.refunded'])).toContain('Missing: charge.refunded.')
  expect(endpointHealths.filter(isAlarming)).toEqual(['partial', 'silent', 'disabled', 'failing'])
})
