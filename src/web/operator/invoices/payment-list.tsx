/**
 * Payments, refunds and credits of one invoice, each with its state in words (UI-173), and what may be decided about a refund that waits for
 * funds (STR-109).
 */
import {
  CopyButton,
  DeedButton,
  InstantText,
  localDateText,
  MoneyText,
  ProblemAlert,
  StatusBadge,
  useAnnounce,
  useConventions,
  useDeed,
} from '#web/ui'
import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { paymentTone, refundTone, type Invoice, type Payment, type Refund } from './wire.ts'

export function PaymentList({ invoice }: { invoice: Invoice }) {
  const newest = <Entry extends { at: string }>(entries: readonly Entry[]) =>
    entries.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))
  return (
    <>
      <Part title="Payments" isEmpty={invoice.payments.length === 0}>
        {newest(invoice.payments).map((payment) => (
          <PaymentEntry key={payment.id} payment={payment} />
        ))}
      </Part>
      <Part title="Refunds" isEmpty={invoice.refunds.length === 0}>
        {newest(invoice.refunds).map((refund) => (
          <RefundEntry key={refund.id} invoice={invoice} refund={refund} />
        ))}
      </Part>
      <Part title="Credits" isEmpty={invoice.credits.length === 0}>
        {invoice.credits.map((credit) => (
          <li key={credit.id}>
            <div className="rr-spread">
              <span>{credit.number}</span>
              <MoneyText money={credit.total} />
            </div>
            <Text size="xs" c="dimmed">
              {credit.reason}
            </Text>
          </li>
        ))}
      </Part>
    </>
  )
}

function Part({ title, isEmpty, children }: { title: string; isEmpty: boolean; children: ReactNode }) {
  if (isEmpty) return null
  return (
    <section aria-label={title}>
      <Title order={3}>{title}</Title>
      <ul className="rr-lines">{children}</ul>
    </section>
  )
}

function PaymentEntry({ payment }: { payment: Payment }) {
  return (
    <li>
      <div className="rr-spread">
        <span>{payment.method}</span>
        <MoneyText money={payment.amount} />
      </div>
      <StatusBadge tone={paymentTone(payment.state)}>{payment.stateLabel}</StatusBadge>
      {payment.state === 'unknown' && (
        <Text>We lost the connection after asking Stripe. Do not charge again. We are finding out.</Text>
      )}
      {payment.reason !== undefined && <Text>{payment.reason}</Text>}
      {payment.warning !== undefined && <StatusBadge tone="red">Possible fraud</StatusBadge>}
      {payment.warning !== undefined && <Text>{payment.warning}</Text>}
      <Text size="xs" c="dimmed">
        <InstantText at={payment.at} />
        {payment.reference !== undefined && <> · {payment.reference}</>}
        {payment.receiptUrl !== undefined && (
          <>
            {' · '}
            <Anchor href={payment.receiptUrl} target="_blank" rel="noreferrer" size="xs">
              Stripe’s receipt
            </Anchor>
          </>
        )}
      </Text>
      {payment.stripeIds.map((id) => (
        <span key={id} className="rr-stripe-id">
          <span className="rr-mono">{id}</span>
          <CopyButton value={id} what={id} />
        </span>
      ))}
    </li>
  )
}

type RefundProps = { readonly invoice: Invoice; readonly refund: Refund }

function RefundEntry({ invoice, refund }: RefundProps) {
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

function Waiting({ invoice, refund, waiting }: RefundProps & { readonly waiting: NonNullable<Refund['waiting']> }) {
  const { available, missing, ahead } = waiting
  const path = `/invoices/${invoice.id}/refunds/${refund.id}`
  const announce = useAnnounce()
  const send = useDeed({
    send: (api) => api.send(path, { decision: 'send' }),
    onDone: () => announce('The refund is being sent to Stripe.'),
  })
  const cancel = useDeed({
    send: (api) => api.send(path, { decision: 'cancel' }),
    onDone: () => announce('The refund is cancelled. Nothing was sent.'),
  })
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
