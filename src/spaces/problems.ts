/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  category_code_taken: {
    title: 'This code is taken',
    cause: 'Another category has the same code, and space numbers begin with it.',
    nextStep: 'Choose another code of 1 to 8 letters and digits.',
    status: 409,
  },
  category_code_form: {
    title: 'The code cannot be used',
    cause: 'A category code has 1 to 8 capital letters or digits.',
    nextStep: 'Enter a code such as DESK or LOCK1.',
    status: 422,
  },
  name_missing: {
    title: 'Name missing',
    cause: 'A category has a name of 1 to 80 characters.',
    nextStep: 'Enter the name.',
    status: 422,
  },
  amount_unreadable: {
    title: 'Enter an amount',
    cause: 'This is not an amount of 0 or more in the currency of the location.',
    nextStep: 'Enter digits with a point, such as 120.00.',
    status: 422,
  },
  price_missing: {
    title: 'Price missing',
    cause: 'A category needs a daily rate, or a price for at least one interval.',
    nextStep: 'Enter the price.',
    status: 422,
  },
  anchor_day_range: {
    title: 'No such day',
    cause: 'The day on which rent falls due is a number from 1 to 31.',
    nextStep: 'Enter a day from 1 to 31; 31 stands for the last day of each month.',
    status: 422,
  },
  price_does_not_fit: (name: string) => ({
    title: 'A price does not fit the currency',
    cause: `${name} has a price that is no amount in the new currency. Nothing was changed.`,
    nextStep: 'Keep the currency, or open a second workspace for the other one.',
    status: 409,
  }),
  interval_unknown: {
    title: 'Unknown interval',
    cause: 'A price was given for an interval Rentroll does not know.',
    nextStep: 'Use month, quarter, year, days_30 or another interval from the list.',
    status: 422,
  },
  tax_rate_unknown: {
    title: 'Choose a tax rate',
    cause: 'This tax rate does not exist or was retired.',
    nextStep: 'Choose a rate from the list, or leave it out to use the default.',
    status: 422,
  },
  category_unknown: {
    title: 'Choose a category',
    cause: 'A space takes its price from a category, and this one does not exist.',
    nextStep: 'Choose a category from the list, or create one first.',
    status: 422,
  },
  too_many_spaces: {
    title: 'Too many spaces at once',
    cause: 'Between 1 and 50 spaces are created at a time.',
    nextStep: 'Create them in several steps.',
    status: 422,
  },
  space_number_form: {
    title: 'The number cannot be used',
    cause: 'A space number has 1 to 30 characters and is given for one space at a time.',
    nextStep: 'Enter a shorter number, or leave it out to count on.',
    status: 422,
  },
  space_number_taken: (number: string) => ({
    title: 'This number is taken',
    cause: `${number} exists already at this location. Nothing was created.`,
    nextStep: 'Choose another number.',
    status: 409,
  }),
} as const satisfies Record<string, Problem | ((word: string) => Problem)>

export type SpacesProblem = keyof typeof problems

/** @param word what the sentence names, where it names something. */
export function refuse(
  code: SpacesProblem,
  where: { readonly field?: string; readonly word?: string } = {},
): Outcome<never, SpacesProblem> {
  const problem = problems[code]
  return refused(code, typeof problem === 'function' ? problem(where.word ?? '') : problem, where.field)
}
