/** The company as it appears on invoices (UI-102). */
import type { Api } from '#web/api'
import {
  clockText,
  CountryField,
  CurrencyField,
  FormBody,
  Loaded,
  Page,
  SavedNote,
  TimeZoneField,
  useApiQuery,
  useDeed,
  useDeedForm,
  type AnswerOf,
} from '#web/ui'
import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'

type Company = AnswerOf<Api, '/api/v1/w/:slug/settings/company'>
type Values = Omit<Company, 'slug' | 'updatedAt' | 'isCurrencyFixed'>

const locales = ['en', 'en-AU', 'en-CA', 'en-GB', 'en-IE', 'en-IN', 'en-NZ', 'en-SG', 'en-US', 'en-ZA']

export function CompanyPage() {
  const query = useApiQuery<Company>('/settings/company')
  return (
    <Page title="Company" intro="This is what renters see on invoices and mails.">
      <Loaded query={query}>{(company) => <CompanyForm company={company} />}</Loaded>
    </Page>
  )
}

function valuesOf({ slug: _slug, updatedAt: _at, isCurrencyFixed: _fixed, ...values }: Company): Values {
  return values
}

/** The form keeps what is typed when the company is read again behind it; a save over a newer version is refused. */
function CompanyForm({ company }: { company: Company }) {
  const [savedAt, setSavedAt] = useState<string>()
  const deed = useDeed<Values, Company>({
    send: (api, values) => api.send('/settings/company', values, 'PUT'),
    onDone: (saved) => {
      form.setValues(valuesOf(saved))
      setSavedAt(clockText(Date.parse(saved.updatedAt), saved.timeZone))
    },
  })
  const form = useDeedForm<Values>({
    initialValues: valuesOf(company),
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter the name of your company.' : undefined),
      contactEmail: (value) =>
        value === '' || value.includes('@') ? undefined : 'Enter an e-mail address, such as name@example.com.',
    },
    deed,
  })
  const names = new Intl.DisplayNames('en', { type: 'language' })
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Save" beside={<SavedNote at={savedAt} />}>
        <TextInput label="Name" autoComplete="organization" {...form.field('name')} />
        <TextInput label="Legal name (optional)" description="If it differs" {...form.field('legalName')} />
        <TextInput label="Contact e-mail (optional)" type="email" {...form.field('contactEmail')} />
        <TextInput label="Phone (optional)" type="tel" {...form.field('phone')} />
        <Textarea label="Address (optional)" autosize minRows={3} {...form.field('address')} />
        <TextInput
          label="Tax number (optional)"
          description="Such as ABN, NZBN, EIN or VAT number"
          {...form.field('taxNumber')}
        />
        <CountryField label="Country" {...form.field('country')} />
        <CurrencyField
          label="Currency"
          description={
            company.isCurrencyFixed
              ? 'An invoice has been issued in it, so it can no longer change'
              : 'Can be changed until the first invoice is issued'
          }
          disabled={company.isCurrencyFixed}
          {...form.field('currency')}
        />
        <TimeZoneField
          label="Time zone"
          description="Due dates follow the calendar there"
          {...form.field('timeZone')}
        />
        <NativeSelect
          label="Way of writing amounts and dates"
          data={locales.map((code) => ({ value: code, label: names.of(code) ?? code }))}
          {...form.field('locale')}
        />
      </FormBody>
    </div>
  )
}
