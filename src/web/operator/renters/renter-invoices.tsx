import { useConsolePath } from '#web/here'
import { DataTable, Loaded, LocalDateText, MoneyText, StatusBadge, useApiQuery, type Column } from '#web/ui'
import { Text } from '@mantine/core'
import type { InvoiceList } from './wire.ts'

type Row = InvoiceList['rows'][number]

const columns: readonly Column<Row>[] = [
  { key: 'number', head: 'Number', cell: (invoice) => invoice.number },
  { key: 'due', head: 'Due', cell: (invoice) => <LocalDateText date={invoice.dueOn} /> },
  { key: 'total', head: 'Amount', align: 'right', cell: (invoice) => <MoneyText money={invoice.total} /> },
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
    cell: ({ label }) => <StatusBadge tone={label.tone}>{label.text}</StatusBadge>,
  },
]

export function RenterInvoices({ renterId }: { renterId: string }) {
  const path = useConsolePath()
  const query = useApiQuery<InvoiceList>(`/invoices?renter=${renterId}`)
  return (
    <Loaded query={query}>
      {({ rows }) =>
        rows.length === 0 ? (
          <Text c="dimmed">Nothing billed yet.</Text>
        ) : (
          <DataTable
            label="Invoices"
            rows={rows}
            columns={columns}
            rowKey={(invoice) => invoice.id}
            href={(invoice) => path('invoice', { invoiceId: invoice.id })}
          />
        )
      }
    </Loaded>
  )
}
