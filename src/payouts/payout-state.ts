/**
 * Where a payout stands and what Stripe may tell of it next (STR-152). Pure: callers re-read the payout, lock our row, ask `judge` what the
 * report means, and write in the same transaction. We ourselves move nothing. What surprises: a payout that was paid can still fail, up to
 * five business days later, and a word of Stripe's that is not known here is never an end.
 */
import { addDays, isBusinessDay, type LocalDate } from '#kernel'

export const payoutStates = [
  'pending', // made, and not handed to the bank yet
  'in_transit', // on its way to the bank
  'paid', // at the bank, which may still send it back for five business days
  'failed', // the bank turned it away, or Stripe could not fund it
  'canceled', // stopped before it left
  'other', // Stripe says a word that is not known here; it is shown as it is
] as const
export type PayoutState = (typeof payoutStates)[number]

/** Reading again can skip states, so the first report may be any of them. */
const reports: Readonly<Record<PayoutState, readonly PayoutState[]>> = {
  pending: ['in_transit', 'paid', 'failed', 'canceled', 'other'],
  in_transit: ['paid', 'failed', 'canceled', 'other'],
  paid: ['failed', 'other'],
  failed: [],
  canceled: [],
  other: ['pending', 'in_transit', 'paid', 'failed', 'canceled'],
}

/** `late` is old news about a state already left; `impossible` changes nothing and tells a person. */
export type Verdict = 'move' | 'same' | 'late' | 'impossible'

/** What a report means from where the payout stands. */
export function judge(current: PayoutState, observed: PayoutState): Verdict {
  if (observed === current) return 'same'
  if (reports[current].includes(observed)) return 'move'
  return reports[observed].includes(current) ? 'late' : 'impossible'
}

/** The state a word of Stripe's means. */
export function stateOf(word: string): PayoutState {
  return payoutStates.find((known) => known === word && known !== 'other') ?? 'other'
}

/** How long a bank may send a paid payout back (STR-152). */
const returnDays = 5

/** Whether more is to be expected of it. @param today in UTC. */
export function mayStillMove(
  { state, arrivalOn }: { readonly state: PayoutState; readonly arrivalOn: LocalDate },
  today: LocalDate,
): boolean {
  if (state === 'failed' || state === 'canceled') return false
  return state !== 'paid' || today <= lastReturnOn(arrivalOn)
}

function lastReturnOn(arrivalOn: LocalDate): LocalDate {
  let [day, left] = [arrivalOn, returnDays]
  while (left > 0) {
    day = addDays(day, 1)
    if (isBusinessDay(day)) left -= 1
  }
  return day
}

/** How a person reads it (UI-99), with Stripe's own word where no other is known. */
export function payoutWords({
  state,
  statusWord,
}: {
  readonly state: PayoutState
  readonly statusWord: string
}): string {
  return state === 'other' ? statusWord.replaceAll('_', ' ') : words[state]
}

const words: Readonly<Record<Exclude<PayoutState, 'other'>, string>> = {
  pending: 'Pending',
  in_transit: 'On its way',
  paid: 'Paid',
  failed: 'Failed',
  canceled: 'Canceled',
}
