/**
 * The only place that reads the wall clock. Everything else is given a `Clock`, so that a sandbox installation can turn time
 * forward for application and sandboxes together (ARC-45, SBX-38) and tests never sleep.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export type Clock = {
  /** The present instant of the application. */
  now(): Date
  /** The wall time at which this instant of the application comes: what a library that waits by the wall must be given. */
  wallTimeOf(instant: Date): Date
}

export type TurnableClock = Clock & {
  /** Moves time forward. @throws when it would go back: time only moves forward (SBX-38). */
  advance(milliseconds: number): void
  /** Puts time to this instant, or leaves it where it is when that has passed, and lets it stand there. */
  standAt(instant: Date): void
  isStanding(): boolean
  /** Lets time flow again from where it stands. */
  flow(): void
  /** Application time minus wall time, as of the last turn: while time stands the wall runs away from it. */
  offsetMs(): number
}

export const systemClock: Clock = { now: () => new Date(), wallTimeOf: (instant) => instant }

/** Real time plus an offset that only grows. Live installations never hold one. */
export function turnableClock(offsetMs = 0, standingAt?: Date): TurnableClock {
  let standsAt = standingAt?.getTime()
  let offset = standsAt === undefined ? offsetMs : standsAt - Date.now()
  const nowMs = () => standsAt ?? Date.now() + offset
  return {
    now: () => new Date(nowMs()),
    wallTimeOf: (instant) => new Date(instant.getTime() - offset),
    advance(milliseconds) {
      if (!(milliseconds >= 0)) throw new Error('The clock only moves forward.')
      offset += milliseconds
      if (standsAt !== undefined) standsAt += milliseconds
    },
    standAt(instant) {
      standsAt = Math.max(instant.getTime(), nowMs())
      offset = standsAt - Date.now()
    },
    isStanding: () => standsAt !== undefined,
    flow() {
      if (standsAt !== undefined) offset = standsAt - Date.now()
      standsAt = undefined
    },
    offsetMs: () => offset,
  }
}

/** What a restart needs to go on in the time that was reached (SBX-38). */
export type KeptTime = { readonly offsetMs: number; readonly frozenAt?: number }

/** @throws when the file holds something else: a time that jumps back would be worse than a start that fails. */
export function readKeptTime(file: string): KeptTime {
  if (!existsSync(file)) return { offsetMs: 0 }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<KeptTime>
  if (typeof kept.offsetMs !== 'number')
    throw new Error(`${file} holds no clock. Remove it to go back to the real time.`)
  return { offsetMs: kept.offsetMs, ...(typeof kept.frozenAt === 'number' && { frozenAt: kept.frozenAt }) }
}

export function writeKeptTime(file: string, kept: KeptTime): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(kept))
  renameSync(`${file}.new`, file)
}
