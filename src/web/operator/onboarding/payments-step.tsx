/** Step 7: how rent is paid. With own keys the same form and the same webhook as in Administration → Integrations (UI-141). */
import type { Mode } from '#kernel'
import { openPath, useConsoleAddress, useGo, useQuery } from '#web/paths'
import { Loaded, Section, useApiQuery } from '#web/ui'
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { KeyValues } from '../integrations/key-rules.ts'
import { StripeCard } from '../integrations/stripe-card.tsx'
import { WebhookSection } from '../integrations/webhook-section.tsx'
import { hasKeys, stripePath, type Connection } from '../integrations/wire.ts'
import { ConnectParts } from '../payments-settings/connect-parts.tsx'
import { StatusCard } from '../payments-settings/status-card.tsx'
import { hasAccount, useConnect, type Connect } from '../payments-settings/wire.ts'
import { Onward, StepScreen, type StepProps } from './step.tsx'

export function PaymentsStep({ onboarding }: StepProps) {
  const keys = useApiQuery<Connection>(stripePath)
  const connect = useConnect()
  const [{ way, problem }, change] = useQuery()
  return (
    <StepScreen onboarding={onboarding} number={7} intro="Renters pay by card into your own Stripe account.">
      <Loaded query={keys}>
        {(connection) => (
          <Loaded query={connect}>
            {(account) => {
              if (hasAccount(account)) return <ConnectParts connect={account} problem={problem} />
              if (way === 'keys' || hasKeys(connection)) return <OwnKeys connection={connection} />
              return <Choice connect={account} onKeys={() => change({ way: 'keys' })} />
            }}
          </Loaded>
        )}
      </Loaded>
      <Onward onboarding={onboarding} number={7} />
    </StepScreen>
  )
}

function Choice({ connect, onKeys }: { connect: Connect; onKeys: () => void }) {
  return (
    <>
      <Section title="Connect Stripe">
        <Stack>
          {connect.isAvailable && (
            <Text>
              An account is made for you at Stripe; Stripe asks for the business and its bank on its own page.
            </Text>
          )}
          <StatusCard connect={connect} />
        </Stack>
      </Section>
      <Section title="I have a Stripe account already">
        <Stack align="flex-start">
          <Text>You copy two keys from Stripe. They are checked before they are saved, and stored encrypted.</Text>
          <Button {...(connect.isAvailable ? { variant: 'default' as const } : {})} onClick={onKeys}>
            I have Stripe keys
          </Button>
        </Stack>
      </Section>
    </>
  )
}

function OwnKeys({ connection }: { connection: Connection }) {
  const { slug, mode } = useConsoleAddress()
  const go = useGo()
  const [carried, setCarried] = useState<{ readonly mode: Mode; readonly values: KeyValues }>()
  const carryOver = (values: KeyValues) => {
    const other = mode === 'test' ? 'live' : 'test'
    setCarried({ mode: other, values })
    go(openPath('onboardingPayments', {}, { step: '7', operator: slug, way: 'keys', mode: other }))
  }
  return (
    <>
      <Section title={mode === 'test' ? 'Your Stripe test keys' : 'Your Stripe live keys'}>
        <StripeCard
          key={mode}
          connection={connection}
          pasted={carried?.mode === mode ? carried.values : undefined}
          onCarryOver={carryOver}
        />
      </Section>
      {hasKeys(connection) && <WebhookSection connection={connection} isBrief />}
    </>
  )
}
