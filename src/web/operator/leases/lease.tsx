/** One lease: the terms frozen at its start, what was accepted, what was and will be billed (UI-88). */
import { useConsolePath, usePathPart } from '#web/here'
import {
  DataTable,
  DeedButton,
  Dialog,
  Fact,
  FormBody,
  InstantText,
  Loaded,
  LocalDateText,
  MoneyText,
  NotFound,
  Page,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
  useDeedForm,
  type Column,
} from '#web/ui'
import { Anchor, Button, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { leaseTone, type Lease, type Planned } from './wire.ts'

export function LeasePage() {
  const path = useConsolePath()
  const query = useApiQuery<Lease>(`/leases/${usePathPart('leaseId')}`)
  const missing = <NotFound noun="lease" href={path('leases', {})} listLabel="All leases" />
  return (
    <Loaded query={query} title="Lease" missing={missing}>
      {(lease) => <LeaseScreen lease={lease} />}
    </Loaded>
  )
}

function LeaseScreen({ lease }: { lease: Lease }) {
  const path = useConsolePath()
  const [isCancelling, setCancelling] = useState(false)
  return (
    <Page
      title={`${lease.space.number}, ${lease.renter.name}`}
      back={{ href: path('leases', {}), label: 'Leases' }}
      badge={<StatusBadge tone={leaseTone(lease.state)}>{lease.stateLabel}</StatusBadge>}
      actions={
        <DeedButton variant="default" can={lease.can.cancel} onClick={() => setCancelling(true)}>
          Cancel the lease
        </DeedButton>
      }
    >
      <Terms lease={lease} />
      <Section title="Invoices">
        <LeaseInvoices lease={lease} />
      </Section>
      <Section title="Next invoices">
        <Schedule planned={lease.schedule} />
      </Section>
      <Section title="Agreement">
        <Accepted lease={lease} />
      </Section>
      <CancelDialog lease={lease} isOpen={isCancelling} onClose={() => setCancelling(false)} />
    </Page>
  )
}

function Terms({ lease }: { lease: Lease }) {
  const path = useConsolePath()
  return (
    <dl className="rr-facts">
      <Fact label="Space">
        <Anchor href={path('space', { spaceId: lease.space.id })}>{lease.space.number}</Anchor>
      </Fact>
      <Fact label="Renter">
        <Anchor href={path('renter', { renterId: lease.renter.id })}>{lease.renter.name}</Anchor>
      </Fact>
      <Fact label="Start">
        <LocalDateText date={lease.startOn} />
      </Fact>
      <Fact label="Billed">{lease.intervalLabel}</Fact>
      <Fact label="Price">
        <MoneyText money={lease.price} />
      </Fact>
      <Fact label="Deposit">
        <MoneyText money={lease.deposit} />
      </Fact>
      <Fact label="Balance">
        <MoneyText money={lease.balance} />
      </Fact>
    </dl>
  )
}

const invoiceColumns: readonly Column<Lease['invoices'][number]>[] = [
  { key: 'number', head: 'Number', cell: (invoice) => invoice.number },
  {
    key: 'total',
    head: 'Amount',
    align: 'right',
    card: 'amount',
    cell: (invoice) => <MoneyText money={invoice.total} />,
  },
  {
    key: 'label',
    head: 'Status',
    card: 'badge',
    cell: ({ label }) => <StatusBadge tone={label.tone}>{label.text}</StatusBadge>,
  },
]

function LeaseInvoices({ lease }: { lease: Lease }) {
  const path = useConsolePath()
  if (lease.invoices.length === 0) return <Text c="dimmed">Nothing billed yet.</Text>
  return (
    <DataTable
      label="Invoices"
      rows={lease.invoices}
      columns={invoiceColumns}
      rowKey={(invoice) => invoice.id}
      href={(invoice) => path('invoice', { invoiceId: invoice.id })}
    />
  )
}

const scheduleColumns: readonly Column<Planned>[] = [
  { key: 'period', head: 'Period', cell: (one) => <PeriodText period={one} /> },
  { key: 'issue', head: 'Issued', cell: (one) => <LocalDateText date={one.issueOn} /> },
  { key: 'due', head: 'Due', cell: (one) => <LocalDateText date={one.dueOn} /> },
  {
    key: 'charge',
    head: 'Charged',
    cell: (one) => (one.chargeOn === undefined ? '–' : <LocalDateText date={one.chargeOn} />),
  },
  { key: 'total', head: 'Total', align: 'right', card: 'amount', cell: (one) => <MoneyText money={one.total} /> },
]

function PeriodText({ period }: { period: Planned }) {
  return (
    <>
      <LocalDateText date={period.periodStart} /> to <LocalDateText date={period.periodEnd} />
    </>
  )
}

function Schedule({ planned }: { planned: readonly Planned[] }) {
  if (planned.length === 0) return <Text c="dimmed">Nothing more is planned.</Text>
  return <DataTable label="Next invoices" rows={planned} columns={scheduleColumns} rowKey={(one) => one.periodStart} />
}

function Accepted({ lease: { agreement } }: { lease: Lease }) {
  if (agreement === undefined) return <Text c="dimmed">No agreement was accepted.</Text>
  return (
    <>
      <Text mb="sm">
        {agreement.title}, version {agreement.version}, accepted by {agreement.acceptedName},{' '}
        <InstantText at={agreement.acceptedAt} />
      </Text>
      <div className="rr-sheet">{agreement.text}</div>
    </>
  )
}

function CancelDialog({ lease, isOpen, onClose }: { lease: Lease; isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Cancel the lease of ${lease.space.number}?`}>
      <CancelForm lease={lease} onClose={onClose} />
    </Dialog>
  )
}

function CancelForm({ lease, onClose }: { lease: Lease; onClose: () => void }) {
  const deed = useDeed<{ reason: string }>({
    send: (api, values) => api.send(`/leases/${lease.id}/cancel`, values),
    onDone: onClose,
  })
  const form = useDeedForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() === '' ? 'Enter why it is cancelled.' : undefined) },
    deed,
  })
  return (
    <FormBody
      form={form}
      submitLabel="Cancel the lease"
      runningLabel="Cancelling…"
      isDanger
      beside={
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
      }
    >
      <Text>Its unpaid invoice is voided and {lease.space.number} becomes available again.</Text>
      <TextInput label="Reason" {...form.field('reason')} />
    </FormBody>
  )
}
