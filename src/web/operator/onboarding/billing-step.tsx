/** Step 5: the preset, the day rent falls due, and the tax. Only rules that have an effect are asked for (BIL-28). */
import { FirstUse, FormBody, Loaded, Section, useApiQuery, useDeed, useDeedForm } from '#web/ui'
import { Box, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { IconPercentage } from '@tabler/icons-react'
import { NewRate, TaxRows, type TaxRates } from '../taxes/page.tsx'
import { FirstStep } from './step.tsx'
import { useOnward, type Onboarding, type Rules, type StepProps } from './wire.ts'

export function BillingStep({ onboarding }: StepProps) {
  return (
    <FirstStep onboarding={onboarding} number={5} intro="Both can be changed later; leases keep what they began with.">
      <Tax />
      <Section title="Rent">
        <RulesForm onboarding={onboarding} />
      </Section>
    </FirstStep>
  )
}

function Tax() {
  const query = useApiQuery<TaxRates>('/settings/tax-rates')
  return (
    <Section title="Tax">
      <Loaded query={query}>
        {({ taxRates }) =>
          taxRates.length === 0 ? (
            <FirstUse
              icon={<IconPercentage size={32} stroke={1.5} aria-hidden />}
              title="No taxes. Prices are final."
              why="Add a rate if you charge a tax such as GST or VAT."
            />
          ) : (
            <TaxRows rates={taxRates} />
          )
        }
      </Loaded>
      <details className="rr-help">
        <summary>Add a rate</summary>
        <Box mt="sm">
          <NewRate />
        </Box>
      </details>
    </Section>
  )
}

type Values = { preset: string; due: string; day: string }

function valuesOf({ anchorDay }: { readonly anchorDay: number | null }) {
  return anchorDay === null ? { due: 'start', day: '1' } : { due: 'day', day: String(anchorDay) }
}

function firstValues({ rules, presets }: Onboarding): Values {
  const chosen = rules ?? { preset: 'coworking' as const, anchorDay: presets[0]?.anchorDay ?? 1 }
  return { preset: chosen.preset, ...valuesOf(chosen) }
}

const dayForm = /^([1-9]|[12]\d|3[01])$/

function RulesForm({ onboarding }: StepProps) {
  const { run } = useOnward(5)
  const deed = useDeed<Values, Rules>({
    send: (api, { preset, due, day }) =>
      api.send('/settings/billing-rules', { preset, anchorDay: due === 'day' ? Number(day) : null }, 'PUT'),
    onDone: async () => void (await run('done')),
  })
  const form = useDeedForm<Values>({
    initialValues: firstValues(onboarding),
    validate: {
      day: (value, { due }) => (due === 'day' && !dayForm.test(value.trim()) ? 'Enter a day from 1 to 31.' : undefined),
    },
    deed,
  })
  const preset = onboarding.presets.find(({ id }) => id === form.values.preset)
  const { onChange: _choose, ...presetField } = form.field('preset')
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Save and continue">
        <NativeSelect
          label="Begin with the usual rules of"
          data={onboarding.presets.map(({ id, label }) => ({ value: id, label }))}
          {...presetField}
          onChange={({ currentTarget }) => {
            const wanted = onboarding.presets.find(({ id }) => id === currentTarget.value)
            if (wanted !== undefined) form.setValues({ preset: wanted.id, ...valuesOf(wanted) })
          }}
        />
        {preset !== undefined && (
          <Text size="sm" c="dimmed">
            {preset.about}
          </Text>
        )}
        <Radio.Group
          label="Rent by the month, quarter or year falls due"
          description="Rent by the day is always counted from the first day"
          {...form.field('due')}
        >
          <Stack gap="xs" mt={4}>
            <Radio value="day" label="On one day of the month for everybody" />
            <Radio value="start" label="On the day each lease began" />
          </Stack>
        </Radio.Group>
        {form.values.due === 'day' && (
          <TextInput
            label="Day of the month"
            description="31 stands for the last day. The days before the first one are charged in part."
            inputMode="numeric"
            {...form.field('day')}
          />
        )}
      </FormBody>
    </div>
  )
}
