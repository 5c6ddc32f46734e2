/** When a fault ends: after `times` hits, at `until`, or when it is cleared. */
import { FaultRefused, readCount, readWord } from './fields.ts'
import type { Loose } from './fields.ts'

export interface End {
  /** Hits left; null means that hits do not end it. */
  readonly timesLeft: number | null
  /** Milliseconds of sandbox time; null means that no instant ends it. */
  readonly endsAt: number | null
}

const longestMs = 400 * 86_400_000
const duration = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/
const partsMs = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000]

/** `times` or `until`, not both; neither means until cleared. Throws FaultRefused. */
export function readEnd(given: Loose, nowMs: number): End {
  const { times, until } = given
  const hasTimes = times !== undefined && times !== null
  const hasUntil = until !== undefined && until !== null
  if (hasTimes && hasUntil) throw new FaultRefused('Give times or until, not both.')
  if (hasTimes) return { timesLeft: readCount(times, 'times', 1_000_000), endsAt: null }
  return { timesLeft: null, endsAt: hasUntil ? readUntil(readWord(until, 'until'), nowMs) : null }
}

function readUntil(text: string, nowMs: number): number {
  const parts = duration.exec(text)
  const lasts = parts?.slice(1).reduce((sum, part, place) => sum + Number(part ?? 0) * (partsMs[place] ?? 0), 0)
  const endsAt = lasts === undefined ? readInstant(text) : nowMs + lasts
  if (endsAt <= nowMs) throw new FaultRefused('until must be later than the time of the sandbox.')
  if (endsAt > nowMs + longestMs) throw new FaultRefused('until may be at most 400 days away.')
  return endsAt
}

function readInstant(text: string): number {
  const instant = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant))
    throw new FaultRefused('until must be an instant such as 2026-11-21T14:00:00Z or a duration such as PT10M.')
  return instant
}
