/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  name_missing: {
    title: 'Name missing',
    cause: 'A renter has a name of 1 to 200 characters.',
    nextStep: 'Enter the name.',
    status: 422,
  },
  business_name_missing: {
    title: 'Business name missing',
    cause: 'A company is invoiced under its business name.',
    nextStep: 'Enter the business name, or choose person.',
    status: 422,
  },
  email_form: {
    title: 'Check the e-mail address',
    cause: 'An e-mail address has a name, an @ and a domain.',
    nextStep: 'Enter an address such as kim@example.com, or leave it empty.',
    status: 422,
  },
  stale_renter: {
    title: 'Someone changed this meanwhile',
    cause: 'This renter was saved by someone else after you opened the form.',
    nextStep: 'Load the renter again and repeat your change.',
    status: 409,
  },
  method_unusable: {
    title: 'This method cannot be charged',
    cause: 'The bank refused it for good, so it cannot become the default.',
    nextStep: 'Add another card.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type RentersProblem = keyof typeof problems

export function refuse(code: RentersProblem, field?: string): Outcome<never, RentersProblem> {
  return refused(code, problems[code], field)
}
