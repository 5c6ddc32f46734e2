/** Voiding an invoice nobody has paid: the number stays used, nothing is owed on it any more. */
import { Dialog, FormBody, MoneyText, useAnnounce, useDeed, useDeedForm } from '#web/ui'
import { Button, Text, TextInput } from '@mantine/core'
import type { Invoice } from './wire.ts'

type Props = { readonly invoice: Invoice; readonly isOpen: boolean; readonly onClose: () => void }

export function VoidDialog({ invoice, isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Void ${invoice.number}?`}>
      <VoidForm invoice={invoice} onClose={onClose} />
    </Dialog>
  )
}

function VoidForm({ invoice, onClose }: Omit<Props, 'isOpen'>) {
  const announce = useAnnounce()
  const deed = useDeed<{ reason: string }>({
    send: (api, values) => api.send(`/invoices/${invoice.id}/void`, values),
    onDone: () => {
      announce(`${invoice.number} is voided.`)
      onClose()
    },
  })
  const form = useDeedForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() === '' ? 'Enter why it is voided.' : undefined) },
    deed,
  })
  return (
    <FormBody
      form={form}
      submitLabel={`Void ${invoice.number}`}
      runningLabel="Voiding…"
      isDanger
      beside={
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
      }
    >
      <Text>
        <MoneyText money={invoice.balance} /> is no longer owed. The number stays used, and this cannot be undone.
      </Text>
      <TextInput label="Reason" {...form.field('reason')} />
    </FormBody>
  )
}
