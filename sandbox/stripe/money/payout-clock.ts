/**
 * When automatic payouts are looked at: at 00:00 UTC of the day after money moved, and of each day after that while money
 * is left (SBX-24). One timer per account and mode; an account without available money has none.
 */
import type { Space } from '../world/space.ts'

export const payoutTimer = 'payouts.run'

const dayMs = 86_400_000

/** The next midnight after now. */
export function wakePayouts(space: Space): void {
  wakePayoutsFor(space, Math.floor(space.world.nowMs() / dayMs + 1) * dayMs)
}

/** The midnight at or after `instantMs`: money that becomes available at midnight is paid out on the same day. */
export function wakePayoutsFor(space: Space, instantMs: number): void {
  const dueAt = Math.ceil(instantMs / dayMs) * dayMs
  space.world.schedule(space, { dueAt, action: payoutTimer, subject: '' }, `payouts_${dueAt}`)
}
