/** Money back to the card it came from (UI-172). The server keeps the amount within what was paid and not yet returned. */
import { parseMoney } from '#kernel'
import {
  amountProblem,
  Dialog,
  FormBody,
  InstantText,
  MoneyField,
  MoneyText,
  useAnnounce,
  useDeed,
  useDeedForm,
  useMoneyText,
  useRequestKey,
} from '#web/ui'
import { Button, Radio, Stack, Text, TextInput } from '@mantine/core'
import { FundsPart, missingFor, useRefundFunds, type WhenShort } from './refund-funds.tsx'
import { decimalOf, type Invoice, type Payment } from './wire.ts'

type Props = { readonly invoice: Invoice; readonly isOpen: boolean; readonly onClose: () => void }
type Values = { paymentId: string; amount: string; reason: string; whenShort: WhenShort }

export function RefundDialog({ invoice, isOpen, onClose }: Props) {
  const payments = invoice.payments.filter(({ refundable }) => BigInt(refundable.amountMinor) > 0n)
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Process a refund of ${invoice.number}`}>
      {payments[0] !== undefined && (
        <RefundForm invoice={invoice} payments={payments} first={payments[0]} onClose={onClose} />
      )}
    </Dialog>
  )
}

type FormProps = {
  readonly invoice: Invoice
  readonly payments: readonly Payment[]
  readonly first: Payment
  readonly onClose: () => void
}

function RefundForm({ invoice, payments, first, onClose }: FormProps) {
  const { key } = useRequestKey()
  const announce = useAnnounce()
  const format = useMoneyText()
  const { currency } = first.refundable
  const deed = useDeed<Values>({
    send: (api, values) => api.send(`/invoices/${invoice.id}/refund`, { requestKey: key, ...values }),
    onDone: () => {
      announce(`The refund for ${invoice.number} is written down and goes out by itself.`)
      onClose()
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { paymentId: first.id, amount: decimalOf(first.refundable), reason: '', whenShort: 'wait' },
    validate: {
      amount: (value) => amountProblem(value, currency),
      reason: (value) => (value.trim() === '' ? 'Enter why the money goes back.' : undefined),
    },
    deed,
  })
  const chosen = payments.find(({ id }) => id === form.values.paymentId) ?? first
  const typed = parseMoney(form.values.amount, currency)
  const funds = useRefundFunds(invoice, chosen)
  const isShort = missingFor(funds, typed?.amountMinor) !== undefined
  const amount = typed && format({ amountMinor: typed.amountMinor.toString(), currency })
  const when = isShort && form.values.whenShort === 'wait' ? ' when funds settle' : ''
  return (
    <FormBody
      form={form}
      submitLabel={amount === undefined ? 'Refund' : `Refund ${amount}${when}`}
      runningLabel="Sending…"
      isDanger
      beside={
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
      }
    >
      <PaymentChoice
        payments={payments}
        field={form.field('paymentId')}
        onChoose={(payment) => form.setFieldValue('amount', decimalOf(payment.refundable) as never)}
      />
      <MoneyField
        label="Amount"
        description="The whole rest, or a part of it"
        currency={currency}
        {...form.field('amount')}
      />
      <FundsPart
        funds={funds}
        amountMinor={typed?.amountMinor}
        whenShort={form.values.whenShort}
        onChoose={(whenShort) => form.setFieldValue('whenShort', whenShort as never)}
      />
      <TextInput label="Reason" description="Stands on the credit note" {...form.field('reason')} />
      <WhatFollows payment={chosen} />
    </FormBody>
  )
}

function WhatFollows({ payment }: { payment: Payment }) {
  return (
    <Text size="sm" c="dimmed">
      The money goes back to {payment.method}. Stripe keeps its fee. A credit note is written and the renter sees the
      money in 5 to 10 business days.
    </Text>
  )
}

type ChoiceProps = {
  readonly payments: readonly Payment[]
  readonly field: { readonly value?: string; readonly onChange?: (value: string) => void }
  readonly onChoose: (payment: Payment) => void
}

function PaymentChoice({ payments, field, onChoose }: ChoiceProps) {
  const choose = (id: string) => {
    field.onChange?.(id)
    const payment = payments.find((one) => one.id === id)
    if (payment !== undefined) onChoose(payment)
  }
  return (
    <Radio.Group label="Payment" value={field.value ?? ''} onChange={choose}>
      <Stack gap="xs" mt={4}>
        {payments.map((payment) => (
          <Radio
            key={payment.id}
            value={payment.id}
            label={
              <>
                {payment.method}, <InstantText at={payment.at} />: <MoneyText money={payment.refundable} /> of{' '}
                <MoneyText money={payment.amount} /> can go back
              </>
            }
          />
        ))}
      </Stack>
    </Radio.Group>
  )
}
