/** Administration → Installation: what belongs to no operator, for whoever runs it (UI-112, TRU-90). For everybody else it does not exist. */
import {
  ApiProvider,
  Banner,
  createApiClient,
  Fact,
  InstantText,
  Loaded,
  Page,
  Section,
  StatusBadge,
  useApiQuery,
} from '#web/ui'
import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import { DeadLetters } from './dead-letters.tsx'
import { ModePart } from './mode-part.tsx'
import { lateWords, lookEveryMs, type Changed, type Installation } from './wire.ts'

/** These operations stand under no operator. */
const client = createApiClient({ base: '/api/v1' })

export function InstallationPage() {
  return (
    <ApiProvider client={client}>
      <Parts />
    </ApiProvider>
  )
}

function Parts() {
  const query = useApiQuery<Installation>('/installation', { repeatsEveryMs: lookEveryMs })
  const [changes, setChanges] = useState<readonly string[]>([])
  const onChanged = (changed: Changed) => setChanges(changed.changes)
  return (
    <Page
      title="Installation"
      intro="What serves every operator here. Of the operators it shows names alone; their business is not visible from here."
    >
      {changes.length > 0 && (
        <Banner
          tone="blue"
          title="What was done"
          actions={
            <Button size="compact-sm" variant="default" onClick={() => setChanges([])}>
              Dismiss
            </Button>
          }
        >
          <ul className="rr-plain-list">
            {changes.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Banner>
      )}
      <Loaded query={query}>
        {(installation) => (
          <>
            <About installation={installation} />
            {installation.modes.map((one) => (
              <ModePart key={one.mode} one={one} onChanged={onChanged} />
            ))}
            <DeadLetters installation={installation} onChanged={onChanged} />
            <Work installation={installation} />
            <Operators installation={installation} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

const healthNames: Readonly<Record<string, string>> = {
  database: 'Database',
  migrations: 'Schema',
  masterKey: 'Master key',
  accepting: 'Accepts requests',
}

function About({ installation: { version, address, health } }: { installation: Installation }) {
  return (
    <Section
      title="Health"
      actions={
        <StatusBadge tone={health.isReady ? 'green' : 'red'}>{health.isReady ? 'Ready' : 'Not ready'}</StatusBadge>
      }
    >
      <dl className="rr-facts">
        <Fact label="Version">{version}</Fact>
        <Fact label="Address">
          <span className="rr-mono">{address}</span>
        </Fact>
        {Object.entries(health.checks).map(([name, state]) => (
          <Fact key={name} label={healthNames[name] ?? name}>
            {state === 'ok' ? 'In order' : 'Failed'}
          </Fact>
        ))}
      </dl>
    </Section>
  )
}

function Work({ installation: { work } }: { installation: Installation }) {
  return (
    <Section title="Background work">
      {work.waiting.length === 0 ? (
        <Text>{work.isBusy ? 'Work is under way and none is waiting.' : 'No work is waiting.'}</Text>
      ) : (
        <ul className="rr-lines">
          {work.waiting.map(({ name, lateSeconds }) => (
            <li key={name}>
              <span className="rr-mono">{name}</span>, {lateWords(lateSeconds)}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Operators({ installation: { operators } }: { installation: Installation }) {
  return (
    <Section title={`Operators (${operators.length})`}>
      <ul className="rr-lines">
        {operators.map(({ slug, name, since }) => (
          <li key={slug}>
            <strong>{name}</strong>{' '}
            <Text component="span" size="sm" c="dimmed">
              <span className="rr-mono">{slug}</span>, since <InstantText at={since} />
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  )
}
