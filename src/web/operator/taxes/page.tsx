/** Tax rates; the default one stands on every new line (UI-104). A used rate is never edited, only retired. */
import type { Api } from '#web/api'
import {
  ConfirmDialog,
  DataTable,
  FirstUse,
  FormBody,
  Loaded,
  Page,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
  useDeedForm,
  type AnswerOf,
  type Column,
} from '#web/ui'
import { Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { IconPercentage } from '@tabler/icons-react'
import { useState } from 'react'

export type TaxRates = AnswerOf<Api, '/api/v1/w/:slug/settings/tax-rates'>
type TaxRate = TaxRates['taxRates'][number]

const treatments = [
  { value: 'taxable', label: 'Taxable' },
  { value: 'zero_rated', label: 'Zero-rated' },
  { value: 'exempt', label: 'Exempt' },
  { value: 'out_of_scope', label: 'Out of scope' },
  { value: 'reverse_charge', label: 'Reverse charge' },
]

export function TaxesPage() {
  const query = useApiQuery<TaxRates>('/settings/tax-rates')
  return (
    <Page title="Taxes" intro="The default rate stands on every new line except deposits, which are not taxed.">
      <Loaded query={query}>
        {({ taxRates }) =>
          taxRates.length === 0 ? (
            <FirstUse
              icon={<IconPercentage size={32} stroke={1.5} aria-hidden />}
              title="No taxes. Prices are final."
              why="Add a rate if you charge a tax such as GST or VAT."
            />
          ) : (
            <TaxRows rates={taxRates} />
          )
        }
      </Loaded>
      <Section title="Add a rate">
        <NewRate />
      </Section>
    </Page>
  )
}

const columns: readonly Column<TaxRate>[] = [
  { key: 'name', head: 'Name', cell: (rate) => rate.name },
  {
    key: 'percent',
    head: 'Rate',
    align: 'right',
    card: 'amount',
    cell: (rate) => <span className="rr-figure">{rate.percent} %</span>,
  },
  {
    key: 'treatment',
    head: 'Treatment',
    cell: (rate) => treatments.find(({ value }) => value === rate.treatment)?.label ?? rate.treatment,
  },
  { key: 'state', head: 'State', card: 'badge', cell: (rate) => <RateState rate={rate} /> },
  { key: 'deeds', head: 'Actions', cell: (rate) => rate.retiredAt === null && <Retire rate={rate} /> },
]

export function TaxRows({ rates }: { rates: readonly TaxRate[] }) {
  return <DataTable label="Tax rates" rows={rates} columns={columns} rowKey={(rate) => rate.id} />
}

function Retire({ rate }: { rate: TaxRate }) {
  const [isOpen, setOpen] = useState(false)
  const name = `${rate.name} ${rate.percent} %`
  const deed = useDeed({
    send: (api) => api.send(`/settings/tax-rates/${rate.id}/retire`),
    onDone: () => setOpen(false),
  })
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setOpen(true)} aria-label={`Retire ${name}`}>
        Retire
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Retire ${name}?`}
        confirmLabel="Retire the rate"
        deed={deed}
        onConfirm={() => void deed.run()}
      >
        <Text>New invoices no longer use it. Invoices already issued keep it.</Text>
      </ConfirmDialog>
    </>
  )
}

function RateState({ rate }: { rate: TaxRate }) {
  if (rate.retiredAt !== null) return <StatusBadge tone="grey">Retired</StatusBadge>
  return rate.isDefault ? (
    <StatusBadge tone="green">Default</StatusBadge>
  ) : (
    <StatusBadge tone="blue">In use</StatusBadge>
  )
}

type Values = { name: string; percent: string; treatment: string }

export function NewRate() {
  const deed = useDeed<Values>({
    send: (api, values) => api.send('/settings/tax-rates', values),
    onDone: () => {
      form.reset()
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { name: '', percent: '', treatment: 'taxable' },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter the name of the tax, such as GST.' : undefined),
      percent: (value) =>
        /^\d{1,3}(\.\d{1,4})?$/.test(value.trim()) ? undefined : 'Enter a percentage such as 10 or 7.25.',
    },
    deed,
  })
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Add rate" runningLabel="Adding…">
        <TextInput label="Name" description="As it stands on invoices, such as GST" {...form.field('name')} />
        <TextInput label="Percent" inputMode="decimal" {...form.field('percent')} />
        <NativeSelect label="Treatment" data={treatments} {...form.field('treatment')} />
        <Text size="sm" c="dimmed">
          The new rate becomes the default.
        </Text>
      </FormBody>
    </div>
  )
}
