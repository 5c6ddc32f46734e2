/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Problem } from '#kernel'

const problems = {
  inbox_event_in_work: {
    title: 'This event is being processed',
    cause: 'The event is being processed at this moment, so it cannot be started again.',
    nextStep: 'Wait a few seconds and look at its state.',
    status: 409,
  },
  inbox_object_not_askable: {
    title: 'Stripe cannot be asked about this',
    cause: 'The account this event came from is disconnected, or its object cannot be looked up by itself.',
    nextStep: 'Look it up in the Stripe Dashboard.',
    status: 409,
  },
  inbox_stripe_silent: {
    title: 'Stripe did not answer',
    cause: 'Stripe gave no usable answer. Nothing was changed here.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
  inbox_event_of_nobody: {
    title: 'This event names no account',
    cause:
      'It came by an endpoint of the installation and names no connected account, so there is nobody it could be given to.',
    nextStep: 'Look at the event in Stripe, then dismiss it here.',
    status: 409,
  },
  inbox_event_not_dead: {
    title: 'Only a dead letter can be dismissed',
    cause: 'This event does not wait for a person: it is processed, ignored, or still on its way.',
    nextStep: 'Leave it. If it ends as a dead letter, it can be dismissed then.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type WebhookProblem = keyof typeof problems

export function refuse(code: WebhookProblem) {
  return refused(code, problems[code])
}
