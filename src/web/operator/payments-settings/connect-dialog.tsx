/**
 * The country is asked before an account is made, because it can never be changed (UI-142). Pressed twice, there is one account; made, it
 * leads on to Stripe's form at once. What Stripe refuses is told here, with what was chosen still in the form.
 */
import type { Api } from '#web/api'
import { apiBase, useConsoleAddress } from '#web/paths'
import { CountryField, Dialog, FormBody, useApiQuery, useDeed, useDeedForm, type AnswerOf } from '#web/ui'
import { NativeSelect, Text } from '@mantine/core'
import { useRef } from 'react'
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
  const { slug, mode } = useConsoleAddress()
  const toStripe = useRef<HTMLFormElement>(null)
  const deed = useDeed<Values, Connect>({
    send: (api, { country, businessType, email }) =>
      api.send('/connect/account', {
        country,
        isFresh,
        ...(businessType === '' ? {} : { businessType }),
        ...(email === '' ? {} : { email }),
      }),
    onDone: ({ stripeStatusDetail }) => {
      // One that came back has nothing left to fill in.
      if (stripeStatusDetail === 'pending') toStripe.current?.requestSubmit()
      else onDone()
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { country: company.country, businessType: '', email: company.contactEmail },
    validate: { country: (value) => (value === '' ? 'Choose the country the business is registered in.' : undefined) },
    deed,
  })
  return (
    <>
      <FormBody form={form} submitLabel="Continue to Stripe" runningLabel="Making the account at Stripe…">
        <CountryField
          label="Country of the business"
          description="You cannot change the country later. Another country needs another Stripe account."
          {...form.field('country')}
        />
        <NativeSelect label="Kind of business (optional)" data={businessTypes} {...form.field('businessType')} />
        <Text size="sm" c="dimmed">
          You bill in {company.currency}. Bank account and payout currency are asked by Stripe on the next page.
        </Text>
      </FormBody>
      <form ref={toStripe} method="post" action={`${apiBase(slug)}/connect/onboarding?mode=${mode}`} />
    </>
  )
}
