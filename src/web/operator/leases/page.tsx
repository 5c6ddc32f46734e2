/** Leases: who has which space on what terms (UI-87). */
import { useConsolePath, useQuery } from '#web/here'
import {
  cursorOf,
  DataTable,
  FirstUse,
  Loaded,
  LocalDateText,
  MoneyText,
  Page,
  Pager,
  StatusBadge,
  useApiQuery,
  type Column,
} from '#web/ui'
import { Button } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'
import { leaseTone, type LeaseList, type LeaseRow } from './wire.ts'

export { LeasePage } from './lease.tsx'

const columns: readonly Column<LeaseRow>[] = [
  { key: 'space', head: 'Space', cell: (lease) => lease.space.number },
  { key: 'renter', head: 'Renter', cell: (lease) => lease.renter.name },
  { key: 'start', head: 'Start', cell: (lease) => <LocalDateText date={lease.startOn} /> },
  { key: 'interval', head: 'Billed', card: 'wide', cell: (lease) => lease.intervalLabel },
  { key: 'price', head: 'Price', align: 'right', cell: (lease) => <MoneyText money={lease.price} /> },
  {
    key: 'balance',
    head: 'Balance',
    align: 'right',
    card: 'amount',
    cell: (lease) => <MoneyText money={lease.balance} />,
  },
  {
    key: 'state',
    head: 'State',
    card: 'badge',
    cell: (lease) => <StatusBadge tone={leaseTone(lease.state)}>{lease.stateLabel}</StatusBadge>,
  },
]

export function LeasesPage() {
  const path = useConsolePath()
  const [query, change] = useQuery()
  const after = cursorOf(query['after'])
  const answer = useApiQuery<LeaseList>(`/leases${after === '' ? '' : `?${new URLSearchParams({ after })}`}`, {
    keepsPrevious: true,
  })
  const checkOut = (
    <Button component="a" href={path('checkOut', {})}>
      Check out a space
    </Button>
  )
  const isUnused = answer.data?.count === 0
  return (
    <Page title="Leases" actions={!isUnused && checkOut}>
      <Loaded query={answer}>
        {(list) =>
          isUnused ? (
            <FirstUse
              icon={<IconFileText size={32} stroke={1.5} aria-hidden />}
              title="No leases yet"
              why="A lease begins when a space is checked out to a renter (move-in)."
              action={checkOut}
            />
          ) : (
            <>
              <DataTable
                label="Leases"
                rows={list.rows}
                columns={columns}
                rowKey={(lease) => lease.id}
                href={(lease) => path('lease', { leaseId: lease.id })}
              />
              <Pager page={list} noun="lease" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
