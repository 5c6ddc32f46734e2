/** What the API answers about the first steps, and the one way to mark a step and go on. */
import type { Api } from '#web/api'
import { useConsolePath, useGo } from '#web/here'
import { useApiQuery, useDeed, type AnswerOf } from '#web/ui'

export type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>
export type Preset = Onboarding['presets'][number]
export type Rules = AnswerOf<Api, '/api/v1/w/:slug/settings/billing-rules', '$put'>

export type StepProps = { readonly onboarding: Onboarding }

export function useOnboarding() {
  return useApiQuery<Onboarding>('/onboarding')
}

export function isThere({ steps }: Onboarding, number: number): boolean {
  return steps.some((step) => step.number === number && step.isThere)
}

/** Marks the step at the server and goes to the next one; pressed twice it marks once. */
export function useOnward(number: number) {
  const path = useConsolePath()
  const go = useGo()
  return useDeed<'done' | 'skipped', Onboarding>({
    send: (api, mark) => api.send(`/onboarding/steps/${number}`, { mark }),
    onDone: () => go(path('onboarding', { step: String(number + 1) })),
  })
}
