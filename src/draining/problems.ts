/** What leaving an account refuses, in words (ARC-50). */
import { refused, type Problem } from '#kernel'

const problems = {
  not_draining: {
    title: 'This connection is not disconnecting',
    cause: 'It has ended already, or the account was connected again.',
    nextStep: 'Reload the page to see how it stands.',
    status: 409,
  },
  nobody_to_ask: {
    title: 'There is nobody to ask',
    cause: 'Every renter who paid by a method of that account was asked already, or has a new one.',
    nextStep: 'Open a renter to see the saved methods.',
    status: 409,
  },
  nothing_charges: {
    title: 'Nothing takes payments yet',
    cause: 'Renters can save a new method only once an account takes new payments.',
    nextStep: 'Connect Stripe first, then ask the renters.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type DrainingProblem = keyof typeof problems

export function refuse(code: DrainingProblem) {
  return refused(code, problems[code])
}
