/** Administration → Integrations: how this operator is joined to Stripe, one set of keys per mode (screens §5.1). */
import type { Mode } from '#kernel'
import { consolePaths, useConsoleAddress, useGo, useQuery } from '#web/paths'
import { Banner, Loaded, LinkTabs, Page, Section, useApiQuery } from '#web/ui'
import { Fragment, useState } from 'react'
import { Disconnect } from './disconnect.tsx'
import type { KeyValues } from './key-rules.ts'
import { StripeCard } from './stripe-card.tsx'
import { TestConnection } from './test-connection.tsx'
import { WebhookSection } from './webhook-section.tsx'
import { hasKeys, stripePath, type Connection } from './wire.ts'

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
      {query.data !== undefined && hasKeys(query.data) && (
        <Fragment key={address.mode}>
          <TestConnection />
          <WebhookSection connection={query.data} />
          <Disconnect />
        </Fragment>
      )}
    </Page>
  )
}
