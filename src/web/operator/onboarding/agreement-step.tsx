/** Step 6: the agreement renters accept at check-out, beginning with a short text to be written over. */
import { Loaded, Section, useApiQuery } from '#web/ui'
import { Text } from '@mantine/core'
import { NewVersion, Versions, type Agreements } from '../agreements/page.tsx'
import { FirstStep, GoOn } from './step.tsx'
import { useOnward, type StepProps } from './wire.ts'

const starter = {
  title: 'Rental agreement',
  content: `{{operator.name}} rents {{space.number}} ({{category.name}}) at {{location.name}} to {{renter.name}} from {{start_date}}.

The rent is {{rent}}, {{interval}}. The deposit is {{deposit}}; it is returned after the end, less what is owed.

Either party may end this agreement in writing.`,
}

export function AgreementStep({ onboarding }: StepProps) {
  const query = useApiQuery<Agreements>('/agreements')
  const { run } = useOnward(6)
  const onPublished = async () => void (await run('done'))
  return (
    <FirstStep onboarding={onboarding} number={6} intro="No space can be checked out without one.">
      <Loaded query={query}>
        {(agreements) => {
          const isFirst = agreements.versions.length === 0
          return (
            <>
              {!isFirst && <Versions versions={agreements.versions} />}
              <Section title={isFirst ? 'Write it' : 'New version'}>
                {isFirst && (
                  <Text mb="md">
                    A short example stands in the form. It is no legal advice: have your own text checked where you rent
                    out.
                  </Text>
                )}
                <NewVersion agreements={agreements} starter={starter} onPublished={onPublished} />
              </Section>
            </>
          )
        }}
      </Loaded>
      <GoOn onboarding={onboarding} number={6} />
    </FirstStep>
  )
}
