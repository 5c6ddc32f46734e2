/** Spaces: which are free, which are rented and to whom (UI-80). */
import { useConsolePath, useQuery } from '#web/here'
import {
  cursorOf,
  DataTable,
  FirstUse,
  LinkTabs,
  Loaded,
  LocalDateText,
  MoneyText,
  NothingMatches,
  Page,
  Pager,
  SearchField,
  StatusBadge,
  useApiQuery,
  type Column,
} from '#web/ui'
import { Anchor, Button } from '@mantine/core'
import { IconDoor } from '@tabler/icons-react'
import { toneOf, type SpaceList, type SpaceRow } from './wire.ts'

export { NewSpacesForm, NewSpacesPage } from './new-spaces.tsx'
export type { Categories } from './wire.ts'
export { SpacePage } from './space.tsx'

const tabs = [
  { tab: 'available', label: 'Available', count: (all: SpaceList['tabs']) => all.available },
  { tab: 'checked_out', label: 'Checked out', count: (all: SpaceList['tabs']) => all.checkedOut },
  { tab: 'suspended', label: 'Suspended', count: (all: SpaceList['tabs']) => all.suspended },
  { tab: 'all', label: 'All', count: (all: SpaceList['tabs']) => all.all },
] as const

export function SpacesPage() {
  const path = useConsolePath()
  const [query, change] = useQuery()
  const tab = tabs.find((one) => one.tab === query['tab'])?.tab ?? 'all'
  const text = query['text'] ?? ''
  const search = new URLSearchParams({ tab, text, after: cursorOf(query['after']) })
  const answer = useApiQuery<SpaceList>(`/spaces?${search}`, { keepsPrevious: true })
  const isUnused = answer.data?.tabs.all === 0
  return (
    <Page
      title="Spaces"
      actions={
        !isUnused && (
          <Button component="a" href={path('newSpaces', {})}>
            Add spaces
          </Button>
        )
      }
    >
      <Loaded query={answer}>
        {(list) =>
          isUnused ? (
            <NoSpaces />
          ) : (
            <>
              <LinkTabs
                label="Views"
                tabs={tabs.map((one) => ({
                  label: one.label,
                  href: path('spaces', {}, { tab: one.tab, text }),
                  isHere: one.tab === tab,
                  count: one.count(list.tabs),
                }))}
              />
              <div className="rr-filters">
                <SearchField
                  label="Search spaces"
                  value={text}
                  onSearch={(typed) => change({ text: typed, after: undefined }, { replace: true })}
                />
              </div>
              <SpaceRows list={list} onClear={() => change({ text: undefined, tab: 'all', after: undefined })} />
              <Pager page={list} noun="space" trail={query['after']} onMove={(after) => change({ after })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function NoSpaces() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconDoor size={32} stroke={1.5} aria-hidden />}
      title="No spaces yet"
      why="A space is what you rent out: a desk, an office, a unit, a parking place."
      action={
        <Button component="a" href={path('newSpaces', {})}>
          Add spaces
        </Button>
      }
    />
  )
}

const columns: readonly Column<SpaceRow>[] = [
  { key: 'number', head: 'Space', cell: (space) => space.number },
  { key: 'title', head: 'Title', cell: (space) => space.title, card: 'wide' },
  { key: 'category', head: 'Category', cell: (space) => space.categoryName },
  { key: 'state', head: 'State', card: 'badge', cell: (space) => <SpaceStateBadge space={space} /> },
  { key: 'renter', head: 'Renter', cell: (space) => <Occupant space={space} /> },
  { key: 'price', head: 'Price', align: 'right', card: 'amount', cell: (space) => <FirstPrice space={space} /> },
  {
    key: 'deposit',
    head: 'Deposit',
    align: 'right',
    card: 'wide',
    cell: (space) => <MoneyText money={space.deposit} />,
  },
]

function SpaceRows({ list, onClear }: { list: SpaceList; onClear: () => void }) {
  const path = useConsolePath()
  if (list.rows.length === 0) return <NothingMatches noun="spaces" onClear={onClear} />
  return (
    <DataTable
      label="Spaces"
      rows={list.rows}
      columns={columns}
      rowKey={(space) => space.id}
      href={(space) => path('space', { spaceId: space.id })}
    />
  )
}

export function SpaceStateBadge({ space }: { space: Pick<SpaceRow, 'state' | 'stateLabel'> }) {
  return <StatusBadge tone={toneOf[space.state]}>{space.stateLabel}</StatusBadge>
}

function Occupant({ space: { renter, availableFrom } }: { space: SpaceRow }) {
  const path = useConsolePath()
  if (renter !== undefined) {
    return (
      <>
        <Anchor href={path('renter', { renterId: renter.id })}>{renter.name}</Anchor> since{' '}
        <LocalDateText date={renter.since} />
      </>
    )
  }
  return availableFrom === undefined ? (
    '–'
  ) : (
    <>
      free from <LocalDateText date={availableFrom} />
    </>
  )
}

function FirstPrice({ space }: { space: SpaceRow }) {
  const [first] = space.prices
  if (first === undefined) return '–'
  return (
    <>
      <MoneyText money={first.price} /> <span className="rr-block rr-muted rr-small">{first.label.toLowerCase()}</span>
    </>
  )
}
