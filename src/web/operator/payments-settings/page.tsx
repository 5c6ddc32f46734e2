/** Settings → Payments: the Stripe account made here, and which connection takes new money (screens §5.2). */
import { useConsolePath, useQuery } from '#web/here'
import { Banner, Loaded, Page, Section } from '#web/ui'
import { Anchor, Text } from '@mantine/core'
import { AccountMails } from './account-mails.tsx'
import { BookingAddress } from './booking-address.tsx'
import { ChargingSwitch } from './charging.tsx'
import { Demands } from './demands.tsx'
import { DisconnectAccount } from './disconnect-account.tsx'
import { ResumeLinks } from './resume-links.tsx'
import { StatusCard } from './status-card.tsx'
import { hasAccount, refusalWords, useConnect, type Connect } from './wire.ts'

export { BookingAddress } from './booking-address.tsx'
export { StatusCard } from './status-card.tsx'
export { hasAccount, useConnect, type Connect } from './wire.ts'

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
      <Section title="Booking page">
        <BookingAddress />
      </Section>
      <Section title="Own keys">
        <Text>
          Keys of a Stripe account you have already are kept under{' '}
          <Anchor href={path('integrations', {})}>Administration → Integrations</Anchor>.
        </Text>
      </Section>
      {query.data?.id !== undefined && hasAccount(query.data) && query.data.state !== 'disconnecting' && (
        <DisconnectAccount connectionId={query.data.id} />
      )}
      {query.data?.state === 'disconnecting' && (
        <Section title="Disconnecting">
          <Text>
            What is still under way, and how to end it now, stands under{' '}
            <Anchor href={path('integrations', {})}>Administration → Integrations</Anchor>.
          </Text>
        </Section>
      )}
    </Page>
  )
}

/** What an account that is done with, or was never begun, needs no link for. */
const finished: readonly Connect['stripeStatusDetail'][] = ['active', 'rejected', 'disconnected', 'not_connected']

/** The connected account whole: its state, what Stripe asks for, and the link for somebody else. Step 7 shows the same. */
export function ConnectParts({ connect, problem }: { connect: Connect; problem: string | undefined }) {
  const isOpen = hasAccount(connect) && !finished.includes(connect.stripeStatusDetail)
  return (
    <>
      {problem !== undefined && (
        <Banner tone="red" title="Stripe’s form did not open">
          {refusalWords(problem)}
        </Banner>
      )}
      <StatusCard connect={connect} />
      {hasAccount(connect) && <Demands demands={connect.demands} />}
      {isOpen && <ResumeLinks connect={connect} />}
      {hasAccount(connect) && <AccountMails />}
    </>
  )
}
