/**
 * The company as it appears on invoices (UI-102). One of the first steps asks for a part of it; what is not asked for is saved as it was.
 */
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
  type DeedForm,
} from '#web/ui'
import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'

export type Company = AnswerOf<Api, '/api/v1/w/:slug/settings/company'>
type Values = Omit<Company, 'slug' | 'updatedAt' | 'isCurrencyFixed'>

const locales = ['en', 'en-AU', 'en-CA', 'en-GB', 'en-IE', 'en-IN', 'en-NZ', 'en-SG', 'en-US', 'en-ZA']

function valuesOf({ slug: _slug, updatedAt: _at, isCurrencyFixed: _fixed, ...values }: Company): Values {
  return values
}

type FormProps = {
  readonly company: Company
  /** Without one, every field. */
  readonly part?: 'business' | 'place'
  readonly submitLabel?: string
  readonly onSaved?: () => void | Promise<void>
}

/** The form keeps what is typed when the company is read again behind it; a save over a newer version is refused. */
export function CompanyForm({ company, part, submitLabel = 'Save', onSaved }: FormProps) {
  const [savedAt, setSavedAt] = useState<string>()
  const deed = useDeed<Values, Company>({
    send: (api, values) => api.send('/settings/company', values, 'PUT'),
    answers: '/settings/company',
    onDone: async (saved) => {
      form.setValues(valuesOf(saved))
      form.resetDirty(valuesOf(saved))
      setSavedAt(clockText(Date.parse(saved.updatedAt), saved.timeZone))
      await onSaved?.()
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
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel={submitLabel} beside={<SavedNote at={savedAt} />}>
        {part !== 'place' && <BusinessFields form={form} />}
        {part !== 'business' && <PlaceFields form={form} isCurrencyFixed={company.isCurrencyFixed} />}
      </FormBody>
    </div>
  )
}

function BusinessFields({ form }: { form: DeedForm<Values> }) {
  return (
    <>
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
    </>
  )
}

function PlaceFields({ form, isCurrencyFixed }: { form: DeedForm<Values>; isCurrencyFixed: boolean }) {
  const names = new Intl.DisplayNames('en', { type: 'language' })
  return (
    <>
      <CurrencyField
        label="Currency"
        description={
          isCurrencyFixed
            ? 'An invoice has been issued in it, so it can no longer change'
            : 'Can be changed until the first invoice is issued; prices keep their numbers'
        }
        disabled={isCurrencyFixed}
        {...form.field('currency')}
      />
      <TimeZoneField label="Time zone" description="Due dates follow the calendar there" {...form.field('timeZone')} />
      <NativeSelect
        label="Way of writing amounts and dates"
        data={locales.map((code) => ({ value: code, label: names.of(code) ?? code }))}
        {...form.field('locale')}
      />
    </>
  )
}

export function CompanyPage() {
  const query = useApiQuery<Company>('/settings/company')
  return (
    <Page title="Company" intro="This is what renters see on invoices and mails.">
      <Loaded query={query}>{(company) => <CompanyForm company={company} />}</Loaded>
    </Page>
  )
}
