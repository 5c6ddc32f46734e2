/** What every bench is told. */
export interface BenchOptions {
  /** Size of the work; each bench says of what. */
  readonly n: number | undefined
  /** Repetitions of each timed part. */
  readonly reps: number
  /** Small enough for a check on every machine; its figures do not count. */
  readonly isQuick: boolean
}
