/** The card on the dashboard until every step is done or left for later, or until somebody puts it away (UI-140). */
import type { Api } from '#web/api'
import { useConsolePath } from '#web/here'
import { DeedButton, Section, StepList, useDeed, type AnswerOf } from '#web/ui'
import { Button, Group, Text } from '@mantine/core'

export type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>

export function isChecklistWanted({ isBegun, isDismissed, next }: Onboarding): boolean {
  return isBegun && !isDismissed && next !== undefined
}

export function Checklist({ onboarding }: { onboarding: Onboarding }) {
  const path = useConsolePath()
  const dismiss = useDeed({ send: (api) => api.send('/onboarding/dismiss') })
  const hrefOf = (number: number) => path('onboarding', { step: String(number) })
  const { steps, next = 1 } = onboarding
  const done = steps.filter(({ state }) => state === 'done').length
  return (
    <Section title="First steps" actions={<Text c="dimmed">{`${done} of ${steps.length} done`}</Text>}>
      <StepList steps={steps} hrefOf={hrefOf} />
      <Group mt="md">
        <Button component="a" href={hrefOf(next)}>
          {done === 0 && next === 1 ? 'Begin' : `Continue with step ${next}`}
        </Button>
        <DeedButton
          variant="default"
          isRunning={dismiss.isRunning}
          runningLabel="Putting away…"
          onClick={() => void dismiss.run()}
        >
          Put this list away
        </DeedButton>
      </Group>
    </Section>
  )
}
