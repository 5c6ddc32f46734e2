/** How the connected account stands, in the server's words, and the one thing to do about it (UI-143). */
import type { Mode } from '#kernel'
import { Banner, DeedButton, Fact, InstantText, ProblemAlert, StatusBadge, useDeed } from '#web/ui'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ConnectDialog } from './connect-dialog.tsx'
import { StripeFormButton } from './stripe-form-button.tsx'
import { hasAccount, type Connect } from './wire.ts'

type Detail = Connect['stripeStatusDetail']

/** Where Stripe's own form helps. */
const endsInForm: readonly Detail[] = ['pending', 'restricted', 'active_action_required', 'active_payouts_blocked']

export function StatusCard({ connect }: { connect: Connect }) {
  const { badge, account, fetchedAt, isChecking } = connect
  if (!hasAccount(connect) && !connect.isAvailable) return <NotOffered mode={connect.mode} />
  return (
    <Stack gap="md">
      <div role="status">
        <StatusBadge tone={badge.tone}>{badge.label}</StatusBadge>
        <Text mt="xs">{badge.sentence}</Text>
      </div>
      {isChecking && <Banner tone="blue" title="Checking with Stripe…" />}
      {account !== undefined && hasAccount(connect) && (
        <dl className="rr-facts">
          {account.name !== '' && <Fact label="Account">{account.name}</Fact>}
          <Fact label="Account ID">
            <span className="rr-mono">{account.id}</span>
          </Fact>
          <Fact label="Country">{account.country}</Fact>
          <Fact label="Paid bookings">{connect.acceptsPaidBookings ? 'Open' : 'Closed'}</Fact>
          {connect.platformFee !== undefined && <Fact label="Platform fee">{connect.platformFee}</Fact>}
          <Fact label="Payouts">{account.payoutsEnabled ? 'On' : 'Off'}</Fact>
          {fetchedAt !== undefined && (
            <Fact label="Read at Stripe">
              <InstantText at={fetchedAt} />
            </Fact>
          )}
        </dl>
      )}
      <Deeds connect={connect} />
    </Stack>
  )
}

function NotOffered({ mode }: { mode: Mode }) {
  return (
    <Text>
      This installation has no Stripe account of its own in {mode} mode, so none can be made for you here. Use the keys
      of your own account.
    </Text>
  )
}

function Deeds({ connect }: { connect: Connect }) {
  const [isOpen, setOpen] = useState(false)
  const check = useDeed({ send: (api) => api.send('/connect/check') })
  const { stripeStatusDetail: detail, account, badge } = connect
  const leadsToForm = endsInForm.includes(detail)
  if (!hasAccount(connect)) {
    const isFresh = connect.state === 'disconnected'
    return (
      <>
        {connect.platformFee !== undefined && <Text>Platform fee: {connect.platformFee}</Text>}
        <Group>
          <Button onClick={() => setOpen(true)}>{badge.action}</Button>
        </Group>
        <ConnectDialog isOpen={isOpen} onClose={() => setOpen(false)} isFresh={isFresh} />
      </>
    )
  }
  const isUnderReview = detail === 'under_review'
  return (
    <>
      {check.problem !== undefined && <ProblemAlert problem={check.problem} />}
      <Group>
        {leadsToForm && <StripeFormButton label={badge.action} />}
        {detail === 'rejected' && <Outside href="https://support.stripe.com/contact" label={badge.action} />}
        {detail === 'active' && account !== undefined && <Outside href={account.dashboardUrl} label={badge.action} />}
        <DeedButton
          {...(isUnderReview ? {} : { variant: 'default' as const })}
          isRunning={check.isRunning}
          runningLabel="Asking Stripe…"
          onClick={() => void check.run()}
        >
          Check again
        </DeedButton>
      </Group>
    </>
  )
}

function Outside({ href, label }: { href: string; label: string }) {
  return (
    <Button component="a" href={href} target="_blank" rel="noopener noreferrer">
      {label}
    </Button>
  )
}
