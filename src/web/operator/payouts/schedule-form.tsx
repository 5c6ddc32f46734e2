/** Changing when Stripe pays out (UI-147). Days appear with the interval they belong to; manual asks once more. */
import { FormBody, useDeed, useDeedForm } from '#web/ui'
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

export function ScheduleForm({
  payouts,
  start,
  onClose,
}: {
  payouts: Payouts
  start: Payouts['schedule']
  onClose: () => void
}) {
  const before = payouts.isHoldChosen ? String(payouts.delayDays) : ''
  const deed = useDeed<Values, Payouts>({
    send: (api, { interval, weeklyDays, monthlyDays, holdDays, isManualConfirmed }) =>
      api.send(
        '/payouts/schedule',
        {
          interval,
          weeklyDays: interval === 'weekly' ? weeklyDays : [],
          monthlyDays: interval === 'monthly' ? datesOf(monthlyDays) : [],
          ...(holdDays.trim() !== before && { holdDays: holdDays.trim() === '' ? null : Number(holdDays) }),
          isManualConfirmed,
        },
        'PUT',
      ),
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
    validate: {
      weeklyDays: (value, { interval }) =>
        interval === 'weekly' && value.length === 0 ? 'Choose one or more days from Monday to Friday.' : undefined,
      monthlyDays: (value, { interval }) =>
        interval === 'monthly' && (value.trim() === '' || datesOf(value).some((day) => day < 1 || day > 31))
          ? 'Choose days between 1 and 31.'
          : undefined,
      holdDays: (value) =>
        /^\d{0,2}$/.test(value.trim()) && Number(value) <= 31
          ? undefined
          : "Hold must be 0 to 31 days; leave empty for Stripe's minimum.",
      isManualConfirmed: (value, { interval }) =>
        interval === 'manual' && !value ? 'Tick this if you want manual payouts.' : undefined,
    },
    deed,
  })
  const { interval } = form.getValues()
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
        {interval === 'weekly' && (
          <Checkbox.Group label="Days" {...form.field('weeklyDays')}>
            <Stack gap="xs" mt="xs">
              {days.map((day) => (
                <Checkbox key={day} value={day.toLowerCase()} label={day} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        {interval === 'monthly' && (
          <TextInput
            label="Days of the month"
            description="Such as 1, 15. In shorter months days 29 to 31 mean the last day."
            {...form.field('monthlyDays')}
          />
        )}
        {interval === 'manual' && (
          <Checkbox
            label="I want manual payouts"
            description="With manual payouts nothing reaches your bank by itself. Stripe may require you to pay out within a legal limit."
            {...form.field('isManualConfirmed')}
          />
        )}
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
