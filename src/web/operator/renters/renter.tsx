/** One renter: what they owe, what is missing, their cards, leases and details (UI-83). */
import { useConsolePath, usePathPart } from '#web/here'
import {
  CardReturn,
  Banner,
  clockText,
  DataTable,
  Fact,
  FormBody,
  Loaded,
  LocalDateText,
  MoneyText,
  NotFound,
  Page,
  presentMs,
  SavedNote,
  Section,
  StatusBadge,
  useApiQuery,
  useConventions,
  useDeed,
  useDeedForm,
  type Column,
} from '#web/ui'
import { Anchor, Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { AddCard } from './add-card.tsx'
import { MethodList } from './method-list.tsx'
import { RenterFields, renterRules } from './renter-fields.tsx'
import { RenterInvoices } from './renter-invoices.tsx'
import { statusWords, type LeaseRow, type Renter, type RenterValues } from './wire.ts'

export function RenterPage() {
  const path = useConsolePath()
  const query = useApiQuery<Renter>(`/renters/${usePathPart('renterId')}`)
  const missing = <NotFound noun="renter" href={path('renters', {})} listLabel="All renters" />
  return (
    <Loaded query={query} title="Renter" missing={missing}>
      {(renter) => <RenterScreen key={renter.id} renter={renter} />}
    </Loaded>
  )
}

function RenterScreen({ renter }: { renter: Renter }) {
  const path = useConsolePath()
  const { label, tone } = statusWords[renter.status]
  return (
    <Page
      title={renter.businessName || renter.name}
      back={{ href: path('renters', {}), label: 'Renters' }}
      badge={<StatusBadge tone={tone}>{label}</StatusBadge>}
      actions={
        <Button component="a" variant="default" href={path('checkOut', {}, { renter: renter.id })}>
          Check out a space
        </Button>
      }
    >
      <Stack gap="sm" mb="lg">
        <CardReturn />
        {renter.banners.map((banner) => (
          <Banner
            key={banner.code}
            title={banner.title}
            actions={banner.code.includes('method') && <AddCard renter={renter} />}
          >
            {banner.text}
          </Banner>
        ))}
      </Stack>
      <dl className="rr-facts">
        <Fact label="Number">{renter.number}</Fact>
        <Fact label="Balance">
          <MoneyText money={renter.balance} />
        </Fact>
        <Fact label="Overdue">
          <MoneyText money={renter.overdue} />
        </Fact>
        <Fact label="E-mail">{renter.email || 'Not known'}</Fact>
        <Fact label="Phone">{renter.phone || 'Not known'}</Fact>
        <Fact label="Manual payments">{renter.manualPaymentsAllowed ? 'Allowed' : 'Not allowed'}</Fact>
      </dl>
      <Section title="Payment methods" actions={<AddCard renter={renter} />}>
        <MethodList methods={renter.methods} />
      </Section>
      <Section title="Leases">
        <Leases leases={renter.leases} />
      </Section>
      <Section title="Invoices">
        <RenterInvoices renterId={renter.id} />
      </Section>
      <Section title="Details">
        <EditRenter renter={renter} />
      </Section>
    </Page>
  )
}

const leaseColumns: readonly Column<LeaseRow>[] = [
  { key: 'space', head: 'Space', cell: (lease) => lease.space.number },
  { key: 'start', head: 'Start', cell: (lease) => <LocalDateText date={lease.startOn} /> },
  { key: 'interval', head: 'Billed', cell: (lease) => lease.intervalLabel },
  { key: 'price', head: 'Price', align: 'right', card: 'amount', cell: (lease) => <MoneyText money={lease.price} /> },
  {
    key: 'state',
    head: 'State',
    card: 'badge',
    cell: (lease) => <StatusBadge tone={lease.state === 'active' ? 'green' : 'grey'}>{lease.stateLabel}</StatusBadge>,
  },
]

function Leases({ leases }: { leases: readonly LeaseRow[] }) {
  const path = useConsolePath()
  if (leases.length === 0) return <Text c="dimmed">No leases yet.</Text>
  return (
    <DataTable
      label="Leases"
      rows={leases}
      columns={leaseColumns}
      rowKey={(lease) => lease.id}
      href={(lease) => path('lease', { leaseId: lease.id })}
    />
  )
}

function valuesOf(renter: Renter): RenterValues {
  const { kind, name, businessName, email, phone, billingAddress, taxNumber, manualPaymentsAllowed } = renter
  return { kind, name, businessName, email, phone, billingAddress, taxNumber, manualPaymentsAllowed }
}

/** Sends the version that was opened: a save over someone else's change is refused and nothing typed is lost (UI-18). */
function EditRenter({ renter }: { renter: Renter }) {
  const { timeZone } = useConventions()
  const [savedAt, setSavedAt] = useState<string>()
  const [version, setVersion] = useState(renter.version)
  const deed = useDeed<RenterValues, { version: number }>({
    send: (api, values) => api.send(`/renters/${renter.id}`, { ...values, version }, 'PUT'),
    onDone: (saved) => {
      setVersion(saved.version)
      setSavedAt(clockText(presentMs(), timeZone))
    },
  })
  const form = useDeedForm<RenterValues>({ initialValues: valuesOf(renter), validate: renterRules, deed })
  const isStale = renter.version > version && !form.isDirty()
  const takeTheirs = () => {
    form.setValues(valuesOf(renter))
    form.resetDirty(valuesOf(renter))
    setVersion(renter.version)
    deed.forget()
  }
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Save" beside={<SavedNote at={savedAt} />}>
        {(isStale || deed.problem?.status === 409) && renter.version > version && (
          <Banner
            title="Someone changed this meanwhile"
            actions={
              <Anchor component="button" type="button" onClick={takeTheirs}>
                Take theirs
              </Anchor>
            }
          >
            Taking theirs replaces what stands in the form.
          </Banner>
        )}
        <RenterFields form={form} />
      </FormBody>
    </div>
  )
}
