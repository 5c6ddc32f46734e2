/** What the API answers about the first steps, and the one way to mark a step and go on. */
import type { Api } from '#web/api'
import { useConsolePath, useGo } from '#web/paths'
import { useApiQuery, useDeed, type AnswerOf } from '#web/ui'

export type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>
export type Preset = Onboarding['presets'][number]
export type Rules = AnswerOf<Api, '/api/v1/w/:slug/settings/billing-rules', '$put'>
type StepSeen = Onboarding['steps'][number]

export const stepTitles = [
  'Business',
  'Location and time zone',
  'Categories and prices',
  'Spaces',
  'Billing and tax',
  'Agreement',
  'Payments',
  'Booking page and staff',
] as const
export const lastStep = stepTitles.length

export function titleOfStep(number: number): string {
  return stepTitles[number - 1] ?? 'First steps'
}

export function useOnboarding(options: { readonly isWanted?: boolean } = {}) {
  return useApiQuery<Onboarding>('/onboarding', options)
}

export function stepOf(onboarding: Onboarding, number: number): StepSeen | undefined {
  return onboarding.steps.find((step) => step.number === number)
}

type Mark = 'done' | 'skipped'

/** Marks the step at the server and goes to the next one; pressed twice it marks once. */
export function useOnward(number: number) {
  const path = useConsolePath()
  const go = useGo()
  return useDeed<Mark, Onboarding>({
    send: (api, mark) => api.send(`/onboarding/steps/${number}`, { mark }),
    onDone: () => go(path('onboarding', { step: String(number + 1) })),
  })
}
