/** Renters: the people and companies who rent, and what they owe (UI-82). */
import { useConsolePath, useQuery } from '#web/here'
import {
  cursorOf,
  DataTable,
  FirstUse,
  Loaded,
  MoneyText,
  NothingMatches,
  Page,
  Pager,
  SearchField,
  StatusBadge,
  useApiQuery,
  type Column,
} from '#web/ui'
import { Button } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { statusWords, type RenterList, type RenterRow } from './wire.ts'

export { NewRenterPage } from './new-renter.tsx'
export { RenterPage } from './renter.tsx'

export function RentersPage() {
  const path = useConsolePath()
  const [query, change] = useQuery()
  const text = query['text'] ?? ''
  const after = cursorOf(query['after'])
  const search = new URLSearchParams({ ...(text && { text }), ...(after && { after }) })
  const answer = useApiQuery<RenterList>(`/renters?${search}`, { keepsPrevious: true })
  const isUnused = answer.data?.count === 0 && text === ''
  const add = (
    <Button component="a" href={path('newRenter', {})}>
      Add a renter
    </Button>
  )
  return (
    <Page title="Renters" actions={!isUnused && add}>
      <Loaded query={answer}>
        {(list) =>
          isUnused ? (
            <FirstUse
              icon={<IconUsers size={32} stroke={1.5} aria-hidden />}
              title="No renters yet"
              why="A renter is the person or company who rents a space and gets its invoices."
              action={add}
            />
          ) : (
            <>
              <div className="rr-filters">
                <SearchField
                  label="Search name, e-mail or number"
                  value={text}
                  onSearch={(typed) => change({ text: typed, after: undefined }, { replace: true })}
                />
              </div>
              <RenterRows list={list} onClear={() => change({ text: undefined, after: undefined })} />
              <Pager page={list} noun="renter" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

const columns: readonly Column<RenterRow>[] = [
  { key: 'name', head: 'Name', cell: (renter) => renter.businessName || renter.name },
  { key: 'number', head: 'Number', cell: (renter) => renter.number },
  { key: 'email', head: 'E-mail', cell: (renter) => renter.email },
  { key: 'phone', head: 'Phone', card: 'wide', cell: (renter) => renter.phone },
  {
    key: 'status',
    head: 'Status',
    card: 'badge',
    cell: ({ status }) => <StatusBadge tone={statusWords[status].tone}>{statusWords[status].label}</StatusBadge>,
  },
  {
    key: 'balance',
    head: 'Balance',
    align: 'right',
    card: 'amount',
    cell: (renter) => <MoneyText money={renter.balance} />,
  },
  { key: 'overdue', head: 'Overdue', align: 'right', cell: (renter) => <MoneyText money={renter.overdue} /> },
]

function RenterRows({ list, onClear }: { list: RenterList; onClear: () => void }) {
  const path = useConsolePath()
  if (list.rows.length === 0) return <NothingMatches noun="renters" onClear={onClear} />
  return (
    <DataTable
      label="Renters"
      rows={list.rows}
      columns={columns}
      rowKey={(renter) => renter.id}
      href={(renter) => path('renter', { renterId: renter.id })}
    />
  )
}
