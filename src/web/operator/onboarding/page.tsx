/**
 * The first steps of a new operator (UI-140): each at an address of its own, so that a reload, Back and another device lead to the same
 * place. How far one is, is known by the server alone.
 */
import { useConsoleAddress, useConsolePath, useGo, usePathPart } from '#web/here'
import { openPath } from '#web/paths'
import { Loaded, NotFound, plural, Section, useAnnounce, useApiQuery } from '#web/ui'
import { Anchor, Text } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { BookingAddress } from '../payments-settings/page.tsx'
import { NewSpacesForm, type Categories } from '../spaces/page.tsx'
import { AgreementStep } from './agreement-step.tsx'
import { BillingStep } from './billing-step.tsx'
import { CategoriesStep } from './categories-step.tsx'
import { BusinessStep, PlaceStep } from './company-steps.tsx'
import { LastStep } from './last-step.tsx'
import { FirstStep, GoOn } from './step.tsx'
import { useOnboarding, type StepProps } from './wire.ts'

const bodies: Record<string, (props: StepProps) => ReactNode> = {
  '1': BusinessStep,
  '2': PlaceStep,
  '3': CategoriesStep,
  '4': SpacesStep,
  '5': BillingStep,
  '6': AgreementStep,
  '7': ToPayments,
  '8': ({ onboarding }) => <LastStep onboarding={onboarding} bookingPage={<BookingAddress />} />,
}

export function OnboardingPage() {
  const path = useConsolePath()
  const step = usePathPart('step')
  const query = useOnboarding()
  const Body = bodies[step]
  if (Body === undefined)
    return <NotFound noun="step" href={path('onboarding', { step: '1' })} listLabel="First steps" />
  return (
    <Loaded query={query} title="First steps">
      {(onboarding) => <Body key={step} onboarding={onboarding} />}
    </Loaded>
  )
}

/** Step 7 lives where Stripe sends people back to (UI-141). */
function ToPayments() {
  const { slug, mode } = useConsoleAddress()
  const go = useGo()
  useEffect(() => {
    go(openPath('onboardingPayments', {}, { step: '7', operator: slug, mode }), { replace: true })
  }, [go, slug, mode])
  return null
}

/** Step 4: the spaces themselves, one or many at a time. */
function SpacesStep({ onboarding }: StepProps) {
  const path = useConsolePath()
  const announce = useAnnounce()
  const query = useApiQuery<Categories>('/categories')
  return (
    <FirstStep
      onboarding={onboarding}
      number={4}
      intro="Each space is what one renter rents: a desk, an office, a unit."
    >
      <Loaded query={query}>
        {({ rows }) => {
          const count = rows.reduce((sum, { spaces }) => sum + spaces, 0)
          if (rows.length === 0)
            return (
              <Text>
                A space takes its price from a category.{' '}
                <Anchor href={path('onboarding', { step: '3' })}>Add a category first</Anchor>, or do both later.
              </Text>
            )
          return (
            <>
              {count > 0 && (
                <Text role="status">
                  {plural(count, 'space')} so far. <Anchor href={path('spaces', {}, { tab: 'all' })}>All spaces</Anchor>
                </Text>
              )}
              <Section title={count === 0 ? 'First spaces' : 'More spaces'}>
                <NewSpacesForm categories={rows} onAdded={(added) => announce(`${plural(added, 'space')} added.`)} />
              </Section>
            </>
          )
        }}
      </Loaded>
      <GoOn onboarding={onboarding} number={4} />
    </FirstStep>
  )
}
