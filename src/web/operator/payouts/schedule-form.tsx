/** Changing when Stripe pays out (UI-147). Days appear with the interval they belong to; manual asks once more. */
import { FormBody, useDeed, useDeedForm, type DeedForm } from '#web/ui'
import { Button, Checkbox, Radio, Stack, TextInput } from '@mantine/core'
import type { Payouts } from './wire.ts'

type Values = {
  interval: string
  weeklyDays: string[]
  monthlyDays: string
  holdDays: string
  isManualConfirmed: boolean
}

const intervals = [
  { value: 'daily', label: 'Daily', description: 'Monday to Friday' },
  { value: 'weekly', label: 'Weekly', description: 'On days you choose' },
  { value: 'monthly', label: 'Monthly', description: 'On dates you choose' },
  { value: 'manual', label: 'Manual', description: 'Only when you make a payout in Stripe' },
]
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']

/** `1, 15 31` as numbers; what is no number stays one that no month has, so that the field is told. */
function datesOf(text: string): number[] {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '')
  return words.map((word) => (/^\d{1,4}$/.test(word) ? Number(word) : 0))
}

type Props = { readonly payouts: Payouts; readonly start: Payouts['schedule']; readonly onClose: () => void }

function wishOf({ interval, weeklyDays, monthlyDays, holdDays, isManualConfirmed }: Values, before: string) {
  const hold = holdDays.trim()
  return {
    interval,
    weeklyDays: interval === 'weekly' ? weeklyDays : [],
    monthlyDays: interval === 'monthly' ? datesOf(monthlyDays) : [],
    ...(hold !== before && { holdDays: hold === '' ? null : Number(hold) }),
    isManualConfirmed,
  }
}

const rules = {
  weeklyDays: (value: string[], { interval }: Values) =>
    interval === 'weekly' && value.length === 0 ? 'Choose one or more days from Monday to Friday.' : undefined,
  monthlyDays: (value: string, { interval }: Values) =>
    interval === 'monthly' && (value.trim() === '' || datesOf(value).some((day) => day < 1 || day > 31))
      ? 'Choose days between 1 and 31.'
      : undefined,
  holdDays: (value: string) =>
    /^\d{0,2}$/.test(value.trim()) && Number(value) <= 31
      ? undefined
      : "Hold must be 0 to 31 days; leave empty for Stripe's minimum.",
  isManualConfirmed: (value: boolean, { interval }: Values) =>
    interval === 'manual' && !value ? 'Tick this if you want manual payouts.' : undefined,
}

export function ScheduleForm({ payouts, start, onClose }: Props) {
  const before = payouts.isHoldChosen ? String(payouts.delayDays) : ''
  const deed = useDeed<Values, Payouts>({
    send: (api, values) => api.send('/payouts/schedule', wishOf(values, before), 'PUT'),
    onDone: onClose,
  })
  const form = useDeedForm<Values>({
    initialValues: {
      interval: start.interval,
      weeklyDays: [...start.weeklyDays],
      monthlyDays: start.monthlyDays.join(', '),
      holdDays: before,
      isManualConfirmed: false,
    },
    validate: rules,
    deed,
  })
  return (
    <div className="rr-form">
      <FormBody
        form={form}
        submitLabel="Save schedule"
        beside={
          <Button variant="default" onClick={onClose}>
            Keep as it is
          </Button>
        }
      >
        <Radio.Group label="How often" {...form.field('interval')}>
          <Stack gap="xs" mt="xs">
            {intervals.map((choice) => (
              <Radio key={choice.value} {...choice} />
            ))}
          </Stack>
        </Radio.Group>
        <Days form={form} />
        <TextInput
          label="Hold in days (optional)"
          description="Empty means the shortest hold Stripe allows"
          inputMode="numeric"
          {...form.field('holdDays')}
        />
      </FormBody>
    </div>
  )
}

/** What the chosen interval needs besides. */
function Days({ form }: { form: DeedForm<Values> }) {
  const { interval } = form.getValues()
  if (interval === 'weekly')
    return (
      <Checkbox.Group label="Days" {...form.field('weeklyDays')}>
        <Stack gap="xs" mt="xs">
          {days.map((day) => (
            <Checkbox key={day} value={day.toLowerCase()} label={day} />
          ))}
        </Stack>
      </Checkbox.Group>
    )
  if (interval === 'monthly')
    return (
      <TextInput
        label="Days of the month"
        description="Such as 1, 15. In shorter months days 29 to 31 mean the last day."
        {...form.field('monthlyDays')}
      />
    )
  if (interval !== 'manual') return null
  return (
    <Checkbox
      label="I want manual payouts"
      description="With manual payouts nothing reaches your bank by itself. Stripe may require you to pay out within a legal limit."
      {...form.field('isManualConfirmed')}
    />
  )
}
