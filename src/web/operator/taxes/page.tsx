/** Tax rates; the default one stands on every new line (UI-104). A used rate is never edited, only retired. */
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
  type Column,
} from '#web/ui'
import { Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { IconPercentage } from '@tabler/icons-react'
import { useState } from 'react'

type TaxRate = {
  readonly id: string
  readonly name: string
  readonly percent: string
  readonly treatment: string
  readonly isDefault: boolean
  readonly retiredAt: string | null
}

const treatments = [
  { value: 'taxable', label: 'Taxable' },
  { value: 'zero_rated', label: 'Zero-rated' },
  { value: 'exempt', label: 'Exempt' },
  { value: 'out_of_scope', label: 'Out of scope' },
  { value: 'reverse_charge', label: 'Reverse charge' },
]

export function TaxesPage() {
  const query = useApiQuery<{ taxRates: readonly TaxRate[] }>('/settings/tax-rates')
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

function TaxRows({ rates }: { rates: readonly TaxRate[] }) {
  const [retiring, setRetiring] = useState<TaxRate>()
  const deed = useDeed<string>({
    send: (api, id) => api.send(`/settings/tax-rates/${id}/retire`),
    onDone: () => setRetiring(undefined),
  })
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
    {
      key: 'deeds',
      head: 'Actions',
      cell: (rate) =>
        rate.retiredAt === null && (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => setRetiring(rate)}
            aria-label={`Retire ${rate.name} ${rate.percent} %`}
          >
            Retire
          </Button>
        ),
    },
  ]
  return (
    <>
      <DataTable label="Tax rates" rows={rates} columns={columns} rowKey={(rate) => rate.id} />
      <ConfirmDialog
        isOpen={retiring !== undefined}
        onClose={() => setRetiring(undefined)}
        title={`Retire ${retiring?.name ?? ''} ${retiring?.percent ?? ''} %?`}
        confirmLabel="Retire the rate"
        deed={deed}
        onConfirm={() => void (retiring && deed.run(retiring.id))}
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

function NewRate() {
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
