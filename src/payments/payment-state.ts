/**
 * Where a payment stands and where it may go (STR-148). Pure: callers re-read the PaymentIntent, lock invoice and payment, ask `judge`
 * what the report means, and write in the same transaction. What surprises: a bank that wants the renter present off-session answers
 * with a decline, yet nothing failed; we read that as `requires_action`, because the cure is the renter and not another card.
 */
export const paymentStates = [
  'created', // written down; the call to Stripe is planned or running
  'requires_action', // the renter must act (3-D Secure)
  'processing', // the bank takes its time
  'authorized', // held on the card, not captured
  'succeeded',
  'failed', // declined; the same payment may be tried again
  'canceled',
  'unknown', // the call's answer was lost; Stripe is asked before anything else happens
] as const
export type PaymentState = (typeof paymentStates)[number]

const moves: Record<PaymentState, readonly PaymentState[]> = {
  created: ['requires_action', 'processing', 'authorized', 'succeeded', 'failed', 'canceled', 'unknown'],
  requires_action: ['processing', 'authorized', 'succeeded', 'failed', 'canceled', 'unknown'],
  processing: ['succeeded', 'failed', 'requires_action', 'canceled'],
  authorized: ['succeeded', 'canceled', 'failed'],
  succeeded: [], // What happens later to the money (refund, dispute, return) has rows of its own.
  failed: ['created', 'requires_action', 'processing', 'authorized', 'succeeded', 'canceled', 'unknown'],
  canceled: ['succeeded'], // Money is real: it is booked, and a person is told.
  unknown: ['created', 'requires_action', 'processing', 'authorized', 'succeeded', 'failed', 'canceled'],
}

/** States in which a second attempt on the same invoice would risk paying twice. */
export const openStates = [
  'created',
  'requires_action',
  'processing',
  'authorized',
  'unknown',
] as const satisfies readonly PaymentState[]

export function isOpen(state: PaymentState): boolean {
  return (openStates as readonly PaymentState[]).includes(state)
}

/** `late` is old news about a state we already left; `impossible` changes nothing and tells a person (STR-84). */
export type Verdict = 'move' | 'same' | 'late' | 'impossible'

export function judge(current: PaymentState, observed: PaymentState): Verdict {
  if (observed === current) return 'same'
  // A fresh intent that only waits for our own call says nothing about where we are.
  if (observed === 'created') return current === 'unknown' ? 'move' : 'late'
  if (moves[current].includes(observed)) return 'move'
  return moves[observed].includes(current) ? 'late' : 'impossible'
}

/** What a report changes. `to` is absent where the state stays; followed means that Stripe is asked again later. */
export type Decision = { readonly verdict: Verdict; readonly to?: PaymentState; readonly isFollowed: boolean }

/**
 * The whole decision about a report (TRU-125), from what stands in our rows and never from times or from the order of arrival.
 * @param report.isConfirming the present attempt is on its way to Stripe and this is not its own answer: then an older decline may
 * still stand on the intent, and only the confirmation's own answer may call this attempt failed or unanswered.
 */
export function decide(current: PaymentState, report: { seen: PaymentState; isConfirming: boolean }): Decision {
  const { seen, isConfirming } = report
  const verdict = judge(current, seen)
  const isOverruled = isConfirming && maySpeakOfAnEarlierAttempt(seen)
  const isOpenStill = verdict === 'move' || isOpen(current)
  const isFollowed = verdict !== 'impossible' && isOpenStill && isOpen(seen) && seen !== 'created'
  return verdict === 'move' && !isOverruled ? { verdict, to: seen, isFollowed } : { verdict, isFollowed }
}

export function maySpeakOfAnEarlierAttempt(seen: PaymentState): boolean {
  return seen === 'failed' || seen === 'requires_action' || seen === 'created'
}

/** What Stripe's status means for us. A status we do not know is `unknown`, never a success. */
export function stateOfIntent(intent: {
  readonly status: string
  readonly lastError?: { readonly code?: string } | undefined
}): PaymentState {
  switch (intent.status) {
    case 'requires_payment_method':
      if (!intent.lastError) return 'created'
      return intent.lastError.code === 'authentication_required' ? 'requires_action' : 'failed'
    case 'requires_confirmation':
      return 'created'
    case 'requires_action':
      return 'requires_action'
    case 'processing':
      return 'processing'
    case 'requires_capture':
      return 'authorized'
    case 'succeeded':
      return 'succeeded'
    case 'canceled':
      return 'canceled'
    default:
      return 'unknown'
  }
}

/** The words a person sees on the invoice for each state (UI-170). */
export const paymentStateWords: Record<PaymentState, string> = {
  created: 'Sending to Stripe',
  requires_action: 'The renter must act',
  processing: 'The bank is processing it',
  authorized: 'Authorised, not captured',
  succeeded: 'Paid',
  failed: 'Failed',
  canceled: 'Canceled',
  unknown: 'Checking with Stripe',
}

/** True while asking again can still bring something new. */
export function isWorthFollowing(payment: {
  readonly state: PaymentState
  readonly balanceTransactionId?: string | undefined
}): boolean {
  return isOpen(payment.state) || (payment.state === 'succeeded' && payment.balanceTransactionId === undefined)
}
