/**
 * Why a payout failed, in words, by Stripe's code (STR-107, MON-34): whose side it is on, what a person does next, and what Stripe does by
 * itself. Pure. What surprises: only two codes may be answered by sending the money again, and only where no schedule does it already; all
 * others would fail the same way until the bank account is another.
 */
export type FailureSide = 'bank' | 'funds' | 'unknown'

type Words = { readonly side: FailureSide; readonly plain: string }

const details = (plain: string): Words => ({ side: 'bank', plain: `Your bank details do not work: ${plain}.` })
const blocks = (what: string, plain: string): Words => ({
  side: 'bank',
  plain: `Your bank blocks ${what} from Stripe: ${plain}.`,
})

const codes = {
  account_closed: details('the account is closed'),
  account_frozen: blocks('credits', 'the account is frozen'),
  bank_account_restricted: blocks('credits', 'the account does not take payouts of this kind, or not so many'),
  bank_ownership_changed: details('the account is no longer valid because its branch has another owner'),
  could_not_process: { side: 'funds', plain: 'Your bank turned the payout away: it could not process it.' },
  debit_not_authorized: blocks('debits', 'the account does not allow them'),
  declined: { side: 'bank', plain: 'Your bank turned the payout away and gave no reason.' },
  incorrect_account_holder_name: details('the name of the account holder is not the one your bank has'),
  insufficient_funds: {
    side: 'funds',
    plain: 'Stripe could not fund the payout; often a recent refund made the balance too thin.',
  },
  invalid_account_number: details('the account number is not valid'),
  invalid_currency: details('the account does not take this currency'),
  no_account: details('there is no account with this number'),
  unsupported_card: details('the card no longer takes payouts'),
} as const satisfies Record<string, Words>

/** The codes Stripe documents. */
export const failureCodes = Object.keys(codes)

type Failed = {
  readonly failureCode: string
  readonly failureMessage: string
  /** Negative where Stripe debits the bank. */
  readonly amountMinor: bigint
}

export type Explained = {
  readonly side: FailureSide
  /** The cause, with its sentence ended. */
  readonly cause: string
  /** What a person does about it. */
  readonly nextStep: string
}

/** The cause and the next step; a code nobody knows is shown as it is. */
export function explainFailure({ failureCode, failureMessage }: Failed): Explained {
  const known = Object.hasOwn(codes, failureCode) ? codes[failureCode as keyof typeof codes] : undefined
  if (!known) {
    const said = [failureCode || 'no code', failureMessage].filter(Boolean).join(': ')
    return {
      side: 'unknown',
      cause: `Stripe gave no reason that is known here (unknown: ${said.replace(/\.$/, '')}).`,
      nextStep: openStripe,
    }
  }
  return {
    side: known.side,
    cause: known.plain,
    nextStep: nextSteps[failureCode] ?? nextSteps[known.side] ?? openStripe,
  }
}

const openStripe = 'Open the payout in Stripe, or ask Stripe support about it.'
const callFirst = 'Call your bank, then update the bank details or confirm them in Stripe.'

const nextSteps: Readonly<Record<string, string>> = {
  bank: 'Update the bank details in Stripe.',
  account_frozen: callFirst,
  bank_account_restricted: callFirst,
  debit_not_authorized: callFirst,
  declined: 'Call your bank. If it cannot take payouts from Stripe, update the bank details.',
  could_not_process: 'Wait one business day. If it happens again, call your bank.',
  insufficient_funds: 'Add funds in Stripe, or wait for the next payments.',
}

type Standing = Failed & {
  readonly currency: string
  readonly isAutomatic: boolean
  readonly retries: number
}

export const mostRetries = 3

/**
 * What happens without anybody doing anything. @param interval the schedule Stripe had when it was last asked; empty where that is not known.
 */
export function whatHappensNext(payout: Standing, interval: string): string {
  const { side } = explainFailure(payout)
  const money =
    payout.amountMinor < 0n ? 'What is owed stays on your Stripe balance.' : 'The money is back in your Stripe balance.'
  if (side === 'bank') {
    const then = isManual(payout, interval) ? 'then make a payout in Stripe' : 'then it goes on with your schedule'
    return `${money} Stripe pays out no ${payout.currency} to this bank account until its details change; ${then}.`
  }
  if (!isManual(payout, interval))
    return `${money} Stripe pays it out with your next scheduled payout; nothing is sent twice.`
  if (side === 'unknown' || payout.amountMinor < 0n) return `${money} With manual payouts nothing goes out by itself.`
  return payout.retries < mostRetries
    ? `${money} With manual payouts Rentroll sends it again on the next business day, at most ${mostRetries} times.`
    : `${money} It was sent again ${mostRetries} times and is not sent any more. Make a payout in Stripe when the cause is gone.`
}

/** Whether payouts are made by hand; a failed payout tells by how it was made itself while the schedule is not known. */
export function isManual({ isAutomatic }: Pick<Standing, 'isAutomatic'>, interval: string): boolean {
  return interval === '' ? !isAutomatic : interval === 'manual'
}

/** Only these may be sent again, and never a debit of the bank (STR-107). */
export function mayBeSentAgain(payout: Failed): boolean {
  return payout.amountMinor > 0n && explainFailure(payout).side === 'funds'
}
