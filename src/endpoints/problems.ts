/** What rotating and repairing an endpoint refuses, in words (ARC-50). What Stripe refuses is told by connections. */
import { refused, type Problem } from '#kernel'

const problems = {
  endpoint_missing: {
    title: 'Not found',
    cause: 'There is no such endpoint or rotation here.',
    nextStep: 'Check the address, or go back to the list.',
    status: 404,
  },
  installation_endpoint: {
    title: 'This endpoint serves the whole installation',
    cause: 'This endpoint serves every operator here. Only the installation admin can rotate it.',
    nextStep: 'Ask the installation admin.',
    status: 409,
  },
  rotation_under_way: {
    title: 'A rotation is under way',
    cause: 'The secret of this endpoint is being replaced already.',
    nextStep: 'Finish that rotation or cancel it first.',
    status: 409,
  },
  same_secret: {
    title: 'This secret is stored already',
    cause: 'The pasted secret is the one that is valid now.',
    nextStep: 'Roll the secret in Stripe, then paste the new one.',
    status: 422,
  },
  not_proven: {
    title: 'The new secret has not proven itself',
    cause: 'No delivery has used the new secret yet.',
    nextStep: 'Send a test event, or wait for the next delivery.',
    status: 409,
  },
  nothing_to_confirm: {
    title: 'There is nothing to confirm',
    cause: 'This rotation does not wait for a confirmation.',
    nextStep: 'Reload the page to see where it stands.',
    status: 409,
  },
  too_late_to_cancel: {
    title: 'Too late to cancel',
    cause: 'The old endpoint is switched off already, or the rotation is over.',
    nextStep: 'Rotate again if you want another secret.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type RotationProblem = keyof typeof problems

export function refuse(code: RotationProblem, field?: string) {
  return refused(code, problems[code], field)
}
