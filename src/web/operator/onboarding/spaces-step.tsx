/** Step 4: the spaces themselves, one or many at a time. */
import { useConsolePath } from '#web/paths'
import { Loaded, plural, Section, useAnnounce, useApiQuery } from '#web/ui'
import { Anchor, Text } from '@mantine/core'
import { NewSpacesForm } from '../spaces/new-spaces.tsx'
import type { Categories } from '../spaces/wire.ts'
import { Onward, StepScreen, type StepProps } from './step.tsx'

export function SpacesStep({ onboarding }: StepProps) {
  const path = useConsolePath()
  const announce = useAnnounce()
  const query = useApiQuery<Categories>('/categories')
  return (
    <StepScreen
      onboarding={onboarding}
      number={4}
      intro="Each space is what one renter rents: a desk, an office, a unit."
    >
      <Loaded query={query}>
        {({ rows }) => {
          const count = rows.reduce((sum, { spaces }) => sum + spaces, 0)
          if (rows.length === 0)
            return (
              <Text>
                A space takes its price from a category.{' '}
                <Anchor href={path('onboarding', { step: '3' })}>Add a category first</Anchor>, or do both later.
              </Text>
            )
          return (
            <>
              {count > 0 && (
                <Text role="status">
                  {plural(count, 'space')} so far. <Anchor href={path('spaces', {}, { tab: 'all' })}>All spaces</Anchor>
                </Text>
              )}
              <Section title={count === 0 ? 'First spaces' : 'More spaces'}>
                <NewSpacesForm categories={rows} onAdded={(added) => announce(`${plural(added, 'space')} added.`)} />
              </Section>
            </>
          )
        }}
      </Loaded>
      <Onward onboarding={onboarding} number={4} />
    </StepScreen>
  )
}
