/**
 * Where a document stands and where it may go (BIL-53). Pure. What surprises: `paid` may become `open` again, because a bank can take
 * money back, and `deleted` exists for drafts only, so no number is ever lost.
 */
export const invoiceStates = [
  'draft', // editable, without a number
  'open', // finalised and numbered; money is owed
  'paid', // nothing is owed
  'void', // issued in error; keeps its number
  'uncollectible', // written off; may still be recovered
  'deleted', // a draft thrown away
] as const
export type InvoiceState = (typeof invoiceStates)[number]

const steps: Record<InvoiceState, readonly InvoiceState[]> = {
  draft: ['open', 'deleted'],
  open: ['paid', 'void', 'uncollectible'],
  paid: ['open'],
  void: [],
  uncollectible: ['paid'],
  deleted: [],
}

export function mayStep(current: InvoiceState, next: InvoiceState): boolean {
  return steps[current].includes(next)
}

/** What a person may do to a document, and why not (BIL-53, BIL-54). */
const actions = {
  finalise: { from: 'draft', otherwise: 'not_a_draft' },
  delete: { from: 'draft', otherwise: 'only_drafts_can_be_deleted' },
  void: { from: 'open', otherwise: 'only_open_can_be_voided' },
} as const

export type InvoiceAction = keyof typeof actions

/** The reason against it, or undefined when it may be done. */
export function judgeAction(current: InvoiceState, action: InvoiceAction) {
  return current === actions[action].from ? undefined : actions[action].otherwise
}
