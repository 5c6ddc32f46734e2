import { MoneyField, MoneyText, useConventions } from '#web/ui'
import { Radio, Stack } from '@mantine/core'
import { Continue, messageAt, useStepProblem, type StepProps } from './step.tsx'
import type { Draft } from './draft.ts'

export function DepositStep(props: StepProps) {
  const { draft, change, space, onNext } = props
  const { currency } = useConventions()
  const problem = useStepProblem(props, 'deposit')
  return (
    <Stack>
      <Radio.Group
        label="Deposit"
        description="Held for the renter, not taxed, returned at move-out"
        value={draft.deposit}
        onChange={(deposit) => change({ deposit: deposit as Draft['deposit'] })}
      >
        <div className="rr-choices">
          <Radio
            value="standard"
            label={
              <>
                Standard
                {space !== undefined && (
                  <>
                    : <MoneyText money={space.deposit} />
                  </>
                )}
              </>
            }
          />
          <Radio value="custom" label="Another amount" />
          <Radio value="none" label="None" />
        </div>
      </Radio.Group>
      {draft.deposit === 'custom' && (
        <MoneyField
          label="Amount"
          currency={currency}
          value={draft.ownDeposit}
          onChange={(event) => change({ ownDeposit: event.currentTarget.value })}
          error={messageAt(problem, '/deposit/custom')}
          maw={240}
        />
      )}
      <Continue onNext={onNext} problem={problem} />
    </Stack>
  )
}
