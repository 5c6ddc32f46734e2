/** The inbox: every event Stripe sent, what became of it and why (UI-153, UI-154). */
import { useConsolePath, useQuery } from '#web/paths'
import {
  cursorOf,
  DataTable,
  FirstUse,
  InstantText,
  Loaded,
  Page,
  Pager,
  StatusBadge,
  useApiQuery,
  type Column,
} from '#web/ui'
import { Button } from '@mantine/core'
import { IconInbox } from '@tabler/icons-react'
import { eventTone, type EventList, type EventRow } from './wire.ts'

export { WebhookEventPage } from './event.tsx'

const columns: readonly Column<EventRow>[] = [
  { key: 'type', head: 'Event', cell: (event) => <code>{event.type}</code> },
  { key: 'object', head: 'Object', cell: (event) => <span className="rr-mono">{event.objectId}</span> },
  { key: 'received', head: 'Received', cell: (event) => <InstantText at={event.receivedAt} /> },
  { key: 'attempts', head: 'Attempts', align: 'right', card: 'wide', cell: (event) => event.attempts },
  {
    key: 'state',
    head: 'State',
    cell: (event) => (
      <>
        <StatusBadge tone={eventTone(event.state)}>{event.stateLabel}</StatusBadge>
      </>
    ),
  },
]

export function WebhookEventsPage() {
  const path = useConsolePath()
  const [query, change] = useQuery()
  const after = cursorOf(query['after'])
  const answer = useApiQuery<EventList>(`/webhooks/events${after === '' ? '' : `?${new URLSearchParams({ after })}`}`, {
    keepsPrevious: true,
  })
  return (
    <Page title="Webhook events" intro="Everything Stripe sent in this mode, the newest first.">
      <Loaded query={answer}>
        {(list) =>
          list.rows.length === 0 && after === '' ? (
            <FirstUse
              icon={<IconInbox size={32} stroke={1.5} aria-hidden />}
              title="No event yet"
              why="Events arrive here once the webhook exists at Stripe."
              action={
                <Button component="a" href={path('integrations', {})}>
                  Open Integrations
                </Button>
              }
            />
          ) : (
            <>
              <DataTable
                label="Webhook events"
                rows={list.rows}
                columns={columns}
                rowKey={({ id }) => id}
                href={({ id }) => path('webhookEvent', { eventId: id })}
              />
              <Pager page={list} noun="event" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
