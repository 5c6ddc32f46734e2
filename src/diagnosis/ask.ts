/** The noun: what Stripe answered when the checks were last run, kept so that nobody has to ask again. It holds no secret. */
export type AskedRow = {
  readonly row: string
  readonly state: string
  readonly text: string
  readonly durationMs?: number
}

export type Ask = {
  readonly askedAt: Date
  /** When the test last passed. */
  readonly passedAt: Date | undefined
  readonly keyFingerprint: string
  readonly title: string
  readonly rows: readonly AskedRow[]
  /** An endpoint that is ours by its mark or its address's end, and points elsewhere. */
  readonly misplaced: { readonly id: string; readonly url: string } | undefined
  /** Finished at Stripe for two minutes and more, and open here; undefined when it could not be asked. */
  readonly moved: { readonly payments: number; readonly invoiceId: string | undefined } | undefined
}
