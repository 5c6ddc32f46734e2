/**
 * The only place that reads the wall clock. Everything else is given a `Clock`, so that a sandbox installation can turn time
 * forward for application and sandboxes together (ARC-45, SBX-38) and tests never sleep.
 */
export type Clock = {
  /** The present instant of the application. */
  now(): Date
  /** The wall time at which this instant of the application comes: what a library that waits by the wall must be given. */
  wallTimeOf(instant: Date): Date
}

export type TurnableClock = Clock & {
  /** Moves time forward. @throws when it would go back: time only moves forward (SBX-38). */
  advance(milliseconds: number): void
  offsetMs(): number
}

export const systemClock: Clock = { now: () => new Date(), wallTimeOf: (instant) => instant }

/** Real time plus an offset that only grows. Live installations never hold one. */
export function turnableClock(offsetMs = 0): TurnableClock {
  let offset = offsetMs
  return {
    now: () => new Date(Date.now() + offset),
    wallTimeOf: (instant) => new Date(instant.getTime() - offset),
    advance(milliseconds) {
      if (!(milliseconds >= 0)) throw new Error('The clock only moves forward.')
      offset += milliseconds
    },
    offsetMs: () => offset,
  }
}
