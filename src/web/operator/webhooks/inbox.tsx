/** The inbox: every event Stripe sent, what became of it and why (UI-153, UI-154). */
import { useConsolePath, useQuery } from '#web/here'
import {
  ArrivedPill,
  cursorOf,
  DataTable,
  DateField,
  FirstUse,
  InstantText,
  Loaded,
  NothingMatches,
  Pager,
  SearchField,
  useApiQuery,
  useIsNarrow,
  useSteadyRows,
  type Column,
} from '#web/ui'
import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { IconInbox } from '@tabler/icons-react'
import { DeadLetters } from './dead-letters.tsx'
import { EventDrawer } from './event-drawer.tsx'
import { State, TypeName } from './event-words.tsx'
import { durationText, lookEveryMs, type Endpoints, type EventList, type EventRow } from './wire.ts'

const account: Column<EventRow> = {
  key: 'account',
  head: 'Account',
  card: 'wide',
  cell: (event) => <span className="rr-mono">{event.account}</span>,
}

/** The account is told apart only where events of several are listed. */
function columnsFor(rows: readonly EventRow[]): readonly Column<EventRow>[] {
  const hasSeveral = new Set(rows.map((event) => event.account)).size > 1
  return [
    { key: 'type', head: 'Event', cell: (event) => <TypeName type={event.type} /> },
    { key: 'received', head: 'Received', cell: (event) => <InstantText at={event.receivedAt} /> },
    { key: 'object', head: 'Object', cell: (event) => <span className="rr-mono">{event.objectId}</span> },
    ...(hasSeveral ? [account] : []),
    { key: 'state', head: 'State', card: 'badge', cell: (event) => <State event={event} /> },
    { key: 'attempts', head: 'Attempts', align: 'right', card: 'wide', cell: (event) => event.attempts },
    {
      key: 'took',
      head: 'Took',
      align: 'right',
      card: 'wide',
      cell: ({ tookMs }) => <span className="rr-figure">{tookMs === undefined ? '' : durationText(tookMs)}</span>,
    },
  ]
}

const states = [
  { value: '', label: 'All' },
  { value: 'waiting', label: 'Waiting for their turn' },
  { value: 'done', label: 'Processed' },
  { value: 'ignored', label: 'Ignored' },
  { value: 'parked', label: 'Parked' },
  { value: 'retry', label: 'Failed, tried again' },
  { value: 'dead', label: 'Dead letters' },
  { value: 'quarantined', label: 'Quarantined' },
  { value: 'dismissed', label: 'Dismissed' },
]
const ways = [
  { value: '', label: 'Any way' },
  { value: 'delivery', label: 'Delivered by Stripe' },
  { value: 'poll', label: 'Found by asking Stripe' },
  { value: 'replay', label: 'Replayed' },
]
/** States in which an empty list is good news (UI-13). */
const queues = ['waiting', 'parked', 'retry', 'dead', 'quarantined']
const cleared = { state: '', find: '', from: '', to: '', via: '', endpoint: '', after: '' }

/** A dot is in every type and in no id. */
function searchOf(find: string): { type?: string; object?: string } {
  if (find === '') return {}
  return find.includes('.') ? { type: find } : { object: find }
}

export function InboxTab() {
  const [query, change] = useQuery()
  const { state = '', find = '', from = '', to = '', via = '', endpoint = '' } = query
  const after = cursorOf(query['after'])
  const set = { state, ...searchOf(find), from, to, via, endpoint, after }
  const search = new URLSearchParams(Object.entries(set).filter(([, value]) => value))
  const answer = useApiQuery<EventList>(`/webhooks/events?${search}`, {
    keepsPrevious: true,
    repeatsEveryMs: lookEveryMs,
  })
  const isQueue = queues.includes(state) && ![find, from, to, via, endpoint].some(Boolean)
  const isFiltered = [state, find, from, to, via, endpoint].some(Boolean)
  return (
    <>
      <Loaded query={answer}>
        {(list) =>
          list.count === 0 && !isFiltered ? (
            <NoEvents />
          ) : (
            <>
              <Filters isFiltered={isFiltered} />
              {state === 'dead' && list.count > 0 && <DeadLetters />}
              <Rows list={list} place={search.toString()} isQueue={isQueue} />
              <Pager page={list} noun="event" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
      <EventDrawer />
    </>
  )
}

function Filters({ isFiltered }: { isFiltered: boolean }) {
  const [query, change] = useQuery()
  const isNarrow = useIsNarrow()
  const { data } = useApiQuery<Endpoints>('/webhooks/endpoints')
  const endpoints = data?.rows.map(({ id, name }) => ({ value: id, label: name })) ?? []
  const set = (name: string, value: string) => change({ [name]: value, after: '' }, { replace: true })
  const choice = (name: string) => ({
    value: query[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  })
  const more = (
    <>
      <DateField label="From" {...choice('from')} />
      <DateField label="To" {...choice('to')} />
      <NativeSelect label="How it came" data={ways} {...choice('via')} />
      {endpoints.length > 1 && (
        <NativeSelect
          label="Endpoint"
          data={[{ value: '', label: 'Any endpoint' }, ...endpoints]}
          {...choice('endpoint')}
        />
      )}
    </>
  )
  return (
    <div className="rr-filters">
      <NativeSelect label="State" data={states} {...choice('state')} />
      <SearchField
        key={query['find'] ?? ''}
        label="Type, object or event ID"
        value={query['find'] ?? ''}
        onSearch={(text) => set('find', text)}
      />
      {isNarrow ? (
        <details className="rr-help">
          <summary>More filters</summary>
          <div className="rr-filters">{more}</div>
        </details>
      ) : (
        more
      )}
      {isFiltered && (
        <Button variant="default" onClick={() => change(cleared)}>
          Reset
        </Button>
      )}
    </div>
  )
}

function NoEvents() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconInbox size={32} stroke={1.5} aria-hidden />}
      title="No event yet"
      why="Events arrive here once the webhook exists at Stripe and something happens there."
      action={
        <Button component="a" href={path('integrations', {})}>
          Open Integrations
        </Button>
      }
    />
  )
}

function Rows({ list, place, isQueue }: { list: EventList; place: string; isQueue: boolean }) {
  const path = useConsolePath()
  const [query, change] = useQuery()
  const steady = useSteadyRows(list.rows, ({ id }) => id, place)
  if (list.rows.length === 0 && isQueue) {
    return (
      <Group justify="center" py="xl" role="status">
        <Text>Nothing waits for you.</Text>
        <Button variant="default" onClick={() => change(cleared)}>
          Show all events
        </Button>
      </Group>
    )
  }
  if (list.rows.length === 0) return <NothingMatches noun="events" onClear={() => change(cleared)} />
  return (
    <>
      <ArrivedPill count={steady.arrived} noun="event" onShow={steady.show} />
      <DataTable
        label="Events"
        rows={steady.rows}
        columns={columnsFor(steady.rows)}
        rowKey={({ id }) => id}
        href={({ id }) => path('webhooks', {}, { ...query, tab: 'inbox', event: id })}
      />
    </>
  )
}
