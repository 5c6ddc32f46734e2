/** One refund with its state in words (UI-173), and while it waits for funds what may be decided about it (STR-109). */
import {
  DeedButton,
  InstantText,
  localDateText,
  MoneyText,
  ProblemAlert,
  StatusBadge,
  useConventions,
  useDeed,
} from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { refundTone, type Invoice, type Refund } from './wire.ts'

type Props = { readonly invoice: Invoice; readonly refund: Refund }

export function RefundEntry({ invoice, refund }: Props) {
  const { locale } = useConventions()
  const expectedOn = refund.waiting?.expectedOn
  const expected = expectedOn === undefined ? '' : ` (expected ${localDateText(expectedOn, locale)})`
  return (
    <li>
      <div className="rr-spread">
        <span>{refund.reason}</span>
        <MoneyText money={refund.amount} />
      </div>
      <StatusBadge tone={refundTone(refund.state)}>{`${refund.stateLabel}${expected}`}</StatusBadge>
      {refund.detail !== undefined && <Text>{refund.detail}</Text>}
      {refund.waiting !== undefined && <Waiting invoice={invoice} refund={refund} waiting={refund.waiting} />}
      {refund.state === 'succeeded' && <Text>5 to 10 business days until it shows on the statement.</Text>}
      <Text size="xs" c="dimmed">
        <InstantText at={refund.at} />
      </Text>
    </li>
  )
}

type Decision = 'send' | 'cancel'

function Waiting({ invoice, refund, waiting }: Props & { readonly waiting: NonNullable<Refund['waiting']> }) {
  const { available, missing, ahead } = waiting
  const path = `/invoices/${invoice.id}/refunds/${refund.id}`
  const send = useDeed({ send: (api) => api.send(path, { decision: 'send' satisfies Decision }) })
  const cancel = useDeed({ send: (api) => api.send(path, { decision: 'cancel' satisfies Decision }) })
  const problem = send.problem ?? cancel.problem
  return (
    <Stack gap="xs" my="xs">
      {available !== undefined && missing !== undefined && (
        <Text>
          Available <MoneyText money={available} />, missing <MoneyText money={missing} />.{' '}
          {ahead !== undefined && (
            <>
              Older refunds of <MoneyText money={ahead} /> go first.
            </>
          )}
        </Text>
      )}
      <Group gap="xs">
        <DeedButton
          size="compact-sm"
          variant="default"
          isRunning={send.isRunning}
          runningLabel="Sending…"
          onClick={() => void send.run()}
        >
          Send to Stripe now
        </DeedButton>
        <DeedButton
          size="compact-sm"
          variant="default"
          isRunning={cancel.isRunning}
          runningLabel="Cancelling…"
          onClick={() => void cancel.run()}
        >
          Cancel
        </DeedButton>
      </Group>
      {problem !== undefined && <ProblemAlert problem={problem} />}
    </Stack>
  )
}
