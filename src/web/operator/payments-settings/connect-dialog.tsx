/**
 * Country and currency are asked before an account is made; the country can never be changed (UI-142). Offered are the countries we know
 * Stripe to serve, and of each the currencies it pays out in there. Pressed twice, there is one account; made, it leads on to Stripe's form at once. What Stripe refuses is told here, with what was chosen still in the form.
 */
import { accountCountries } from '#kernel'
import type { Api } from '#web/api'
import { useConsoleAddress } from '#web/here'
import { apiBase } from '#web/paths'
import {
  CountryField,
  CurrencyField,
  Dialog,
  FormBody,
  useApiQuery,
  useDeed,
  useDeedForm,
  type AnswerOf,
} from '#web/ui'
import { NativeSelect, Text } from '@mantine/core'
import { useRef } from 'react'
import type { Connect } from './wire.ts'

type Company = AnswerOf<Api, '/api/v1/w/:slug/settings/company'>
type Values = { country: string; currency: string; businessType: string; email: string }

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

/** As the company has it, as far as Stripe makes accounts there. */
function firstChoice({ country: own, currency }: Company): Pick<Values, 'country' | 'currency'> {
  const country = accountCountries.has(own) ? own : ''
  return { country, currency: currencyOf(country, [currency]) }
}

/** The first that is wished for and offered, else the country's own. */
function currencyOf(country: string, wished: readonly string[]): string {
  const offered = accountCountries.get(country) ?? []
  return wished.find((one) => offered.includes(one)) ?? offered[0] ?? ''
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
    send: (api, { country, currency, businessType, email }) =>
      api.send('/connect/account', {
        country,
        currency,
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
    initialValues: { ...firstChoice(company), businessType: '', email: company.contactEmail },
    validate: {
      country: (value) => (value === '' ? 'Choose the country the business is registered in.' : undefined),
      currency: (value) => (value === '' ? 'Choose the currency the account is paid out in.' : undefined),
    },
    deed,
  })
  const { country, currency } = form.values
  form.watch('country', ({ value }) => form.setFieldValue('currency', currencyOf(value, [currency, company.currency])))
  return (
    <>
      <FormBody form={form} submitLabel="Continue to Stripe" runningLabel="Making the account at Stripe…">
        <CountryField
          label="Country of the business"
          description="You cannot change the country later. Another country needs another Stripe account."
          only={[...accountCountries.keys()]}
          {...form.field('country')}
        />
        <CurrencyField
          label="Currency"
          description="What Stripe pays out to your bank. The bank account itself is asked on the next page."
          only={accountCountries.get(country) ?? []}
          {...form.field('currency')}
        />
        {currency !== '' && currency !== company.currency && (
          <Text size="sm">
            You bill in {company.currency}. Stripe converts it to {currency}, for a fee.
          </Text>
        )}
        <NativeSelect label="Kind of business (optional)" data={businessTypes} {...form.field('businessType')} />
      </FormBody>
      <form ref={toStripe} method="post" action={`${apiBase(slug)}/connect/onboarding?mode=${mode}`} />
    </>
  )
}
