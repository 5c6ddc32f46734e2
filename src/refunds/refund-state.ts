/**
 * Where a refund stands and where it may go (STR-150). Pure: callers re-read the refund from Stripe, lock our row, ask `judge` what the
 * report means, and write in the same transaction. What surprises: a refund that succeeded can still fail, up to 30 days later.
 */
export const refundStates = [
  'requested', // written down, amount guarded under the payment's lock
  'waiting_funds', // larger than what has settled; sent when funds settle
  'submitting', // the call is on its way
  'unknown', // the call's answer was lost; looked up before anything is sent again
  'pending',
  'requires_action',
  'succeeded',
  'failed',
  'canceled',
] as const
export type RefundState = (typeof refundStates)[number]

export const reportedStates = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const
export type ReportedState = (typeof reportedStates)[number]

/** What we may do ourselves. */
const steps: Partial<Record<RefundState, readonly RefundState[]>> = {
  requested: ['waiting_funds', 'submitting', 'canceled'],
  waiting_funds: ['submitting', 'canceled'],
  submitting: ['unknown', 'waiting_funds', 'failed'],
  unknown: ['submitting', 'waiting_funds', 'failed'],
}

/** What Stripe may tell us. A re-read can skip states, so the first report may be any of them. */
const reports: Record<RefundState, readonly ReportedState[]> = {
  requested: [],
  waiting_funds: [],
  submitting: reportedStates,
  unknown: reportedStates,
  pending: ['requires_action', 'succeeded', 'failed', 'canceled'],
  requires_action: ['pending', 'succeeded', 'failed', 'canceled'],
  succeeded: ['failed'], // A bank can send the money back days after Stripe said it arrived.
  failed: [],
  canceled: [],
}

/** `late` is old news about a state we already left; `impossible` changes nothing and tells a person. */
export type Verdict = 'move' | 'same' | 'late' | 'impossible'

export function judge(current: RefundState, observed: ReportedState): Verdict {
  if (observed === current) return 'same'
  if (reports[current].includes(observed)) return 'move'
  const left: readonly RefundState[] = reports[observed]
  return left.includes(current) ? 'late' : 'impossible'
}

/** What a report changes. `to` is absent where the state stays; followed means that Stripe is asked again later. */
export type Decision = {
  readonly verdict: Verdict
  readonly to?: ReportedState | 'unknown'
  readonly isFollowed: boolean
}

/**
 * The whole decision about a report (TRU-125), from where we stand and what Stripe has now. A status we do not know says nothing:
 * never a success, never a failure; Stripe is asked again.
 */
export function decide(current: RefundState, status: string): Decision {
  if (!isReported(status)) {
    const isFollowed = !isFinal(current)
    return mayStep(current, 'unknown')
      ? { verdict: 'move', to: 'unknown', isFollowed }
      : { verdict: 'late', isFollowed }
  }
  const verdict = judge(current, status)
  const isFollowed = verdict !== 'impossible' && !isFinal(status)
  return verdict === 'move' ? { verdict, to: status, isFollowed } : { verdict, isFollowed }
}

export function mayStep(current: RefundState, next: RefundState): boolean {
  return steps[current]?.includes(next) ?? false
}

/** States in which no more can come, except that a success may still turn. */
export function isFinal(state: RefundState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled'
}

export function isReported(word: string): word is ReportedState {
  return (reportedStates as readonly string[]).includes(word)
}

/** The words a person sees (UI-173). */
export const refundStateWords: Record<RefundState, string> = {
  requested: 'Requested',
  waiting_funds: 'Waiting for funds',
  submitting: 'Sending to Stripe',
  unknown: 'Checking with Stripe. Do not refund again; we are finding out.',
  pending: 'Pending at the bank',
  requires_action: 'Needs the renter',
  succeeded: 'Refunded',
  failed: 'Failed',
  canceled: 'Cancelled',
}
