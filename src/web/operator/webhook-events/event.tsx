import { useConsolePath, usePathPart } from '#web/paths'
import {
  CopyButton,
  DeedButton,
  Fact,
  InstantText,
  Loaded,
  NotFound,
  Page,
  plural,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Text } from '@mantine/core'
import { eventTone, type Event } from './wire.ts'

export function WebhookEventPage() {
  const path = useConsolePath()
  const query = useApiQuery<Event>(`/webhooks/events/${usePathPart('eventId')}`)
  const missing = <NotFound noun="event" href={path('webhookEvents', {})} listLabel="All events" />
  return (
    <Loaded query={query} title="Event" missing={missing}>
      {(event) => <EventScreen event={event} />}
    </Loaded>
  )
}

function EventScreen({ event }: { event: Event }) {
  const path = useConsolePath()
  const replay = useDeed({ send: (api) => api.send(`/webhooks/events/${event.id}/replay`) })
  return (
    <Page
      title={event.type}
      back={{ href: path('webhookEvents', {}), label: 'Webhook events' }}
      badge={<StatusBadge tone={eventTone(event.state)}>{event.stateLabel}</StatusBadge>}
      actions={
        <DeedButton
          variant="default"
          isRunning={replay.isRunning}
          runningLabel="Replaying…"
          onClick={() => void replay.run()}
        >
          Replay
        </DeedButton>
      }
    >
      {replay.problem !== undefined && <ProblemAlert problem={replay.problem} />}
      {event.reason !== '' && <Text mb="md">{event.reason}</Text>}
      <dl className="rr-facts">
        <Fact label="Object">
          <span className="rr-with-copy">
            <span className="rr-mono">{event.objectId}</span>
            <CopyButton value={event.objectId} what={event.objectId} />
          </span>
        </Fact>
        <Fact label="Received">
          <InstantText at={event.receivedAt} />
        </Fact>
        <Fact label="Attempts">{event.attempts}</Fact>
        <Fact label="Deliveries">{plural(event.deliveries, 'time')}</Fact>
      </dl>
      <Text size="sm" c="dimmed" mt="md">
        Processing again reads the object from Stripe; nothing can happen twice.
      </Text>
      <Section title="As it was sent">
        <pre className="rr-code">{event.payload}</pre>
      </Section>
    </Page>
  )
}
