/** Invoices: who owes what, the latest due first (UI-90). */
import { useConsolePath, useQuery } from '#web/here'
import {
  ArrivedPill,
  cursorOf,
  DataTable,
  FirstUse,
  Loaded,
  LocalDateText,
  MoneyList,
  MoneyText,
  NothingMatches,
  Page,
  Pager,
  SearchField,
  StatusBadge,
  useApiQuery,
  useSteadyRows,
  type Column,
} from '#web/ui'
import { Button, NativeSelect } from '@mantine/core'
import { IconReceipt2 } from '@tabler/icons-react'
import { besideLabel, type InvoiceList, type InvoiceRow } from './wire.ts'

const filters = [
  { value: '', label: 'All', search: {} },
  { value: 'open', label: 'Open', search: { status: 'open' } },
  { value: 'overdue', label: 'Overdue', search: { overdue: 'yes' } },
  { value: 'paid', label: 'Paid', search: { status: 'paid' } },
  { value: 'void', label: 'Voided', search: { status: 'void' } },
] as const

export function InvoicesPage() {
  const [query, change] = useQuery()
  const text = query['text'] ?? ''
  const filter = filters.find(({ value }) => value === query['show']) ?? filters[0]
  const after = cursorOf(query['after'])
  const search = new URLSearchParams({ ...(text && { text }), ...filter.search, ...(after && { after }) })
  const answer = useApiQuery<InvoiceList>(`/invoices?${search}`, { keepsPrevious: true })
  const isFiltered = text !== '' || filter.value !== ''
  return (
    <Page title="Invoices">
      <Loaded query={answer}>
        {(list) =>
          list.count === 0 && !isFiltered ? (
            <NoInvoices />
          ) : (
            <>
              <Figures figures={list.figures} />
              <div className="rr-filters">
                <SearchField
                  label="Search number or renter"
                  value={text}
                  onSearch={(typed) => change({ text: typed, after: undefined }, { replace: true })}
                />
                <NativeSelect
                  label="Status"
                  data={filters.map(({ value, label }) => ({ value, label }))}
                  value={filter.value}
                  onChange={(event) => change({ show: event.currentTarget.value, after: undefined })}
                />
              </div>
              <InvoiceRows
                list={list}
                place={search.toString()}
                onClear={() => change({ text: '', show: '', after: '' })}
              />
              <Pager page={list} noun="invoice" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function NoInvoices() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconReceipt2 size={32} stroke={1.5} aria-hidden />}
      title="No invoices yet"
      why="The first invoice is written when a space is checked out."
      action={
        <Button component="a" href={path('checkOut', {})}>
          Check out a space
        </Button>
      }
    />
  )
}

function Figures({ figures }: { figures: InvoiceList['figures'] }) {
  const owed = (amounts: InvoiceList['figures']['outstanding']) =>
    amounts.filter(({ amountMinor }) => amountMinor !== '0')
  return (
    <dl className="rr-figures rr-figures-small">
      <div>
        <dt>Total outstanding</dt>
        <dd>
          <MoneyList amounts={owed(figures.outstanding)} none="Nothing owed" />
        </dd>
      </div>
      <div>
        <dt>Overdue amount</dt>
        <dd>
          <MoneyList amounts={owed(figures.overdue)} none="Nothing overdue" />
        </dd>
      </div>
    </dl>
  )
}

const columns: readonly Column<InvoiceRow>[] = [
  { key: 'number', head: 'Number', cell: (invoice) => invoice.number },
  { key: 'renter', head: 'Renter', cell: (invoice) => invoice.renter.name },
  { key: 'issued', head: 'Issued', card: 'wide', cell: (invoice) => <LocalDateText date={invoice.issueOn} /> },
  { key: 'due', head: 'Due', cell: (invoice) => <LocalDateText date={invoice.dueOn} /> },
  {
    key: 'total',
    head: 'Amount',
    align: 'right',
    card: 'wide',
    cell: (invoice) => <MoneyText money={invoice.total} />,
  },
  {
    key: 'balance',
    head: 'Balance',
    align: 'right',
    card: 'amount',
    cell: (invoice) => <MoneyText money={invoice.balance} />,
  },
  {
    key: 'label',
    head: 'Status',
    card: 'badge',
    cell: (invoice) => <Status invoice={invoice} />,
  },
]

function InvoiceRows({ list, place, onClear }: { list: InvoiceList; place: string; onClear: () => void }) {
  const path = useConsolePath()
  const steady = useSteadyRows(list.rows, (invoice) => invoice.id, place)
  if (list.rows.length === 0) return <NothingMatches noun="invoices" onClear={onClear} />
  return (
    <>
      <ArrivedPill count={steady.arrived} noun="invoice" onShow={steady.show} />
      <DataTable
        label="Invoices"
        rows={steady.rows}
        columns={columns}
        rowKey={(invoice) => invoice.id}
        href={(invoice) => path('invoice', { invoiceId: invoice.id })}
      />
    </>
  )
}

function Status({ invoice }: { invoice: InvoiceRow }) {
  return (
    <>
      <StatusBadge tone={invoice.label.tone}>{invoice.label.text}</StatusBadge>{' '}
      <span className="rr-muted rr-small">{besideLabel(invoice)}</span>
    </>
  )
}
