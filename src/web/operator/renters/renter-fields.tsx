/** The fields of a renter, for a new one and for a change. */
import type { DeedForm } from '#web/ui'
import { Checkbox, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import type { RenterValues } from './wire.ts'

export const renterRules = {
  name: (value: string) => (value.trim() === '' ? 'Enter the name.' : undefined),
  businessName: (value: string, { kind }: RenterValues) =>
    kind === 'company' && value.trim() === '' ? 'Enter the business name, or choose person.' : undefined,
  email: (value: string) =>
    value === '' || /^\S+@\S+\.\S+$/.test(value.trim())
      ? undefined
      : 'Enter an e-mail address, such as kim@example.com.',
}

export function RenterFields({ form }: { form: DeedForm<RenterValues> }) {
  const isCompany = form.values.kind === 'company'
  const { value: isManual, ...manual } = form.field('manualPaymentsAllowed')
  return (
    <>
      <Radio.Group label="Kind" {...form.field('kind')}>
        <Stack gap="xs" mt={4}>
          <Radio value="person" label="Person" />
          <Radio value="company" label="Company" />
        </Stack>
      </Radio.Group>
      {isCompany && (
        <TextInput label="Business name" description="Invoices are addressed to it" {...form.field('businessName')} />
      )}
      <TextInput label={isCompany ? 'Contact name' : 'Name'} {...form.field('name')} />
      <TextInput
        label="E-mail (optional)"
        description="Payment links and receipts go here"
        type="email"
        {...form.field('email')}
      />
      <TextInput label="Phone (optional)" type="tel" {...form.field('phone')} />
      <Textarea label="Billing address (optional)" autosize minRows={3} {...form.field('billingAddress')} />
      <TextInput label="Tax number (optional)" {...form.field('taxNumber')} />
      <Checkbox
        label="Manual payments are allowed"
        description="Cash, cheque or bank transfer instead of a card on file"
        {...manual}
        checked={isManual === true}
      />
    </>
  )
}
