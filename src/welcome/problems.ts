/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  step_required: {
    title: 'This step cannot be skipped',
    cause: 'Invoices need the company, its time zone and the day rent falls due.',
    nextStep: 'Look through the fields and save them. All of them can be changed later.',
    status: 409,
  },
  step_not_done: {
    title: 'This step is not done yet',
    cause: 'What this step is for does not exist yet.',
    nextStep: 'Add it, or choose to do it later.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type WelcomeProblem = keyof typeof problems

export function refuse(code: WelcomeProblem): Outcome<never, WelcomeProblem> {
  return refused(code, problems[code])
}
