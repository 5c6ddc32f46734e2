/**
 * What the hosted onboarding form and the Express login page see and do: plain values, no rows of the sandbox. A link is
 * opened once, by the first GET, so that a previewer spends it as at Stripe; the form goes on under the visit it opened.
 */
import type { ScriptName } from './requirements/script-names.ts'

export type OpenedLink =
  /** Never made, or forgotten by a reset: there is nowhere to send the browser. */
  | { readonly state: 'unknown' }
  /** Send the browser to `refreshUrl`. */
  | { readonly state: 'used' | 'expired'; readonly refreshUrl: string }
  /** Show the form of this visit. */
  | { readonly state: 'open'; readonly visit: string; readonly accountId: string; readonly refreshUrl: string }

export type OpenedLogin =
  | { readonly state: 'unknown' | 'used' | 'expired' }
  | { readonly state: 'open'; readonly accountId: string; readonly isLive: boolean }

export type OnboardingGroupName = 'business' | 'people' | 'identity' | 'bank' | 'terms'

export interface OnboardingField {
  /** Name of the form field, mostly that of the requirement: 'company.name', 'person_x.dob.day', 'tos_acceptance'. */
  readonly name: string
  readonly label: string
  readonly input: 'text' | 'number' | 'email' | 'url' | 'choice' | 'checkbox'
  /** For `choice` only: value and words. */
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  /** What "Fill with test data" writes. */
  readonly testValue: string
  readonly isPastDue: boolean
  /** Stripe's words about what was given before, such as an unreadable document. */
  readonly reason: string | null
}

export interface OnboardingGroup {
  readonly name: OnboardingGroupName
  readonly title: string
  readonly fields: readonly OnboardingField[]
}

export interface OnboardingView {
  readonly visit: string
  readonly accountId: string
  readonly accountName: string
  readonly platformName: string
  readonly isLive: boolean
  /** Two letters. */
  readonly country: string
  /** The form was sent off before: what is listed came up since. */
  readonly isSubmitted: boolean
  /** `requirements.disabled_reason`. */
  readonly disabledReason: string | null
  /** Only groups in which something is due; empty when nothing is. */
  readonly groups: readonly OnboardingGroup[]
  /** For the selector "What should Stripe conclude?"; the first is chosen unless told otherwise. */
  readonly scripts: readonly { readonly name: ScriptName; readonly label: string }[]
}

export interface OnboardingProblem {
  /** Name of the form field. */
  readonly name: string
  readonly message: string
}

export type OnboardingOutcome =
  /** The visit is over (12 hours), or the account has left its platform. */
  | { readonly state: 'gone' }
  /** Nothing was written; show these beside their fields. */
  | { readonly state: 'invalid'; readonly problems: readonly OnboardingProblem[] }
  /** What was typed is kept, but something is still due: show the form again. */
  | { readonly state: 'incomplete' }
  /** Send the browser here; the address carries no state. */
  | { readonly state: 'done'; readonly returnUrl: string }

/** As a form sends them; fields left empty count as not given. */
export type OnboardingValues = Readonly<Record<string, string>>

export interface HostedOnboarding {
  /** Spends the link: the second call for the same token says 'used'. */
  openLink(token: string): OpenedLink
  /** Null when the visit is over or unknown. */
  view(visit: string): OnboardingView | null
  /** The button *Save for later*: keeps what was typed and sends nothing off. */
  saveForLater(visit: string, values: OnboardingValues): OnboardingOutcome
  /** The button *Submit*: keeps what was typed; when nothing is left to ask, Stripe concludes as chosen. */
  submit(visit: string, values: OnboardingValues, script: ScriptName): OnboardingOutcome
  /** Spends a login link of the Express Dashboard; 'open' means: show /dashboard/{accountId}. */
  openLogin(token: string): OpenedLogin
}
