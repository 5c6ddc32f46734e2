/**
 * The one time of sandbox and product (SBX-38). Whoever starts the sandbox may bring the clock; alone it has its own, which
 * is the wall clock plus an offset that only grows. Offset and freeze are kept in the data folder, so that a restart goes on
 * in the time that was reached.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SandboxClock {
  now(): Date
  /** Whether a person stopped time; a walk that passes does not count. */
  isFrozen(): boolean
  freeze(isFrozen: boolean): Promise<void>
  /** Puts time to this instant, which is not before now, and lets it stand there. */
  standAt(instant: Date): Promise<void>
  /** Time flows again, unless it is frozen. */
  goOn(): Promise<void>
}

/** Somebody for whom things come due: the sandbox itself, and the product that was started with it (SBX-39). */
export interface ClockSide {
  /** For the sentence that says where time stopped. */
  readonly name: string
  /** Earliest instant at which something happens by itself; not after now while work is under way. Null when nothing waits. */
  nextDueAt(): Promise<Date | null>
  /** Works off what is due. May come back early; it is asked again. */
  runDue(): Promise<void>
}

interface Kept {
  readonly offsetMs: number
  /** Milliseconds; null when time flows. */
  readonly frozenAt: number | null
}

/** The sandbox's own clock. Without a folder it is forgotten at the end. */
export function ownClock(folder: string | undefined, wall: () => number = Date.now): SandboxClock {
  const file = folder === undefined ? undefined : join(folder, 'clock.json')
  const kept = file === undefined || !existsSync(file) ? nothingKept : readKept(file)
  let { offsetMs, frozenAt } = kept
  let standsAt = frozenAt
  const nowMs = (): number => standsAt ?? wall() + offsetMs
  const keep = (): void => {
    if (file !== undefined && folder !== undefined) write(folder, file, { offsetMs, frozenAt })
  }
  const flow = (): void => {
    offsetMs = nowMs() - wall()
    standsAt = null
  }
  return {
    now: () => new Date(nowMs()),
    isFrozen: () => frozenAt !== null,
    async freeze(isFrozen) {
      const at = nowMs()
      frozenAt = isFrozen ? at : null
      if (isFrozen) standsAt = at
      else flow()
      keep()
    },
    async standAt(instant) {
      standsAt = Math.max(nowMs(), instant.getTime())
      offsetMs = standsAt - wall()
      if (frozenAt !== null) frozenAt = standsAt
      keep()
    },
    async goOn() {
      if (frozenAt === null) flow()
      keep()
    },
  }
}

const nothingKept: Kept = { offsetMs: 0, frozenAt: null }

/** Throws when the file is not what was written: a time that jumps back would be worse than a start that fails. */
function readKept(file: string): Kept {
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept>
  if (typeof kept.offsetMs !== 'number')
    throw new Error(`${file} holds no clock. Remove it to go back to the real time.`)
  return { offsetMs: kept.offsetMs, frozenAt: kept.frozenAt ?? null }
}

function write(folder: string, file: string, kept: Kept): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(kept))
  renameSync(`${file}.new`, file)
}
