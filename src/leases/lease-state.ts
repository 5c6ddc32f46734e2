/**
 * Where a lease stands and where it may go (BIL-13). Pure. What surprises: `reserved` is a lease like `active` whose first day has not
 * come, and "overdue" or "locked" are not states at all but derived flags.
 */
export const leaseStates = [
  'draft', // being put together; holds nothing
  'awaiting_acceptance', // the agreement is out for signature
  'awaiting_payment', // the first invoice is open; the space is held for it
  'reserved', // agreed and paid, starts later
  'active', // the renter has the space
  'notice_given', // the last day is known
  'ended', // given back, something is still owed or being refunded
  'settled', // given back and squared
  'abandoned', // the held time ran out
  'cancelled',
] as const
export type LeaseState = (typeof leaseStates)[number]

const steps: Record<LeaseState, readonly LeaseState[]> = {
  draft: ['awaiting_acceptance', 'awaiting_payment', 'abandoned', 'cancelled'],
  awaiting_acceptance: ['awaiting_payment', 'abandoned', 'cancelled'],
  awaiting_payment: ['reserved', 'active', 'abandoned', 'cancelled'],
  reserved: ['active', 'cancelled'],
  active: ['notice_given'],
  notice_given: ['active', 'ended'],
  ended: ['settled'],
  settled: [],
  abandoned: [],
  cancelled: [],
}

export function mayStep(current: LeaseState, next: LeaseState): boolean {
  return steps[current].includes(next)
}

/** States in which nobody else may have the space; the exclusion constraint `leases_do_not_overlap` names the same. */
export const holdingStates = ['awaiting_payment', 'reserved', 'active', 'notice_given'] as const satisfies LeaseState[]

/** States in which the renter counts as active (BIL-6). */
export const liveStates = ['reserved', 'active', 'notice_given'] as const satisfies LeaseState[]

const labels: Record<LeaseState, string> = {
  draft: 'Draft',
  awaiting_acceptance: 'Awaiting acceptance',
  awaiting_payment: 'Awaiting payment',
  reserved: 'Reserved',
  active: 'Active',
  notice_given: 'Notice given',
  ended: 'Ended',
  settled: 'Settled',
  abandoned: 'Abandoned',
  cancelled: 'Cancelled',
}

export function leaseStateLabel(state: LeaseState): string {
  return labels[state]
}
