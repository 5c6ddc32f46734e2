/** Step 8: the address of the booking page, what cannot be set up yet in words, and the way to the first invoice. */
import { useConsolePath, useGo } from '#web/here'
import { Banner, DeedButton, ProblemAlert, Section, useDeed } from '#web/ui'
import { Anchor, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { FirstStep } from './step.tsx'
import { isThere, type Onboarding, type StepProps } from './wire.ts'

export function LastStep({ onboarding, bookingPage }: StepProps & { bookingPage: ReactNode }) {
  return (
    <FirstStep
      onboarding={onboarding}
      number={8}
      intro="Your booking page stands at its address already. There is nothing to fill in here."
    >
      <Section title="Booking page">{bookingPage}</Section>
      <Section title="Staff">
        <Text>Nobody can be invited yet. You are the owner and may do everything.</Text>
      </Section>
      <Section title="Your first invoice">
        <FirstInvoice onboarding={onboarding} />
      </Section>
    </FirstStep>
  )
}

/** Marks the last step and leads to check-out where everything for it is there, else to the dashboard. */
function FirstInvoice({ onboarding }: StepProps) {
  const path = useConsolePath()
  const go = useGo()
  const finish = useDeed<string, Onboarding>({
    send: (api) => api.send('/onboarding/steps/8', { mark: 'done' }),
    onDone: () => undefined,
  })
  const leave = async (href: string) => {
    if (await finish.run(href)) go(href)
  }
  const { canCheckOut } = onboarding
  return (
    <Stack>
      {finish.problem !== undefined && <ProblemAlert problem={finish.problem} />}
      {canCheckOut ? (
        <Text>
          Check out a space (move-in): choose a space and a renter, and the first invoice is written
          {isThere(onboarding, 7)
            ? ' and charged to their card.'
            : '. Without payments you record by hand that it was paid.'}
        </Text>
      ) : (
        <Missing onboarding={onboarding} />
      )}
      <Group>
        {canCheckOut && (
          <DeedButton isRunning={finish.isRunning} onClick={() => void leave(path('checkOut', {}))}>
            Check out a space
          </DeedButton>
        )}
        <DeedButton variant="default" isRunning={finish.isRunning} onClick={() => void leave(path('dashboard', {}))}>
          Go to the dashboard
        </DeedButton>
      </Group>
    </Stack>
  )
}

function Missing({ onboarding }: StepProps) {
  const path = useConsolePath()
  const missing = onboarding.steps.filter(({ number, isThere: isMade }) => [3, 4, 6].includes(number) && !isMade)
  return (
    <Banner title="Before the first check-out">
      <ul className="rr-plain-list">
        {missing.map(({ number, title }) => (
          <li key={number}>
            <Anchor href={path('onboarding', { step: String(number) })}>{title}</Anchor>
          </li>
        ))}
      </ul>
    </Banner>
  )
}
