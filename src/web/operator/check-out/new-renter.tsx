import { FormBody, useDeed, useDeedForm } from '#web/ui'
import { Button, Radio, Stack, TextInput } from '@mantine/core'

type Values = { kind: string; name: string; businessName: string; email: string; phone: string }

/** The few fields a check-out needs; the rest can be added on the renter's own page. */
export function NewRenter({ onDone, onCancel }: { onDone: (id: string) => void; onCancel: () => void }) {
  const deed = useDeed<Values, { id: string }>({
    send: (api, values) => api.send('/renters', values),
    onDone: ({ id }) => onDone(id),
  })
  const form = useDeedForm<Values>({
    initialValues: { kind: 'person', name: '', businessName: '', email: '', phone: '' },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter the name.' : undefined),
      businessName: (value, { kind }) =>
        kind === 'company' && value.trim() === '' ? 'Enter the business name, or choose person.' : undefined,
      email: (value) =>
        value === '' || /^\S+@\S+\.\S+$/.test(value.trim())
          ? undefined
          : 'Enter an e-mail address, such as kim@example.com.',
    },
    deed,
  })
  const isCompany = form.values.kind === 'company'
  return (
    <FormBody
      form={form}
      submitLabel="Add renter"
      runningLabel="Adding…"
      beside={
        <Button variant="default" onClick={onCancel}>
          Back to the list
        </Button>
      }
    >
      <Radio.Group label="Kind" {...form.field('kind')}>
        <Stack gap="xs" mt={4}>
          <Radio value="person" label="Person" />
          <Radio value="company" label="Company" />
        </Stack>
      </Radio.Group>
      {isCompany && <TextInput label="Business name" {...form.field('businessName')} />}
      <TextInput label={isCompany ? 'Contact name' : 'Name'} {...form.field('name')} />
      <TextInput
        label="E-mail (optional)"
        description="Payment links and receipts go here"
        type="email"
        {...form.field('email')}
      />
      <TextInput label="Phone (optional)" type="tel" {...form.field('phone')} />
    </FormBody>
  )
}
