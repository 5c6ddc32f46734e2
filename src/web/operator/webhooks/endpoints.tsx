/** Endpoints: where Stripe sends to, how each fares, and the cure by one click (UI-150, STR-46). */
import { useConsolePath } from '#web/here'
import {
  CopyButton,
  DataTable,
  DeedButton,
  Fact,
  FirstUse,
  InstantText,
  Loaded,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
  type Column,
} from '#web/ui'
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconWebhook } from '@tabler/icons-react'
import { useState } from 'react'
import { HoursChart } from './hours-chart.tsx'
import { RotateWizard } from './rotate-wizard.tsx'
import { RotationPanel } from './rotation-panel.tsx'
import { Secrets } from './secrets.tsx'
import { SendTest } from './send-test.tsx'
import { healthTone, isUnderWay, lookEveryMs, type Endpoint, type Endpoints } from './wire.ts'

export function EndpointsTab() {
  const query = useApiQuery<Endpoints>('/webhooks/endpoints', { repeatsEveryMs: lookEveryMs })
  return (
    <Loaded query={query}>
      {({ rows }) =>
        rows.length === 0 ? (
          <NoEndpoint />
        ) : (
          <>
            <DataTable label="Endpoints" rows={rows} columns={columns} rowKey={({ id }) => id} />
            {rows.map((endpoint) => (
              <OneEndpoint key={endpoint.id} endpoint={endpoint} />
            ))}
          </>
        )
      }
    </Loaded>
  )
}

function NoEndpoint() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconWebhook size={32} stroke={1.5} aria-hidden />}
      title="No endpoint yet"
      why="Stripe reports payments and refunds to an endpoint. It is made once the keys are in."
      action={
        <Button component="a" href={path('integrations', {})}>
          Open Integrations
        </Button>
      }
    />
  )
}

/** `Own keys test`: whose it is and in which mode. */
function nameOf({ name, mode, isInstallation }: Endpoint): string {
  return isInstallation ? name : `${name} ${mode}`
}

const statusWords: Readonly<Record<Endpoint['stripeStatus'], string>> = {
  enabled: 'Enabled',
  disabled: 'Disabled',
  absent: 'Not there',
  unknown: 'Not checked',
}

const columns: readonly Column<Endpoint>[] = [
  { key: 'name', head: 'Endpoint', cell: (endpoint) => <strong>{nameOf(endpoint)}</strong> },
  { key: 'health', head: 'Health', card: 'badge', cell: (endpoint) => <Health endpoint={endpoint} /> },
  { key: 'status', head: 'At Stripe', cell: ({ stripeStatus }) => statusWords[stripeStatus] },
  { key: 'events', head: 'Events', cell: eventsText },
  {
    key: 'verified',
    head: 'Last verified',
    cell: ({ lastVerifiedAt }) => (lastVerifiedAt === undefined ? 'Never' : <InstantText at={lastVerifiedAt} />),
  },
  {
    key: 'refused',
    head: 'Refused 24 h',
    align: 'right',
    cell: ({ refused24h }) => <span className={refused24h > 0 ? 'rr-tone-red' : ''}>{refused24h}</span>,
  },
  { key: 'secrets', head: 'Secrets', align: 'right', card: 'wide', cell: ({ secrets }) => secrets.length },
]

function Health({ endpoint }: { endpoint: Endpoint }) {
  return <StatusBadge tone={healthTone(endpoint)}>{endpoint.healthLabel}</StatusBadge>
}

function eventsText({ eventsTotal, missingRequired, missingRecommended, stripeStatus }: Endpoint): string {
  const missing = missingRequired.length + missingRecommended.length
  if (stripeStatus === 'absent' || stripeStatus === 'unknown') return `${eventsTotal} wanted`
  return missing === 0 ? `${eventsTotal} selected` : `${eventsTotal - missing} selected, ${missing} missing`
}

function OneEndpoint({ endpoint }: { endpoint: Endpoint }) {
  const isFailing = endpoint.refused24h > 0
  return (
    <Section title={nameOf(endpoint)}>
      <Stack>
        <div role="status">
          <Group gap="xs">
            <Health endpoint={endpoint} />
          </Group>
          <Text mt={4}>{endpoint.healthDetail}</Text>
          {endpoint.health !== 'failing' && endpoint.refusedCause !== undefined && (
            <Text mt={4} c="dimmed">
              Some deliveries of the last 24 hours were refused. {endpoint.refusedCause}
            </Text>
          )}
        </div>
        <Missing endpoint={endpoint} />
        <Deeds endpoint={endpoint} />
        <Addresses endpoint={endpoint} />
        {isUnderWay(endpoint.rotation) && (
          <Section title="Rotation in progress" level={3}>
            <RotationPanel endpointId={endpoint.id} rotation={endpoint.rotation} />
          </Section>
        )}
        <Secrets endpoint={endpoint} />
        {endpoint.hours.length > 0 && isFailing && (
          <Section title="Refused deliveries" level={3}>
            <HoursChart
              hours={endpoint.hours.map(({ hour, refused }) => ({ hour, count: refused }))}
              one="refused delivery"
              many="refused deliveries"
              when="in the last 24 hours"
              tone="red"
            />
          </Section>
        )}
      </Stack>
    </Section>
  )
}

function Missing({ endpoint: { missingRequired, missingRecommended } }: { endpoint: Endpoint }) {
  if (missingRequired.length + missingRecommended.length === 0) return null
  return (
    <div>
      {missingRequired.length > 0 && <Names title="Required events missing" names={missingRequired} tone="red" />}
      {missingRecommended.length > 0 && (
        <details className="rr-help">
          <summary>Recommended events missing ({missingRecommended.length})</summary>
          <Names title="" names={missingRecommended} tone="yellow" />
        </details>
      )}
    </div>
  )
}

function Names({ title, names, tone }: { title: string; names: readonly string[]; tone: 'red' | 'yellow' }) {
  return (
    <>
      {title !== '' && <Text fw={600}>{title}</Text>}
      <ul className="rr-check-list" aria-label={title || 'Recommended events missing'}>
        {names.map((name) => (
          <li key={name}>
            <code className="rr-grow">{name}</code>
            <StatusBadge tone={tone}>Missing</StatusBadge>
          </li>
        ))}
      </ul>
    </>
  )
}

/** What cures it, in the words of the button. A missing endpoint is made in Integrations, where its preview is. */
function cureOf({
  health,
  missingRequired,
  missingRecommended,
}: Endpoint): { deed: string; label: string } | undefined {
  if (health === 'disabled') return { deed: 'enable', label: 'Switch it on' }
  if (health === 'missing') return undefined
  if (missingRequired.length > 0) return { deed: 'fix', label: 'Fix it for me' }
  return missingRecommended.length > 0 ? { deed: 'fix', label: 'Add recommended events' } : undefined
}

function Deeds({ endpoint }: { endpoint: Endpoint }) {
  const path = useConsolePath()
  const [isRotating, setRotating] = useState(false)
  const at = `/webhooks/endpoints/${endpoint.id}`
  const cure = cureOf(endpoint)
  const fix = useDeed({ send: (api) => api.send(`${at}/${cure?.deed ?? 'fix'}`) })
  const check = useDeed({ send: (api) => api.send(`${at}/check`) })
  const problem = fix.problem ?? check.problem
  const why = endpoint.whyNot === undefined ? {} : { reason: endpoint.whyNot }
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {endpoint.health === 'missing' && !endpoint.isInstallation && (
          <Button component="a" href={`${path('integrations', {})}#webhook`}>
            Create it in Integrations
          </Button>
        )}
        {cure !== undefined && (
          <DeedButton
            can={{ allowed: endpoint.canFix, ...why }}
            isRunning={fix.isRunning}
            runningLabel="Repairing…"
            onClick={() => void fix.run()}
          >
            {cure.label}
          </DeedButton>
        )}
        {!endpoint.isInstallation && (
          <DeedButton
            variant="default"
            isRunning={check.isRunning}
            runningLabel="Asking Stripe…"
            onClick={() => void check.run()}
          >
            Check now
          </DeedButton>
        )}
        <DeedButton
          variant={endpoint.health === 'failing' ? 'filled' : 'default'}
          can={{ allowed: endpoint.canRotate, ...why }}
          onClick={() => setRotating(true)}
        >
          Rotate secret
        </DeedButton>
        {!endpoint.isInstallation && endpoint.health !== 'missing' && <SendTest endpointId={endpoint.id} />}
      </Group>
      {endpoint.isInstallation && endpoint.whyNot !== undefined && <Text c="dimmed">{endpoint.whyNot}</Text>}
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <RotateWizard endpoint={endpoint} isOpen={isRotating} onClose={() => setRotating(false)} />
    </Stack>
  )
}

function Addresses({ endpoint }: { endpoint: Endpoint }) {
  const { url, otherUrl, checkedAt } = endpoint
  const path = useConsolePath()
  return (
    <dl className="rr-facts rr-facts-wide">
      <Fact label="URL">
        <Url url={url} />
      </Fact>
      {otherUrl !== undefined && (
        <Fact label="Shorter alternative">
          <Url url={otherUrl} />
        </Fact>
      )}
      <Fact label="Verified 24 h">{endpoint.verified24h.toLocaleString('en')}</Fact>
      {checkedAt !== undefined && (
        <Fact label="Checked at Stripe">
          <InstantText at={checkedAt} />
        </Fact>
      )}
      {!endpoint.isInstallation && (
        <Fact label="Keys">
          <Anchor href={path('integrations', {})}>Integrations</Anchor>
        </Fact>
      )}
    </dl>
  )
}

function Url({ url }: { url: string }) {
  return (
    <span className="rr-with-copy">
      <span className="rr-mono">{url}</span>
      <CopyButton value={url} what="the endpoint URL" />
    </span>
  )
}
