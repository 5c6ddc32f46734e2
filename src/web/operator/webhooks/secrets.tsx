/** The signing secrets of an endpoint: what may be shown of them, and how long each is accepted (UI-151). */
import { DataTable, InstantText, Section, StatusBadge, useApiQuery, type Column } from '#web/ui'
import { Text } from '@mantine/core'
import { durationText, type Endpoint, type Health, type Secret } from './wire.ts'

const sources: Readonly<Record<Secret['source'], string>> = {
  created: 'Created by us',
  pasted: 'Pasted',
  environment: 'Environment',
}

type Row = {
  readonly secret: Secret
  readonly startedAt: string | undefined
  /** The server's clock, which may differ from the browser's. */
  readonly now: string | undefined
}

const columns: readonly Column<Row>[] = [
  { key: 'mask', head: 'Secret', cell: ({ secret }) => <Mask secret={secret} /> },
  { key: 'state', head: 'State', card: 'badge', cell: ({ secret }) => <State state={secret.state} /> },
  { key: 'source', head: 'Source', cell: ({ secret }) => <Source secret={secret} /> },
  { key: 'window', head: 'Valid', cell: (row) => <Validity row={row} /> },
  {
    key: 'matched',
    head: 'Last matched',
    cell: ({ secret }) => (secret.lastMatchedAt === undefined ? 'Never' : <InstantText at={secret.lastMatchedAt} />),
  },
]

export function Secrets({ endpoint }: { endpoint: Endpoint }) {
  const { data: health } = useApiQuery<Health>('/webhooks/health')
  const startedAt = endpoint.rotation?.startedAt
  const rows = endpoint.secrets.map((secret) => ({ secret, startedAt, now: health?.now }))
  return (
    <Section title="Signing secrets" level={3}>
      {rows.length === 0 ? (
        <Text>No secret is stored. Without one no delivery can be verified.</Text>
      ) : (
        <DataTable label="Signing secrets" rows={rows} columns={columns} rowKey={({ secret }) => secret.id} />
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

function Validity({ row: { secret, startedAt, now } }: { row: Row }) {
  const { validFrom, validUntil, state } = secret
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
