/** What payouts refuse, in words (ARC-50, MON-24). */
import { refused, type Problem } from '#kernel'
import type { StripeFault } from '#stripe'

const problems = {
  no_connection: {
    title: 'Stripe is not connected',
    cause: 'No Stripe account is connected in this mode, so there is nothing that pays out.',
    nextStep: 'Connect Stripe in Administration, Integrations.',
    status: 409,
  },
  interval: {
    title: 'Check the schedule',
    cause: 'Choose daily, weekly, monthly or manual.',
    nextStep: 'Choose one of the four and save again.',
    status: 422,
  },
  weekly_days: {
    title: 'Check the days',
    cause: 'Stripe pays out Monday to Friday. Saturday and Sunday are not possible.',
    nextStep: 'Choose one or more days from Monday to Friday, each once.',
    status: 422,
  },
  monthly_days: {
    title: 'Check the days',
    cause: 'Choose days between 1 and 31.',
    nextStep: 'Choose one or more days, each once. In shorter months days 29 to 31 mean the last day.',
    status: 422,
  },
  days_of_other_interval: {
    title: 'Check the days',
    cause: 'Days of the week belong to weekly payouts only.',
    nextStep: 'Leave the days of the week out, or choose weekly.',
    status: 422,
  },
  dates_of_other_interval: {
    title: 'Check the days',
    cause: 'Days of the month belong to monthly payouts only.',
    nextStep: 'Leave the days of the month out, or choose monthly.',
    status: 422,
  },
  hold_days: {
    title: 'Check the hold',
    cause: "Hold must be 0 to 31 days; leave empty for Stripe's minimum.",
    nextStep: 'Enter a whole number of days, or leave the field empty.',
    status: 422,
  },
  manual_not_confirmed: {
    title: 'Manual payouts need your confirmation',
    cause:
      'With manual payouts nothing reaches your bank by itself. Stripe may require you to pay out within a legal limit.',
    nextStep: 'Tick the box if you want this, and save again.',
    status: 422,
  },
  owner_only: {
    title: 'Only the account owner can change this',
    cause: "Stripe lets only the account owner change this. Open Stripe's payout settings.",
    nextStep: 'Change it there, then press Check again. Nothing was changed here.',
    status: 409,
  },
  schedule_refused: {
    title: 'Stripe refused this schedule',
    cause: 'Stripe does not accept this schedule or this hold for your account. Nothing was changed.',
    nextStep: "Choose another hold or leave it empty, or set the schedule in Stripe's payout settings.",
    status: 422,
  },
  unreachable: {
    title: 'We could not reach Stripe',
    cause: 'Stripe did not answer in time, so nobody can say yet whether the schedule was changed.',
    nextStep: 'Press Check again: it shows the schedule Stripe has.',
    status: 503,
  },
  payout_not_failed: {
    title: 'Nothing to send again',
    cause: 'This payout did not fail, or a later one has taken its place.',
    nextStep: 'Look at the newest payouts of this currency.',
    status: 409,
  },
  payout_not_ours: {
    title: 'This payout cannot be sent again from here',
    cause: 'It would fail the same way: the cause is the bank account, or is not known.',
    nextStep: 'Update the bank details in Stripe, or open the payout there.',
    status: 409,
  },
  payout_not_manual: {
    title: 'Stripe pays this out by itself',
    cause:
      'Your payouts follow a schedule, and the money goes out with the next one. A payout beside it could pay twice.',
    nextStep: 'Wait for the next scheduled payout; press Check again to see whether it is there.',
    status: 409,
  },
  payout_no_funds: {
    title: 'Nothing to pay out',
    cause: 'Your available Stripe balance in this currency is zero or below.',
    nextStep: 'Add funds in Stripe or wait for the next payments, then try again.',
    status: 409,
  },
  payout_retries_used: {
    title: 'Sent again three times already',
    cause: 'This money was sent three times after the first payout failed, and is not sent any more from here.',
    nextStep: 'Ask your bank or Stripe for the cause, then make a payout in Stripe.',
    status: 409,
  },
  payout_retried_today: {
    title: 'Sent again today already',
    cause: 'A payout is sent again at most once a business day, and the one of today was refused or failed.',
    nextStep: 'It is sent again by itself on the next business day.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type PayoutProblem = keyof typeof problems

/** @param field the field at fault as a JSON pointer. */
export function refuse<Code extends PayoutProblem>(code: Code, field?: string) {
  return refused(code, problems[code] as Problem, field)
}

/** What a fault of Stripe means for whoever asked about payouts. */
export function refuseFault({ kind }: StripeFault) {
  return kind === 'permission' || kind === 'auth' ? refuse('owner_only') : refuse('unreachable')
}
