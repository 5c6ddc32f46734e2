/** What connecting an account and sending its owner to Stripe can refuse, in words. */
import { refused, type Problem } from '#kernel'

const problems = {
  platform_missing: {
    title: 'Connect is not set up',
    cause: 'This installation has no Stripe account of its own in this mode, so no account can be connected to it.',
    nextStep:
      'Paste your own Stripe keys under Integrations, or ask whoever runs this installation to set the platform keys.',
    status: 409,
  },
  platform_key_refused: {
    title: 'Stripe refused this installation',
    cause: 'Stripe does not accept the key of this installation’s own account. Your own account is not the reason.',
    nextStep: 'Tell whoever runs this installation; nothing of yours was changed.',
    status: 409,
  },
  platform_permission: {
    title: 'Stripe refused to make the account',
    cause: 'The Stripe account of this installation may not make accounts yet: Connect has to be switched on there.',
    nextStep: 'Tell whoever runs this installation; then press Connect Stripe again.',
    status: 409,
  },
  account_refused: {
    title: 'Stripe did not make the account',
    cause: 'Stripe refused these details; most often it does not offer accounts in this country.',
    nextStep: 'Choose the country your business is registered in, then press Connect Stripe again. Nothing was made.',
    status: 422,
  },
  currency_refused: {
    title: 'Stripe did not make the account',
    cause: 'Stripe does not pay out accounts of this country in this currency.',
    nextStep: 'Choose another currency, then press Connect Stripe again. Nothing was made.',
    status: 422,
  },
  account_unclear: {
    title: 'Stripe has not answered',
    cause: 'The account may or may not have been made. Whichever it is, there will be one.',
    nextStep: 'Press Connect Stripe again in a moment.',
    status: 503,
  },
  account_left: {
    title: 'The account is no longer connected',
    cause: 'Stripe says that this account was disconnected from this installation, so it cannot be reached from here.',
    nextStep: 'Connect a new Stripe account. What was paid through the old one stays readable.',
    status: 409,
  },
  no_account: {
    title: 'No Stripe account is connected',
    cause: 'There is nothing to go on with in this mode.',
    nextStep: 'Press Connect Stripe first.',
    status: 409,
  },
  sent_back: {
    title: 'Stripe sent you back several times',
    cause:
      'Stripe sent you back several times without showing its form. The link was opened elsewhere, or cookies are blocked.',
    nextStep: 'Wait ten minutes, then resume onboarding in one tab.',
    status: 429,
  },
  too_many_links: {
    title: 'Too many tries',
    cause: 'Onboarding was opened ten times within an hour.',
    nextStep: 'Finish it in a tab that is open, or try again in an hour.',
    status: 429,
  },
  stripe_away: {
    title: 'Stripe cannot be reached',
    cause: 'Stripe did not answer. Nothing was changed.',
    nextStep: 'Try again in a moment.',
    status: 503,
  },
  link_unknown: {
    title: 'This link does not work',
    cause: 'It is cut short, was withdrawn, or belongs to another company.',
    nextStep: 'Sign in and resume onboarding from Settings → Payments.',
    status: 404,
  },
  link_ended: {
    title: 'This link has ended',
    cause: 'A link to resume onboarding works for seven days.',
    nextStep: 'Open the link and press Mail me a new one; it is mailed to the owners.',
    status: 409,
  },
  not_chargeable: {
    title: 'No payments can go through this account yet',
    cause: 'Stripe does not let it take payments, or it is not connected.',
    nextStep: 'Finish connecting it first; then choose it.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type OnboardingProblem = keyof typeof problems

export function refuse(code: OnboardingProblem) {
  return refused(code, problems[code], code === 'currency_refused' ? '/currency' : undefined)
}

/** Told here, before Stripe is asked. @param offered ISO codes, the country's own currency first. */
export function refuseCurrency(offered: readonly string[]) {
  const cause = `Stripe pays out accounts of this country in ${offered.join(' or ')}.`
  return refused('currency_refused' as const, { ...problems.currency_refused, cause }, '/currency')
}
