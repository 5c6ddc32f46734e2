/** Payments, refunds and credits of one invoice, each with its state in words (UI-173). */
import { CopyButton, InstantText, MoneyText, StatusBadge } from '#web/ui'
import { Anchor, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { RefundEntry } from './refund-entry.tsx'
import { paymentTone, type Invoice, type Payment } from './wire.ts'

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
