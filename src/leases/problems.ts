/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  agreement_empty: {
    title: 'Agreement text missing',
    cause: 'An empty agreement cannot be published, because renters accept its text.',
    nextStep: 'Enter the text of the agreement.',
    status: 422,
  },
  agreement_title_missing: {
    title: 'Title missing',
    cause: 'An agreement has a title of 1 to 120 characters.',
    nextStep: 'Enter the title.',
    status: 422,
  },
  agreement_field_unknown: (name: string) => ({
    title: 'Unknown field in the text',
    cause: `The text names ${name}, which is not a field of an agreement.`,
    nextStep: 'Use a field from the list, or remove it.',
    status: 422,
  }),
  agreement_braces_open: (place: string) => ({
    title: 'A field is not closed',
    cause: `A field stands between two pairs of braces, and here one is missing: ${place}`,
    nextStep: 'Write it like {{renter.name}}, or remove the braces.',
    status: 422,
  }),
  agreement_missing: {
    title: 'No agreement published',
    cause: 'A renter accepts an agreement before a space is checked out, and none is in force today.',
    nextStep: 'Publish an agreement under Settings, Agreements.',
    status: 409,
  },
  acceptance_missing: {
    title: 'Contract acceptance required',
    cause: 'The renter accepts the agreement by typing their name.',
    nextStep: 'Let the renter type their name under the agreement.',
    status: 422,
  },
  payment_method_required: {
    title: 'Payment method required',
    cause: 'This renter has no saved card that can be charged, and manual payments are not allowed.',
    nextStep: 'Add a card, or allow manual payments for this renter.',
    status: 409,
  },
  payments_not_connected: {
    title: 'Payment method required',
    cause: 'Card payments are not connected.',
    nextStep: 'Connect Stripe or allow manual payments for this renter.',
    status: 409,
  },
  space_unknown: {
    title: 'Choose a space',
    cause: 'This space does not exist or was archived.',
    nextStep: 'Choose a space from the list.',
    status: 422,
  },
  space_suspended: (reason: string) => ({
    title: 'This space is suspended',
    cause: `It cannot be rented out: ${reason}.`,
    nextStep: 'Lift the suspension, or choose another space.',
    status: 409,
  }),
  space_not_available: (sentence: string) => ({
    title: 'This space is not available',
    cause: sentence,
    nextStep: 'Choose a later start or another space.',
    status: 409,
  }),
  space_taken: (number: string) => ({
    title: 'This space was just taken',
    cause: `${number} was just taken. Your entries are kept; pick another space.`,
    nextStep: 'Pick another space.',
    status: 409,
  }),
  request_key_reused: (number: string) => ({
    title: 'This was sent before with other terms',
    cause: `${number} was checked out as it was sent the first time. Nothing was done a second time.`,
    nextStep: 'Open the lease and look at it. For another one begin a new check-out.',
    status: 409,
  }),
  renter_unknown: {
    title: 'Choose a renter',
    cause: 'This renter does not exist.',
    nextStep: 'Choose a renter from the list, or create one.',
    status: 422,
  },
  renter_suspended: (sentence: string) => ({
    title: 'This renter is suspended',
    cause: sentence,
    nextStep: 'Lift the suspension first.',
    status: 409,
  }),
  start_unreadable: {
    title: 'This is no date',
    cause: 'There is no such day in the calendar.',
    nextStep: 'Enter year, month and day, such as 2026-03-01.',
    status: 422,
  },
  start_in_past: {
    title: 'Start date in the past',
    cause: 'Start date must be today or later.',
    nextStep: 'Choose today or a later date.',
    status: 422,
  },
  start_too_late: {
    title: 'Start date too far ahead',
    cause: 'A lease starts within 365 days.',
    nextStep: 'Choose an earlier date.',
    status: 422,
  },
  interval_not_offered: {
    title: 'Choose an interval',
    cause: 'The category of this space has no price for this interval.',
    nextStep: 'Choose an interval from the list.',
    status: 422,
  },
  amount_unreadable: {
    title: 'Enter an amount',
    cause: 'This is not an amount of 0 or more in the currency of the location.',
    nextStep: 'Enter digits with a point, such as 120.00.',
    status: 422,
  },
  override_reason_missing: {
    title: 'Reason missing',
    cause: 'A price other than the listed one needs a reason.',
    nextStep: 'Enter the reason.',
    status: 422,
  },
  preview_changed: {
    title: 'Changed since you looked',
    cause: 'Prices, dates or the agreement changed after the summary was shown, so nothing was done.',
    nextStep: 'Read the new summary and confirm again.',
    status: 409,
  },
  lease_not_waiting: {
    title: 'This lease can no longer be cancelled',
    cause: 'Only a lease that waits for its first payment can be cancelled here.',
    nextStep: 'End the lease by checking the space in.',
    status: 409,
  },
} as const satisfies Record<string, Problem | ((word: string) => Problem)>

export type LeasesProblem = keyof typeof problems

/** @param where `word` is what the sentence names, where it names something. */
export function refuse(
  code: LeasesProblem,
  where: { readonly field?: string; readonly word?: string } = {},
): Outcome<never, LeasesProblem> {
  const problem: Problem | ((word: string) => Problem) = problems[code]
  return refused(code, typeof problem === 'function' ? problem(where.word ?? '') : problem, where.field)
}

/** A refusal as a banner above a form that is not finished yet (UI-191). */
export function bannerOf(
  code: 'payment_method_required' | 'payments_not_connected' | 'acceptance_missing' | 'agreement_missing',
) {
  const { title, cause, nextStep } = problems[code]
  return { code, title, text: `${cause} ${nextStep}` }
}
