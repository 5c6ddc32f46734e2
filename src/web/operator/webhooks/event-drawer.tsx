/** One event: what it was about, what it changed, what Stripe says now, and what was sent (UI-153). Opened by the address. */
import { useConsolePath, useQuery } from '#web/here'
import {
  CopyButton,
  DeedButton,
  Dialog,
  Fact,
  InstantText,
  Loaded,
  MoneyText,
  plural,
  ProblemAlert,
  Section,
  useAnnounce,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { DismissDialog } from './dead-letters.tsx'
import { State, TypeName } from './event-words.tsx'
import { durationText, isOnItsWay, type AtStripe, type Event } from './wire.ts'

export function EventDrawer() {
  const [{ event: id }, change] = useQuery()
  const [dismissed, setDismissed] = useState<Event>()
  const close = () => change({ event: undefined })
  return (
    <>
      <Dialog isOpen={id !== undefined} onClose={close} title="Event" size="drawer">
        {id !== undefined && <EventLoaded key={id} id={id} onDismiss={setDismissed} />}
      </Dialog>
      <DismissDialog event={dismissed} onClose={() => setDismissed(undefined)} />
    </>
  )
}

type OneProps = { readonly onDismiss: (event: Event) => void }

function EventLoaded({ id, onDismiss }: OneProps & { id: string }) {
  const query = useApiQuery<Event>(`/webhooks/events/${id}`, { repeatWhile: isOnItsWay })
  return (
    <Loaded query={query} missing={<Text>We have no event with this address here.</Text>}>
      {(event) => <OneEvent event={event} onDismiss={onDismiss} />}
    </Loaded>
  )
}

function OneEvent({ event, onDismiss }: OneProps & { event: Event }) {
  return (
    <Stack gap="md">
      <div>
        <Group gap="xs">
          <Text fw={600} component="h3" fz={16} m={0}>
            <TypeName type={event.type} />
          </Text>
          <State event={event} />
        </Group>
        {sentenceOf(event) !== '' && <Text mt={4}>{sentenceOf(event)}</Text>}
        {event.nextAttemptAt !== undefined && (
          <Text>
            Next try <InstantText at={event.nextAttemptAt} />.
          </Text>
        )}
        {event.dismissed !== undefined && (
          <Text>
            Dismissed by {event.dismissed.by}, <InstantText at={event.dismissed.at} />: {event.dismissed.note}
          </Text>
        )}
      </div>
      <Deeds event={event} onDismiss={onDismiss} />
      <Facts event={event} />
      <Changed event={event} />
      {event.canAskStripe && <StripeNow event={event} />}
      <Section
        title="As it was sent"
        level={3}
        actions={event.payload !== undefined && <CopyButton value={event.payload} what="the payload" />}
      >
        {event.payload === undefined ? (
          <Text c="dimmed">What was sent is kept for 90 days. It is not kept any more.</Text>
        ) : (
          <pre className="rr-code">{event.payload}</pre>
        )}
      </Section>
    </Stack>
  )
}

/** The state in a whole sentence with its reason; nothing where the badge says it all. */
function sentenceOf({ stateLabel, reason, state }: Event): string {
  if (state === 'done') return ''
  if (state === 'dismissed') return reason
  return reason === '' ? `${stateLabel}.` : `${stateLabel}. ${reason}`
}

function Deeds({ event, onDismiss }: OneProps & { event: Event }) {
  const announce = useAnnounce()
  const replay = useDeed({
    send: (api) => api.send(`/webhooks/events/${event.id}/replay`),
    onDone: () => announce('The event is processed again.'),
  })
  const isKept = event.payload !== undefined
  const can = isKept ? { allowed: true } : { allowed: false, reason: 'What was sent is no longer kept.' }
  const isForPerson = event.state === 'dead' || event.state === 'quarantined'
  return (
    <div>
      <Group gap="xs">
        <DeedButton can={can} isRunning={replay.isRunning} runningLabel="Replaying…" onClick={() => void replay.run()}>
          Replay
        </DeedButton>
        {isForPerson && (
          <Button variant="default" onClick={() => onDismiss(event)}>
            Dismiss
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mt={4}>
        Processing again reads the object from Stripe; nothing can happen twice.
      </Text>
      {replay.problem !== undefined && <ProblemAlert problem={replay.problem} />}
    </div>
  )
}

const ways: Readonly<Record<Event['via'], string>> = {
  delivery: 'Delivered by Stripe',
  poll: 'Found by asking Stripe',
  replay: 'Replayed by a person',
}

function Facts({ event }: { event: Event }) {
  return (
    <dl className="rr-facts">
      <Fact label="Event">
        <Copied text={event.eventId} />
      </Fact>
      <Fact label="Object">{event.objectId === '' ? 'None' : <Copied text={event.objectId} />}</Fact>
      {event.account !== '' && (
        <Fact label="Account">
          <Copied text={event.account} />
        </Fact>
      )}
      <Fact label="Received">
        <InstantText at={event.receivedAt} />
      </Fact>
      <Fact label="How it came">{ways[event.via]}</Fact>
      <Fact label="Deliveries">{plural(event.deliveries, 'time')}</Fact>
      <Fact label="Attempts">{event.attempts}</Fact>
      {event.tookMs !== undefined && <Fact label="Took">{durationText(event.tookMs)}</Fact>}
    </dl>
  )
}

function Copied({ text }: { text: string }) {
  return (
    <span className="rr-with-copy">
      <span className="rr-mono">{text}</span>
      <CopyButton value={text} what={text} />
    </span>
  )
}

function Changed({ event }: { event: Event }) {
  const path = useConsolePath()
  const hrefOf = ({ kind, id }: Event['about'][number]) =>
    kind === 'invoice' ? path('invoice', { invoiceId: id }) : path('renter', { renterId: id })
  return (
    <Section title="What it changed" level={3}>
      {event.about.length > 0 && (
        <Text>
          It is about{' '}
          {event.about.map((one, index) => (
            <span key={one.id}>
              {index > 0 && ' of '}
              <Anchor href={hrefOf(one)}>{one.label}</Anchor>
            </span>
          ))}
          .
        </Text>
      )}
      {event.changed.length > 0 ? (
        <ul className="rr-lines" aria-label="Changes">
          {event.changed.map(({ at, title }) => (
            <li key={`${at} ${title}`} className="rr-spread">
              <span>{title}</span>
              <span className="rr-muted rr-small">
                <InstantText at={at} />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Text c="dimmed">{nothingChanged(event)}</Text>
      )}
    </Section>
  )
}

function nothingChanged({ state }: Event): string {
  if (state === 'done') return 'Nothing: what it says was known here already.'
  if (isOnItsWay({ state }) || state === 'retry' || state === 'parked') return 'Nothing yet.'
  return 'Nothing.'
}

function StripeNow({ event }: { event: Event }) {
  const [now, setNow] = useState<AtStripe>()
  const ask = useDeed<void, AtStripe>({
    send: (api) => api.read(`/webhooks/events/${event.id}/at-stripe`),
    onDone: setNow,
  })
  return (
    <Section title="What Stripe says now" level={3}>
      {now !== undefined && <Answer now={now} />}
      {ask.problem !== undefined && <ProblemAlert problem={ask.problem} />}
      <DeedButton
        variant="default"
        size="xs"
        isRunning={ask.isRunning}
        runningLabel="Asking Stripe…"
        onClick={() => void ask.run()}
      >
        {now === undefined ? 'Ask Stripe now' : 'Ask again'}
      </DeedButton>
    </Section>
  )
}

function Answer({ now }: { now: AtStripe }) {
  return (
    <Text mb="xs" role="status">
      {now.isKnown ? (
        <>
          Status <strong>{now.status}</strong>
          {now.amount !== undefined && (
            <>
              , <MoneyText money={now.amount} />
            </>
          )}
          .{' '}
        </>
      ) : (
        'Stripe does not know this object in this account. '
      )}
      <span className="rr-muted">
        Asked <InstantText at={now.askedAt} />.
      </span>
    </Text>
  )
}
