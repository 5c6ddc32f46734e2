/** The webhook: its address, its ten events, and whether Stripe's first event has arrived (UI-127 to UI-130). */
import { useConsolePath } from '#web/here'
import {
  Banner,
  CopyButton,
  DataTable,
  DeedButton,
  InstantText,
  ProblemAlert,
  Section,
  StatusBadge,
  useDeed,
  type Column,
} from '#web/ui'
import { Anchor, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CreateEndpoint } from './create-endpoint.tsx'
import { stripePath, type Connection, type Mark, type Webhook } from './wire.ts'

type SectionProps = {
  readonly connection: Connection
  /** Without the addresses and the list of events, for those who only want it made. */
  readonly isBrief?: boolean
}

export function WebhookSection({ connection, isBrief = false }: SectionProps) {
  const { webhook } = connection
  const path = useConsolePath()
  const [isCreating, setCreating] = useState(false)
  const check = useDeed({ send: (api) => api.send(`${stripePath}/endpoint/check`) })
  const repair = useDeed({ send: (api) => api.send(`${stripePath}/endpoint/repair`) })
  const problem = check.problem ?? repair.problem
  const canRepair = webhook.state === 'partial' || webhook.state === 'disabled'
  return (
    <Section
      title="Webhook"
      id="webhook"
      actions={<Anchor href={path('webhooks', {}, { tab: 'endpoints' })}>Health, inbox and rotation</Anchor>}
    >
      <Stack>
        <Standing webhook={webhook} />
        {!isBrief && <Addresses webhook={webhook} />}
        <Group gap="xs">
          <DeedButton
            {...(webhook.secrets.length === 0 ? {} : { variant: 'default' as const })}
            onClick={() => setCreating(true)}
          >
            Create it for me
          </DeedButton>
          {canRepair && (
            <DeedButton isRunning={repair.isRunning} runningLabel="Repairing…" onClick={() => void repair.run()}>
              {webhook.state === 'disabled' ? 'Switch on' : 'Add missing events'}
            </DeedButton>
          )}
          <DeedButton
            variant="default"
            isRunning={check.isRunning}
            runningLabel="Asking Stripe…"
            onClick={() => void check.run()}
          >
            Check now
          </DeedButton>
        </Group>
        {problem !== undefined && <ProblemAlert problem={problem} />}
        {!isBrief && <Events webhook={webhook} />}
        <CreateEndpoint
          apiPath={stripePath}
          connection={connection}
          isOpen={isCreating}
          onClose={() => setCreating(false)}
        />
      </Stack>
    </Section>
  )
}

/** Turns green by itself when the first event verifies. */
function Standing({ webhook }: { webhook: Webhook }) {
  const { state, firstVerifiedAt, lastVerifiedAt, lastRefusedAt } = webhook
  if (state === 'waiting_first_event') {
    return (
      <Banner tone="blue" title="Waiting for first event">
        {lastRefusedAt === undefined ? (
          'Keys and secret are in. This turns green when Stripe’s first event arrives and its signature matches.'
        ) : (
          <>
            A delivery came at <InstantText at={lastRefusedAt} />, but the signature does not match. Paste the secret of
            this endpoint above, or create the endpoint anew.
          </>
        )}
      </Banner>
    )
  }
  if (firstVerifiedAt === undefined) return null
  return (
    <Banner tone="green" title="First event verified">
      <InstantText at={firstVerifiedAt} />
      {lastVerifiedAt !== undefined && lastVerifiedAt !== firstVerifiedAt && (
        <>
          . Last one: <InstantText at={lastVerifiedAt} />
        </>
      )}
    </Banner>
  )
}

function Addresses({ webhook: { addresses, addressNotice } }: { webhook: Webhook }) {
  return (
    <div>
      {addressNotice !== undefined && <Text mb="xs">{addressNotice}</Text>}
      {addresses.own !== undefined && <Address label="Endpoint URL" url={addresses.own} />}
      {addresses.shared !== undefined && <Address label="Shorter alternative" url={addresses.shared} />}
    </div>
  )
}

function Address({ label, url }: { label: string; url: string }) {
  return (
    <div className="rr-address">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Group gap="xs" wrap="nowrap">
        <span className="rr-mono">{url}</span>
        <CopyButton value={url} what={`the ${label.toLowerCase()}`} />
      </Group>
    </div>
  )
}

type EventRow = Webhook['events'][number]

const columns: readonly Column<EventRow>[] = [
  {
    key: 'name',
    head: 'Event',
    cell: ({ name }) => (
      <span className="rr-with-copy">
        <code>{name}</code>
        <CopyButton value={name} what={name} />
      </span>
    ),
  },
  { key: 'purpose', head: 'Purpose', cell: ({ purpose }) => purpose },
  { key: 'mark', head: 'At Stripe', card: 'badge', cell: ({ atStripe }) => <MarkBadge mark={atStripe} /> },
]

function MarkBadge({ mark }: { mark: Mark }) {
  if (mark === 'selected') return <StatusBadge tone="green">Selected</StatusBadge>
  return mark === 'missing' ? (
    <StatusBadge tone="red">Missing</StatusBadge>
  ) : (
    <StatusBadge tone="grey">Not checked</StatusBadge>
  )
}

function Events({ webhook }: { webhook: Webhook }) {
  const names = webhook.events.map(({ name }) => name)
  return (
    <div>
      <Group gap={4}>
        <Text fw={600}>The ten events</Text>
        <CopyButton value={names.join('\n')} what="all ten" />
      </Group>
      <DataTable label="Required events" rows={webhook.events} columns={columns} rowKey={({ name }) => name} />
      <details className="rr-help">
        <summary>Recommended events ({webhook.recommendedEvents.length})</summary>
        <ul className="rr-check-list">
          {webhook.recommendedEvents.map(({ name, atStripe }) => (
            <li key={name}>
              <code className="rr-grow">{name}</code>
              <MarkBadge mark={atStripe} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  )
}
