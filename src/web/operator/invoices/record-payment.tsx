/** A payment that did not go through Stripe: cash, cheque, bank transfer (UI-171). */
import {
  amountProblem,
  DateField,
  Dialog,
  FormBody,
  MoneyField,
  useAnnounce,
  useDeed,
  useDeedForm,
  useMoneyText,
  useRequestKey,
  useToday,
} from '#web/ui'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { decimalOf, type Invoice } from './wire.ts'

type Props = { readonly invoice: Invoice; readonly isOpen: boolean; readonly onClose: () => void }
type Values = { amount: string; method: string; reference: string; receivedOn: string }

export function RecordPayment({ invoice, isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Record a payment of ${invoice.number}`}>
      <RecordForm invoice={invoice} onClose={onClose} />
    </Dialog>
  )
}

const methods = [
  { value: 'cash', label: 'Cash' },
  { value: 'cheque', label: 'Cheque' },
  { value: 'bank_transfer', label: 'Bank transfer' },
  { value: 'other', label: 'Other' },
]

function RecordForm({ invoice, onClose }: Omit<Props, 'isOpen'>) {
  const { currency } = invoice.balance
  const { key } = useRequestKey()
  const today = useToday()
  const announce = useAnnounce()
  const format = useMoneyText()
  const deed = useDeed<Values>({
    send: (api, values) => api.send(`/invoices/${invoice.id}/record-payment`, { requestKey: key, ...values }),
    onDone: () => {
      announce(`The payment of ${invoice.number} is recorded. It was ${format(invoice.balance)} before.`)
      onClose()
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { amount: decimalOf(invoice.balance), method: 'cash', reference: '', receivedOn: today },
    validate: {
      amount: (value) => amountProblem(value, currency),
      receivedOn: (value) => (value === '' ? 'Enter the day it was received.' : undefined),
    },
    deed,
  })
  return (
    <FormBody
      form={form}
      submitLabel="Record payment"
      beside={
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      <MoneyField label="Amount" currency={currency} {...form.field('amount')} />
      <NativeSelect label="Method" data={methods} {...form.field('method')} />
      <TextInput
        label="Reference (optional)"
        description="Such as the receipt or transfer number"
        {...form.field('reference')}
      />
      <DateField label="Received on" max={today} {...form.field('receivedOn')} />
    </FormBody>
  )
}
