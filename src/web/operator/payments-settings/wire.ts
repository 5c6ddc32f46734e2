/** What the API answers about the connected account and about who takes new money. */
import type { Api } from '#web/api'
import { useApiQuery, type AnswerOf } from '#web/ui'

export type Connect = AnswerOf<Api, '/api/v1/w/:slug/connect'>
export type Affected = AnswerOf<Api, '/api/v1/w/:slug/connections/:connectionId/disconnect'>
export type Charging = AnswerOf<Api, '/api/v1/w/:slug/connections/charging'>
export type Link = AnswerOf<Api, '/api/v1/w/:slug/connect/resume-links', '$post'>
export type Demand = Connect['demands'][number]

/** Read again as long as the server is still asking Stripe; what a person believes on coming back counts for nothing (UI-141). */
export function useConnect(options: { readonly isWanted?: boolean } = {}) {
  return useApiQuery<Connect>('/connect', { ...options, repeatWhile: ({ isChecking }) => isChecking })
}

/** Whether an account was ever made here and is still joined to us. */
export function hasAccount({ state }: Connect): boolean {
  return state !== 'none' && state !== 'disconnected'
}

const refusals: Readonly<Record<string, string>> = {
  no_account: 'There is nothing to go on with in this mode. Press Connect Stripe first.',
  account_left:
    'Stripe says that this account was disconnected from this installation, so it cannot be reached from here. Connect a new Stripe account.',
  platform_key_refused:
    'Stripe does not accept the key of this installation’s own account. Your own account is not the reason. Tell whoever runs this installation.',
  stripe_away: 'Stripe did not answer. Nothing was changed. Try again in a moment.',
  sent_back:
    'Stripe sent you back several times without showing its form. The link was opened elsewhere, or cookies are blocked. Wait ten minutes, then resume onboarding in one tab.',
  link_ended: 'A link to resume onboarding works for seven days. Have a new one mailed to the owner.',
  step_up_required: 'Stripe’s form was left open for a while. Press the button once more.',
  too_many_links:
    'Onboarding was opened ten times within an hour. Finish it in a tab that is open, or try again in an hour.',
}

/** Why the way to Stripe's form ended here; the words of the server's problem, which a redirect cannot carry. */
export function refusalWords(code: string): string {
  return refusals[code] ?? 'Stripe’s form could not be opened. Try again in a moment.'
}
