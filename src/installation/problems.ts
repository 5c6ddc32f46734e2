/** What the deeds of the installation refuse, in words (ARC-50). */
import { refused, type Outcome, type Problem } from '#kernel'
import { StripeFault } from '#stripe'

const problems = {
  platform_missing: {
    title: 'No key of this installation',
    cause: 'This installation has no Stripe account of its own in this mode, so it has no endpoints there.',
    nextStep: 'Set STRIPE_SECRET_KEY_TEST or STRIPE_SECRET_KEY_LIVE and start again.',
    status: 409,
  },
  not_reachable: {
    title: 'Stripe cannot deliver to this address',
    cause: 'Stripe delivers to public https addresses alone, and the address of this installation is none.',
    nextStep: 'Set PUBLIC_URL to a public https address and start again.',
    status: 409,
  },
  endpoint_not_made: {
    title: 'The endpoint could not be made',
    cause: 'Stripe refused it or did not answer; the reason stands beside the endpoint.',
    nextStep: 'Remove the reason, then press again. It is also tried every minute.',
    status: 409,
  },
  endpoints_used_up: {
    title: 'Stripe allows 16 endpoints',
    cause: 'The Stripe account of this installation has 16 webhook endpoints already.',
    nextStep: 'Delete one in Stripe that is no longer used, then press again.',
    status: 409,
  },
  rotation_done: {
    title: 'The secret was just replaced',
    cause: 'Somebody else replaced the secret of this endpoint at the same time.',
    nextStep: 'Reload the page to see it.',
    status: 409,
  },
  platform_key_refused: {
    title: 'Stripe refused the key of this installation',
    cause: 'Stripe does not accept the key, or the key may not change webhook endpoints.',
    nextStep: 'Put a valid key in the environment and start again.',
    status: 409,
  },
  stripe_away: {
    title: 'Stripe cannot be reached',
    cause: 'Stripe did not answer. What was begun is finished when this is pressed again.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
} as const satisfies Record<string, Problem>

export type InstallationProblem = keyof typeof problems

export function refuse(code: InstallationProblem) {
  return refused(code, problems[code])
}

/** Turns what Stripe refused, or did not answer, into the sentence a person acts on. */
export async function withFaultsTold<Value>(
  work: () => Promise<Outcome<Value, InstallationProblem>>,
): Promise<Outcome<Value, InstallationProblem>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return refuse(error.kind === 'auth' || error.kind === 'permission' ? 'platform_key_refused' : 'stripe_away')
  }
}
