/** The signing secrets of an endpoint: what may be shown of them, and how long each is accepted (UI-151). */
import { DataTable, InstantText, Section, StatusBadge, useApiQuery, type Column } from '#web/ui'
import { Text } from '@mantine/core'
import { durationText, type Endpoint, type Health, type Secret } from './wire.ts'

const sources: Readonly<Record<Secret['source'], string>> = {
  created: 'Created by us',
  pasted: 'Pasted',
  environment: 'Environment',
}

export function Secrets({ endpoint }: { endpoint: Endpoint }) {
  const { data: health } = useApiQuery<Health>('/webhooks/health')
  const startedAt = endpoint.rotation?.startedAt
  const columns: readonly Column<Secret>[] = [
    { key: 'mask', head: 'Secret', cell: (secret) => <Mask secret={secret} /> },
    { key: 'state', head: 'State', card: 'badge', cell: ({ state }) => <State state={state} /> },
    { key: 'source', head: 'Source', cell: (secret) => <Source secret={secret} /> },
    {
      key: 'window',
      head: 'Valid',
      cell: (secret) => <Validity secret={secret} startedAt={startedAt} now={health?.now} />,
    },
    {
      key: 'matched',
      head: 'Last matched',
      cell: ({ lastMatchedAt }) => (lastMatchedAt === undefined ? 'Never' : <InstantText at={lastMatchedAt} />),
    },
  ]
  return (
    <Section title="Signing secrets" level={3}>
      {endpoint.secrets.length === 0 ? (
        <Text>No secret is stored. Without one no delivery can be verified.</Text>
      ) : (
        <DataTable label="Signing secrets" rows={endpoint.secrets} columns={columns} rowKey={({ id }) => id} />
      )}
    </Section>
  )
}

function Mask({ secret: { mask, fingerprint } }: { secret: Secret }) {
  return (
    <>
      <span className="rr-mono">{mask}</span>
      <Text size="xs" c="dimmed" fw={400}>
        fingerprint <span className="rr-mono">{fingerprint}</span>
      </Text>
    </>
  )
}

function State({ state }: { state: Secret['state'] }) {
  if (state === 'valid') return <StatusBadge tone="green">Valid</StatusBadge>
  return state === 'ending' ? (
    <StatusBadge tone="yellow">Ending</StatusBadge>
  ) : (
    <StatusBadge tone="grey">Ended</StatusBadge>
  )
}

function Source({ secret: { source, environmentName } }: { secret: Secret }) {
  if (environmentName === undefined) return sources[source]
  return (
    <>
      <span className="rr-mono">{environmentName}</span>
      <Text size="xs" c="dimmed">
        Set outside; change it there.
      </Text>
    </>
  )
}

type ValidityProps = {
  readonly secret: Secret
  readonly startedAt: string | undefined
  /** The server's clock, which may differ from the browser's. */
  readonly now: string | undefined
}

function Validity({ secret: { validFrom, validUntil, state }, startedAt, now }: ValidityProps) {
  if (validFrom === undefined) return 'Without end'
  if (validUntil === undefined) {
    return (
      <>
        since <InstantText at={validFrom} />
      </>
    )
  }
  const leftMs = now === undefined ? 0 : Math.max(0, Date.parse(validUntil) - Date.parse(now))
  const wholeMs = Date.parse(validUntil) - Date.parse(startedAt ?? validFrom)
  return (
    <>
      until <InstantText at={validUntil} />
      {state === 'ending' && now !== undefined && (
        <>
          <Text size="xs" c="dimmed" component="div">
            {leftMs < 60_000 ? 'accepted for less than a minute' : `accepted for ${durationText(leftMs)}`}
          </Text>
          <progress
            className="rr-window"
            max={wholeMs}
            value={leftMs}
            aria-label="Time the old secret is still accepted"
          />
        </>
      )}
    </>
  )
}
