/** The country is asked before an account is made, because it can never be changed (UI-142). Pressed twice, there is one account. */
import type { Api } from '#web/api'
import { CountryField, Dialog, FormBody, useApiQuery, useDeed, useDeedForm, type AnswerOf } from '#web/ui'
import { NativeSelect, Text } from '@mantine/core'
import type { Connect } from './wire.ts'

type Company = AnswerOf<Api, '/api/v1/w/:slug/settings/company'>
type Values = { country: string; businessType: string; email: string }

type Props = {
  /** A disconnected account cannot come back; a new one is asked for. */
  readonly isFresh: boolean
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function ConnectDialog({ isOpen, onClose, isFresh }: Props) {
  const company = useApiQuery<Company>('/settings/company')
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Connect Stripe">
      {company.data !== undefined && <CountryForm company={company.data} isFresh={isFresh} onDone={onClose} />}
    </Dialog>
  )
}

const businessTypes = [
  { value: '', label: 'Stripe asks' },
  { value: 'company', label: 'Company' },
  { value: 'individual', label: 'One person' },
  { value: 'non_profit', label: 'Non-profit' },
]

type FormProps = { readonly company: Company; readonly isFresh: boolean; readonly onDone: () => void }

function CountryForm({ company, isFresh, onDone }: FormProps) {
  const deed = useDeed<Values, Connect>({
    send: (api, { country, businessType, email }) =>
      api.send('/connect/account', {
        country,
        isFresh,
        ...(businessType === '' ? {} : { businessType }),
        ...(email === '' ? {} : { email }),
      }),
    onDone,
  })
  const form = useDeedForm<Values>({
    initialValues: { country: company.country, businessType: '', email: company.contactEmail },
    validate: { country: (value) => (value === '' ? 'Choose the country the business is registered in.' : undefined) },
    deed,
  })
  return (
    <FormBody form={form} submitLabel="Make the account" runningLabel="Making it at Stripe…">
      <CountryField
        label="Country of the business"
        description="Changing the country later means a new Stripe account"
        {...form.field('country')}
      />
      <NativeSelect label="Kind of business (optional)" data={businessTypes} {...form.field('businessType')} />
      <Text size="sm" c="dimmed">
        You bill in {company.currency}. Bank account and payout currency are asked by Stripe on the next page.
      </Text>
    </FormBody>
  )
}
