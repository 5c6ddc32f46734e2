/** What every bench is told, and what it gives back. */
export interface BenchOptions {
  /** Size of the work; each bench says of what. */
  readonly n: number | undefined
  /** Repetitions of each timed part. */
  readonly reps: number
  /** Callers at once; undefined measures each number the bench knows. */
  readonly c: number | undefined
  /** Of `webhook`: only these modes; ratios with the others are left out. */
  readonly modes: readonly string[] | undefined
  /** Small enough for a check on every machine; its figures do not count. */
  readonly isQuick: boolean
  /** Told about each step on the way, because a full run takes long. */
  readonly say: (line: string) => void
}

/** A ratio with the goal it has to reach, named so that a later run can be compared with it (PERF-18). */
export interface Ratio {
  readonly name: string
  /** `least`: must be at least the goal; `most`: at most. */
  readonly is: 'least' | 'most'
  readonly goal: number
  readonly value: number
  /** The same ratio within each repetition. */
  readonly each: readonly number[]
}

export interface BenchReport {
  readonly lines: readonly string[]
  readonly ratios: readonly Ratio[]
  /** Everything that was measured, for `--json`. */
  readonly figures?: unknown
  /** What PostgreSQL said of itself, for the machine line. */
  readonly database?: string
}
