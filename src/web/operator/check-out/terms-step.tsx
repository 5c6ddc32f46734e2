import { DateField, MoneyField, MoneyText, useConventions, useToday } from '#web/ui'
import { Checkbox, Radio, Stack, Text, TextInput } from '@mantine/core'
import { Continue, messageAt, useStepProblem, type StepProps } from './step.tsx'

export function TermsStep(props: StepProps) {
  const { draft, change, space, preview, onNext } = props
  const today = useToday()
  const problem = useStepProblem(props, 'terms')
  return (
    <Stack>
      <Radio.Group
        label="Billed"
        description="How often rent falls due"
        value={draft.interval ?? ''}
        onChange={(interval) => change({ interval })}
      >
        <div className="rr-choices">
          {space?.prices.map(({ interval, label, price }) => (
            <Radio
              key={interval}
              value={interval}
              label={
                <>
                  {label}: <MoneyText money={price} />
                </>
              }
            />
          ))}
        </div>
      </Radio.Group>
      <DateField
        label="Start date"
        description="The first day of rent; today or later"
        min={today}
        value={draft.startOn}
        onChange={(event) => change({ startOn: event.currentTarget.value })}
        error={messageAt(problem, '/startOn')}
        maw={240}
      />
      <OwnPrice {...props} />
      {preview.data?.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
      <Continue onNext={onNext} problem={problem} />
    </Stack>
  )
}

function OwnPrice(props: StepProps) {
  const { draft, change } = props
  const { currency } = useConventions()
  const problem = useStepProblem(props, 'terms')
  return (
    <>
      <Checkbox
        label="Another price than the listed one"
        checked={draft.hasOwnPrice}
        onChange={(event) => change({ hasOwnPrice: event.currentTarget.checked })}
      />
      {draft.hasOwnPrice && (
        <>
          <MoneyField
            label="Price per period"
            currency={currency}
            value={draft.ownPrice}
            onChange={(event) => change({ ownPrice: event.currentTarget.value })}
            error={messageAt(problem, '/rateOverride/price')}
            maw={240}
          />
          <TextInput
            label="Reason"
            description="Kept with the lease"
            value={draft.ownPriceReason}
            onChange={(event) => change({ ownPriceReason: event.currentTarget.value })}
            error={messageAt(problem, '/rateOverride/reason')}
          />
        </>
      )}
    </>
  )
}
