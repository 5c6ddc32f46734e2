/**
 * The turnable time of an installation with sandboxes (SBX-38 to SBX-40): the application owns offset and freeze and keeps them in the
 * data folder; the sandbox walks through time and asks here when something of the application is due. What surprises: the job queue
 * waits by the wall clock, so whatever waits in it is moved along whenever application time and wall time drift apart, be it by a turn
 * or because time stood. Live installations have none of this.
 */
import { readKeptTime, turnableClock, writeKeptTime, type Jobs, type KeptTime, type TurnableClock } from '#platform'
import type { Ground, Work } from './wiring.ts'

const keepUpEveryMs = 1000
const dayMs = 86_400_000

export type SandboxTime = ReturnType<typeof openSandboxTime>

/** @param file where offset and freeze are kept; undefined forgets them at the end. */
export function openSandboxTime(file?: string) {
  const kept: KeptTime = file === undefined ? { offsetMs: 0 } : readKeptTime(file)
  const clock = turnableClock(kept.offsetMs, kept.frozenAt === undefined ? undefined : new Date(kept.frozenAt))
  let isFrozen = clock.isStanding()
  let jobs: Jobs | undefined
  let shifted = kept.offsetMs
  const keepUp = async () => {
    const offset = clock.offsetMs()
    const drift = offset - shifted
    if (file !== undefined) {
      writeKeptTime(file, { offsetMs: offset, ...(isFrozen && { frozenAt: clock.now().getTime() }) })
    }
    if (!jobs || drift === 0) return
    shifted = offset
    await jobs.shift(drift)
  }
  return {
    clock,
    /** What the sandbox is given at its start. */
    port: portOf(clock, { keepUp, isFrozen: () => isFrozen, setFrozen: (wish) => (isFrozen = wish) }),
    /** From now on the queue follows the clock. @returns how to let go. */
    async follow(ground: Pick<Ground, 'jobs' | 'logs'>): Promise<() => void> {
      jobs = ground.jobs
      await keepUp()
      const timer = setInterval(() => {
        if (!clock.isStanding()) return
        clock.standAt(clock.now())
        void keepUp().catch((error: unknown) =>
          ground.logs.error({ error: String(error) }, 'jobs do not follow the clock'),
        )
      }, keepUpEveryMs)
      return () => clearInterval(timer)
    },
  }
}

type PortParts = {
  readonly keepUp: () => Promise<void>
  readonly isFrozen: () => boolean
  readonly setFrozen: (wish: boolean) => void
}

function portOf(clock: TurnableClock, { keepUp, isFrozen, setFrozen }: PortParts) {
  return {
    now: () => clock.now(),
    isFrozen,
    async freeze(wish: boolean) {
      setFrozen(wish)
      if (wish) clock.standAt(clock.now())
      else clock.flow()
      await keepUp()
    },
    async standAt(instant: Date) {
      clock.standAt(instant)
      await keepUp()
    },
    async goOn() {
      if (!isFrozen()) clock.flow()
      await keepUp()
    },
  }
}

/**
 * The application as one side of a walk through time: due are its jobs, its inbox, and once a day the search for what was left
 * unfinished, which runs every minute otherwise and would make a month of minutes out of a month.
 */
export function applicationSide(ground: Pick<Ground, 'jobs' | 'clock'>, work: Work, clock: TurnableClock) {
  let recoveredOn = dayOf(clock.now())
  const look = async () => {
    const [jobs, inbox] = await Promise.all([ground.jobs.outlook(), work.inbox.outlook()])
    const starts = jobs.waiting.map(({ name, startAfter }) => ({
      name,
      at: new Date(startAfter.getTime() + clock.offsetMs()),
    }))
    return { isBusy: jobs.isBusy || inbox.isBusy, starts, inboxAt: inbox.earliestAt }
  }
  return {
    name: 'Rentroll',
    async nextDueAt(): Promise<Date | null> {
      const { isBusy, starts, inboxAt } = await look()
      if (isBusy) return clock.now()
      const nextDay = new Date((recoveredOn + 1) * dayMs)
      const instants = [nextDay, ...starts.map(({ at }) => at), ...(inboxAt ? [inboxAt] : [])]
      return instants.reduce((first, instant) => (instant < first ? instant : first))
    },
    async runDue(): Promise<void> {
      const now = clock.now()
      if (dayOf(now) > recoveredOn) {
        recoveredOn = dayOf(now)
        await work.recover()
      }
      const { starts } = await look()
      ground.jobs.wake(starts.filter(({ at }) => at <= now).map(({ name }) => name))
      work.inbox.wake()
      await new Promise((resolve) => setTimeout(resolve, 15))
    },
  }
}

function dayOf(instant: Date): number {
  return Math.floor(instant.getTime() / dayMs)
}
