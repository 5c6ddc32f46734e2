/** Step 3: what is rented out and what it costs. A preset fills in the form, one category after the other; nothing is made unasked. */
import { Loaded, Section, useApiQuery } from '#web/ui'
import { NativeSelect, Text } from '@mantine/core'
import { useState } from 'react'
import { CategoryRows, NewCategory, type Categories } from '../categories/page.tsx'
import { FirstStep, GoOn } from './step.tsx'
import { type Preset, type StepProps } from './wire.ts'

export function CategoriesStep({ onboarding }: StepProps) {
  const query = useApiQuery<Categories>('/categories')
  const [chosen, setChosen] = useState(onboarding.rules?.preset ?? 'coworking')
  const preset = onboarding.presets.find(({ id }) => id === chosen)
  return (
    <FirstStep onboarding={onboarding} number={3} intro="A category says what spaces of one kind cost.">
      <Loaded query={query}>
        {({ rows }) => (
          <>
            {rows.length > 0 && <CategoryRows rows={rows} />}
            <Section title={rows.length === 0 ? 'First category' : 'Another category'}>
              <div className="rr-form rr-proposal">
                <NativeSelect
                  label="Fill in with examples of"
                  data={[
                    ...onboarding.presets.map(({ id, label }) => ({ value: id, label })),
                    { value: 'none', label: 'Nothing: an empty form' },
                  ]}
                  value={chosen}
                  onChange={({ currentTarget }) => setChosen(currentTarget.value as typeof chosen)}
                />
                {preset !== undefined && (
                  <Text size="sm" c="dimmed" mt={4}>
                    {preset.about} The prices are examples: write yours over them.
                  </Text>
                )}
              </div>
              <Proposed preset={preset} taken={rows.map(({ code }) => code)} />
            </Section>
          </>
        )}
      </Loaded>
      <GoOn onboarding={onboarding} number={3} />
    </FirstStep>
  )
}

/** The form with the first example that is not there yet; it is made anew when another one takes its place. */
function Proposed({ preset, taken }: { preset: Preset | undefined; taken: readonly string[] }) {
  const next = preset?.categories.find(({ code }) => !taken.includes(code))
  if (next === undefined) return <NewCategory key="empty" />
  const { code, name, priceBasis, dailyRate = '', periodPrices = {}, deposit } = next
  const { month = '', quarter = '', year = '' } = periodPrices
  const proposal = { code, name, priceBasis, dailyRate, deposit, month, quarter, year }
  return <NewCategory key={`${preset?.id} ${code}`} proposal={proposal} />
}
