/** What remedies refuse, in words (ARC-50). What Stripe refuses is told by connections. */
import { refused, type Problem } from '#kernel'

const problems = {
  nothing_to_check: {
    title: 'Nothing to check',
    cause: 'No payment of this mode is waiting for an answer of Stripe.',
    nextStep: 'Open the invoice if you expected one to be there.',
    status: 409,
  },
  no_failed_payout: {
    title: 'No failed payout',
    cause: 'No payout of this mode has failed that a later one did not make good.',
    nextStep: 'Open Bank, Payouts to see those there are.',
    status: 409,
  },
  no_connection_to_check: {
    title: 'Stripe is not connected',
    cause: 'There is no connection with own keys in this mode.',
    nextStep: 'Connect Stripe in Integrations.',
    status: 409,
  },
  no_account_to_mail_about: {
    title: 'No Stripe account is connected',
    cause: 'There is no account made with Connect in this mode, so there is nothing to mail about.',
    nextStep: 'Connect Stripe in Settings → Payments.',
    status: 409,
  },
  nothing_asked_for: {
    title: 'Stripe asks for nothing now',
    cause: 'There is nothing about this account that its owner has to be told.',
    nextStep: 'Look at Settings → Payments if you expected something.',
    status: 409,
  },
  key_refused: {
    title: 'Unable to verify credentials',
    cause: 'Stripe no longer accepts the key of this connection, so nothing can be repaired with it.',
    nextStep: 'Replace the keys in Integrations, then try again.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type DiagnosisProblem = keyof typeof problems

export function refuse(code: DiagnosisProblem) {
  return refused(code, problems[code])
}
