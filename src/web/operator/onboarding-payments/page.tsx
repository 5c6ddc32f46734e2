/** Step 7: how rent is paid. With own keys the same form and the same webhook as in Administration → Integrations (UI-141). */
import type { Mode } from '#kernel'
import type { Api } from '#web/api'
import { useConsoleAddress, useConsolePath, useGo, useQuery } from '#web/here'
import { openPath } from '#web/paths'
import { Loaded, Onward, Section, StepScreen, useApiQuery, useDeed, type AnswerOf } from '#web/ui'
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { hasKeys, StripeCard, stripePath, WebhookSection } from '../integrations/page.tsx'
import type { Connection, KeyValues } from '../integrations/page.tsx'
import {
  BookingAddress,
  ConnectParts,
  hasAccount,
  StatusCard,
  useConnect,
  type Connect,
} from '../payments-settings/page.tsx'

type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>

const number = 7

export function OnboardingPaymentsPage() {
  const query = useApiQuery<Onboarding>('/onboarding')
  return (
    <Loaded query={query} title="Payments">
      {(onboarding) => <PaymentsStep onboarding={onboarding} />}
    </Loaded>
  )
}

function PaymentsStep({ onboarding }: { onboarding: Onboarding }) {
  const path = useConsolePath()
  const go = useGo()
  const hrefOf = (step: number) => path('onboarding', { step: String(step) })
  const onward = useDeed<'done' | 'skipped'>({
    send: (api, mark) => api.send(`/onboarding/steps/${number}`, { mark }),
    onDone: () => go(hrefOf(number + 1)),
  })
  const isThere = onboarding.steps.some((step) => step.number === number && step.isThere)
  const keys = useApiQuery<Connection>(stripePath)
  const connect = useConnect()
  const [{ way, problem }, change] = useQuery()
  return (
    <StepScreen
      steps={onboarding.steps}
      hrefOf={hrefOf}
      here={number}
      intro="Renters pay by card into your own Stripe account."
    >
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
      <Section title="Booking page">
        <BookingAddress />
      </Section>
      <Onward isThere={isThere} deed={onward} />
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
