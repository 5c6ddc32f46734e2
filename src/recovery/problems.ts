/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Problem } from '#kernel'

const problems = {
  missed_not_connected: {
    title: 'Stripe is not connected',
    cause: 'There is no connection with a working key, so Stripe cannot be asked.',
    nextStep: 'Connect Stripe in Integrations, or replace its key.',
    status: 409,
  },
  missed_not_readable: {
    title: 'The key may not read events',
    cause:
      'Stripe refused to list events with this key. Rentroll looks at payments and refunds themselves instead, by itself.',
    nextStep: 'Give the restricted key the right to read events, then try again.',
    status: 409,
  },
  missed_no_answer: {
    title: 'Stripe did not answer',
    cause: 'Stripe was asked for its events and gave no usable answer. Nothing was changed.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
} as const satisfies Record<string, Problem>

export type RecoveryProblem = keyof typeof problems

export function refuse(code: RecoveryProblem) {
  return refused(code, problems[code])
}
