/** Settings → Payments: the Stripe account made here, and which connection takes new money (screens §5.2). */
import { useConsolePath, useQuery } from '#web/paths'
import { Loaded, Page, Section } from '#web/ui'
import { Anchor, Text } from '@mantine/core'
import { ChargingSwitch } from './charging.tsx'
import { ConnectParts } from './connect-parts.tsx'
import { DisconnectAccount } from './disconnect-account.tsx'
import { hasAccount, useConnect } from './wire.ts'

export function PaymentsPage() {
  const path = useConsolePath()
  const [{ problem }] = useQuery()
  const query = useConnect()
  return (
    <Page title="Payments" intro="Renters pay into your own Stripe account. Rentroll never holds your money.">
      <Section title="Stripe Connect">
        <Loaded query={query}>{(connect) => <ConnectParts connect={connect} problem={problem} />}</Loaded>
      </Section>
      <ChargingSwitch />
      <Section title="Own keys">
        <Text>
          Keys of a Stripe account you have already are kept under{' '}
          <Anchor href={path('integrations', {})}>Administration → Integrations</Anchor>.
        </Text>
      </Section>
      {query.data !== undefined && hasAccount(query.data) && <DisconnectAccount />}
    </Page>
  )
}
