/** What every proof is told, and what it says. */
export type ProofOptions = {
  /** How many cases; each proof says of what. */
  readonly n: number | undefined
  readonly seed: number
  /** Others wanted more than this machine had when the run began: then no time is judged, only counts. */
  readonly isBusy: boolean
  /** A sign of life of a long run. */
  tell(sentence: string): void
}

/** A breach is a sentence with everything needed to see it again; a proof with one has failed. */
export type ProofReport = { readonly lines: readonly string[]; readonly breaches: readonly string[] }

/** `n` as it is written for people: 1,000,000. */
export function written(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}
