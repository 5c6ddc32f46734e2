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
  no_account: 'No Stripe account has been made here yet.',
  account_left: 'This account was removed from Rentroll. Connect a new one.',
  platform_key_refused: 'Stripe refused the key of this installation. Its administrator has to replace it.',
  stripe_away: 'Stripe did not answer. Try again in a moment.',
  sent_back: 'Stripe sent you back several times. Wait some minutes before you go there again.',
  link_ended: 'This link has ended.',
  step_up_required: 'Stripe’s form was left open for a while. Press the button once more.',
  too_many_links: 'Stripe’s form was opened too often within an hour. Try again later.',
}

/** Why the way to Stripe's form ended here; the words of the server's problem, which a redirect cannot carry. */
export function refusalWords(code: string): string {
  return refusals[code] ?? 'Stripe’s form could not be opened. Try again in a moment.'
}
