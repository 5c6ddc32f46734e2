/**
 * Turning the clock (SBX-39): not one jump, but from one due instant to the next, sandbox and product in turn, until both are
 * idle at each; so a month in one go leaves the same traces as a month of days. Time stands while an instant is worked off,
 * so that everything of that instant carries exactly that time.
 */
import type { ClockSide, SandboxClock } from './clock.ts'

export interface WalkView {
  readonly state: 'walking' | 'done' | 'canceled' | 'stuck'
  readonly from: Date
  readonly to: Date
  /** Instants worked off so far. */
  readonly steps: number
  /** Who is being waited for, or was when it stopped. */
  readonly where: string | null
  /** Why it stopped before its end. */
  readonly reason: string | null
}

interface WalkParts {
  readonly clock: SandboxClock
  readonly sides: readonly ClockSide[]
  readonly to: Date
  readonly longestInstantMs?: number
}

/** Real time that one instant may take before the walk gives up and says where. */
const longestInstantMs = 30_000

export class Walk {
  readonly #clock: SandboxClock
  readonly #sides: readonly ClockSide[]
  readonly #longestInstantMs: number
  #view: WalkView
  #isCanceled = false
  /** Resolves when it has ended, however it ended. */
  readonly ended: Promise<void>

  constructor(parts: WalkParts) {
    const { clock, sides, to } = parts
    this.#clock = clock
    this.#sides = sides
    this.#longestInstantMs = parts.longestInstantMs ?? longestInstantMs
    this.#view = { state: 'walking', from: clock.now(), to, steps: 0, where: null, reason: null }
    this.ended = this.#run()
  }

  get view(): WalkView {
    return this.#view
  }

  /** It stops at the instant it has reached, once that one is worked off. */
  cancel(): void {
    this.#isCanceled = true
  }

  async #run(): Promise<void> {
    try {
      await this.#clock.standAt(this.#clock.now())
      await this.#toTheEnd()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#change({ state: 'stuck', reason })
    } finally {
      await this.#clock.goOn()
    }
  }

  async #toTheEnd(): Promise<void> {
    const { to } = this.#view
    for (;;) {
      await this.#settle()
      if (this.#clock.now() >= to) return this.#change({ state: 'done', where: null })
      if (this.#isCanceled) return this.#change({ state: 'canceled', where: null, reason: 'It was canceled.' })
      const next = await this.#nextInstant()
      await this.#clock.standAt(next === null || next > to ? to : next)
      this.#change({ steps: this.#view.steps + 1 })
    }
  }

  /** Until nobody has anything due, seen twice: one side's last deed may be the other's next. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + this.#longestInstantMs
    for (let quietRounds = 0; quietRounds < 2;) {
      const busy = await this.#workOnce(deadline)
      quietRounds = busy === null ? quietRounds + 1 : 0
      if (busy !== null && performance.now() > deadline) throw new Error(this.#stuckAt(busy))
    }
  }

  /** Name of the last side that had something due. */
  async #workOnce(deadline: number): Promise<string | null> {
    let busy: string | null = null
    for (const side of this.#sides) {
      const dueAt = await side.nextDueAt()
      if (dueAt === null || dueAt > this.#clock.now()) continue
      busy = side.name
      if (this.#view.where !== side.name) this.#change({ where: side.name })
      await within(side.runDue(), deadline, () => new Error(this.#stuckAt(side.name)))
    }
    return busy
  }

  async #nextInstant(): Promise<Date | null> {
    const instants = await Promise.all(this.#sides.map((side) => side.nextDueAt()))
    const [first] = instants.filter((instant) => instant !== null).toSorted((one, other) => Number(one) - Number(other))
    return first ?? null
  }

  #stuckAt(name: string): string {
    const seconds = Math.round(this.#longestInstantMs / 1000)
    return `${name} was not idle within ${seconds} seconds at ${this.#clock.now().toISOString()}.`
  }

  #change(part: Partial<WalkView>): void {
    this.#view = { ...this.#view, ...part }
  }
}

async function within(work: Promise<void>, deadline: number, tooLate: () => Error): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), Math.max(0, deadline - performance.now()))
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
