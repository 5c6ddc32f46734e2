/** What a person can do with time: look at it, turn it forward, freeze it, and stop a turn that takes too long (SBX-38). */
import type { ClockSide, SandboxClock } from './clock.ts'
import { Walk } from './walk.ts'
import type { WalkView } from './walk.ts'

export interface ClockView {
  readonly now: Date
  readonly isFrozen: boolean
  /** The turn under way, or the last one; null when there was none since the start. */
  readonly walk: WalkView | null
}

export interface ClockWish {
  /** ISO 8601, such as 'P1D' or 'PT90M'. */
  readonly advance?: string
  /** ISO 8601 with its offset, such as '2026-12-01T09:00:00Z'. */
  readonly set?: string
  readonly freeze?: boolean
}

/** Thrown for a wish that cannot be granted; `status` is 400 for one that makes no sense, 409 for one that does not fit now. */
export class ClockRefused extends Error {
  readonly status: 400 | 409

  constructor(status: 400 | 409, message: string) {
    super(message)
    this.status = status
  }
}

const longestTurnDays = 400
const dayMs = 86_400_000

export class TimeControl {
  readonly #clock: SandboxClock | undefined
  readonly #now: () => Date
  readonly #sides: ClockSide[] = []
  #walk: Walk | undefined

  /** Without a clock that can be turned, `now` is shown and every wish refused. */
  constructor(options: { clock: SandboxClock | undefined; now: () => Date }) {
    this.#clock = options.clock
    this.#now = options.now
  }

  /** From now on, time waits for this side too. Gives back how to leave. */
  join(side: ClockSide): () => void {
    this.#sides.push(side)
    return () => void this.#sides.splice(this.#sides.indexOf(side), 1)
  }

  get view(): ClockView {
    return { now: this.#now(), isFrozen: this.#clock?.isFrozen() ?? false, walk: this.#walk?.view ?? null }
  }

  /** Resolves when the turn has ended. Throws ClockRefused before anything moved. */
  async turn(wish: ClockWish): Promise<ClockView> {
    await this.begin(wish)
    await this.#walk?.ended
    return this.view
  }

  /** Begins the turn and comes back at once; `view` tells how far it is. Throws ClockRefused. */
  async begin(wish: ClockWish): Promise<ClockView> {
    const clock = this.#clock
    if (clock === undefined) throw new ClockRefused(409, 'This sandbox was given a clock that it cannot turn.')
    if (this.#isWalking) throw new ClockRefused(409, 'The clock is being turned. Wait for its end, or cancel it.')
    const to = readTarget(wish, clock.now())
    if (wish.freeze !== undefined) await clock.freeze(wish.freeze)
    if (to !== undefined && to > clock.now()) this.#walk = new Walk({ clock, sides: [...this.#sides], to })
    return this.view
  }

  /** False when nothing was under way. */
  async cancel(): Promise<boolean> {
    if (!this.#isWalking) return false
    this.#walk?.cancel()
    await this.#walk?.ended
    return true
  }

  get #isWalking(): boolean {
    return this.#walk?.view.state === 'walking'
  }
}

/** Undefined when only the freeze is meant. Throws ClockRefused. */
function readTarget({ advance, set, freeze }: ClockWish, now: Date): Date | undefined {
  const given = [advance, set].filter((one) => one !== undefined)
  if (given.length === 0 && freeze !== undefined) return undefined
  if (given.length !== 1) throw new ClockRefused(400, 'Give either advance, such as "P1D", or set, an instant.')
  const to = set === undefined ? later(now, String(advance)) : readInstant(set)
  if (to < now) {
    throw new ClockRefused(
      409,
      `Time only moves forward: it is ${now.toISOString()} here, and ${to.toISOString()} is before that.`,
    )
  }
  if (to.getTime() - now.getTime() > longestTurnDays * dayMs)
    throw new ClockRefused(400, `The clock can be turned by at most ${longestTurnDays} days at a time.`)
  return to
}

function readInstant(text: string): Date {
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds)
  } catch (error) {
    if (error instanceof RangeError)
      throw new ClockRefused(400, 'set must be an instant such as "2026-12-01T09:00:00Z".')
    throw error
  }
}

/** Months and years are counted on the calendar, in UTC. */
function later(now: Date, text: string): Date {
  try {
    const moment = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO('UTC')
    return new Date(moment.add(Temporal.Duration.from(text)).epochMilliseconds)
  } catch (error) {
    if (error instanceof RangeError)
      throw new ClockRefused(400, 'advance must be a duration such as "P1D", "PT90M" or "P1M".')
    throw error
  }
}
