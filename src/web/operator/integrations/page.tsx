/** Administration → Integrations: how this operator is joined to Stripe, one set of keys per mode (screens §5.1). */
import type { Mode } from '#kernel'
import { useConsoleAddress, useGo, useQuery } from '#web/here'
import { consolePaths } from '#web/paths'
import { Banner, Fact, Loaded, LinkTabs, Page, Section, StatusBadge, useApiQuery } from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { DrainingSections } from './draining.tsx'
import { KeyForm } from './key-form.tsx'
import type { KeyValues } from './key-rules.ts'
import { Disconnect } from './leave.tsx'
import { ReadyForLive } from './ready-for-live.tsx'
import { TestConnection } from './test-connection.tsx'
import { TestPaymentSection } from './test-payment.tsx'
import { WebhookSection } from './webhook-section.tsx'
import { hasKeys, stripePath, type Connection } from './wire.ts'

export { WebhookSection } from './webhook-section.tsx'
export { hasKeys, stripePath, type Connection } from './wire.ts'
export type { KeyValues } from './key-rules.ts'

export function IntegrationsPage() {
  const address = useConsoleAddress()
  const [{ notice }] = useQuery()
  const go = useGo()
  const query = useApiQuery<Connection>(stripePath)
  const [carried, setCarried] = useState<{ readonly mode: Mode; readonly values: KeyValues }>()
  const pathIn = (mode: Mode) => consolePaths({ ...address, mode })('integrations', {})
  const carryOver = (values: KeyValues) => {
    const mode = address.mode === 'test' ? 'live' : 'test'
    setCarried({ mode, values })
    go(pathIn(mode))
  }
  return (
    <Page title="Integrations" intro="Connect Stripe to charge cards, refund them and see each payment settle.">
      {notice === 'go-live' && address.mode === 'live' && (
        <Banner tone="blue" title="No live connection yet">
          Add live keys or connect Stripe to take real payments.
        </Banner>
      )}
      <Section title="Stripe">
        <LinkTabs
          label="Key sets"
          tabs={[
            { label: 'Test', href: pathIn('test'), isHere: address.mode === 'test' },
            { label: 'Live', href: pathIn('live'), isHere: address.mode === 'live' },
          ]}
        />
        <Loaded query={query}>
          {(connection) => (
            <StripeCard
              key={address.mode}
              connection={connection}
              pasted={carried?.mode === address.mode ? carried.values : undefined}
              onCarryOver={carryOver}
            />
          )}
        </Loaded>
      </Section>
      {query.data !== undefined && (
        <Parts key={address.mode} connection={query.data} mode={address.mode} liveHref={pathIn('live')} />
      )}
      <DrainingSections />
    </Page>
  )
}

type PartsProps = { readonly connection: Connection; readonly mode: Mode; readonly liveHref: string }

/** What can be asked and tried: of own keys some, and of whatever charges the rest. */
function Parts({ connection, mode, liveHref }: PartsProps) {
  const isThere = hasKeys(connection)
  return (
    <>
      {isThere && <TestConnection />}
      {isThere && <WebhookSection connection={connection} />}
      <TestPaymentSection />
      {mode === 'test' && <ReadyForLive liveHref={liveHref} />}
      {isThere && connection.state !== 'disconnecting' && connection.id !== undefined && (
        <Disconnect connectionId={connection.id} />
      )}
    </>
  )
}

type CardProps = {
  readonly connection: Connection
  readonly pasted: KeyValues | undefined
  readonly onCarryOver: (values: KeyValues) => void
}

export function StripeCard({ connection, pasted, onCarryOver }: CardProps) {
  return (
    <Stack gap="lg">
      <Badges connection={connection} />
      <Account connection={connection} />
      <KeyForm connection={connection} pasted={pasted} onCarryOver={onCarryOver} />
    </Stack>
  )
}

function Badges({ connection: { badges } }: { connection: Connection }) {
  if (badges.length === 0) {
    return (
      <div>
        <StatusBadge tone="grey">Not connected</StatusBadge>
      </div>
    )
  }
  return (
    <Stack gap="xs" role="status">
      <Group gap="xs">
        {badges.map(({ tone, label }) => (
          <StatusBadge key={label} tone={tone}>
            {label}
          </StatusBadge>
        ))}
      </Group>
      {badges
        .filter(({ sentence }) => sentence !== '')
        .map(({ label, sentence }) => (
          <Text key={label}>{sentence}</Text>
        ))}
    </Stack>
  )
}

function Account({ connection: { account, mode } }: { connection: Connection }) {
  if (account === undefined) return null
  return (
    <>
      <dl className="rr-facts">
        <Fact label="Account">{account.name || 'Name not readable with this key'}</Fact>
        {account.id !== undefined && (
          <Fact label="Account ID">
            <span className="rr-mono">{account.id}</span>
          </Fact>
        )}
        {account.country !== '' && <Fact label="Country">{account.country}</Fact>}
        {account.currency !== '' && <Fact label="Currency">{account.currency.toUpperCase()}</Fact>}
        <Fact label="Mode">{mode === 'test' ? 'Test' : 'Live'}</Fact>
      </dl>
      {account.notice !== undefined && <Banner title="Finish the account in Stripe">{account.notice}</Banner>}
    </>
  )
}
