/** Why no test payment is made, in words (ARC-50). What the charge itself refuses is told by payments. */
import { refused, type Problem } from '#kernel'

export const problems = {
  live_moves_money: {
    title: 'No test payment in live mode',
    cause: 'Live mode moves real money. The first real payment proves this step.',
    nextStep: 'Switch to test mode to run a test payment.',
    status: 409,
  },
  not_connected: {
    title: 'Stripe is not connected',
    cause: 'No Stripe account takes payments in test mode.',
    nextStep: 'Save test keys in Administration, Integrations, or connect Stripe in Settings, Payments.',
    status: 409,
  },
  payments_held: {
    title: 'Payments are waiting',
    cause: 'Nothing is charged through this connection for now: Stripe refuses its key, or its payments are paused.',
    nextStep: 'Press Test Connection in Administration, Integrations.',
    status: 409,
  },
  test_card_refused: {
    title: 'Stripe refused its test card',
    cause: 'The connected key may lack a permission, or the account takes no cards yet.',
    nextStep: 'Press Test Connection in Administration, Integrations.',
    status: 409,
  },
  stripe_away: {
    title: 'Stripe did not answer',
    cause: 'The test card could not be saved. Nothing was charged.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
} as const satisfies Record<string, Problem>

export type RehearsalProblem = keyof typeof problems

export function refuse(code: RehearsalProblem) {
  return refused(code, problems[code])
}
