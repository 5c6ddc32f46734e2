/**
 * The first steps of a new operator (UI-140): each at an address of its own, so that a reload, Back and another device lead to the same
 * place. How far one is, is known by the server alone.
 */
import { openPath, useConsoleAddress, useConsolePath, useGo, usePathPart } from '#web/paths'
import { Loaded, NotFound } from '#web/ui'
import { useEffect, type ReactNode } from 'react'
import { AgreementStep } from './agreement-step.tsx'
import { BillingStep } from './billing-step.tsx'
import { CategoriesStep } from './categories-step.tsx'
import { BusinessStep, PlaceStep } from './company-steps.tsx'
import { LastStep } from './last-step.tsx'
import { PaymentsStep } from './payments-step.tsx'
import { SpacesStep } from './spaces-step.tsx'
import type { StepProps } from './step.tsx'
import { titleOfStep, useOnboarding } from './wire.ts'

const bodies: Record<string, (props: StepProps) => ReactNode> = {
  '1': BusinessStep,
  '2': PlaceStep,
  '3': CategoriesStep,
  '4': SpacesStep,
  '5': BillingStep,
  '6': AgreementStep,
  '7': ToPayments,
  '8': LastStep,
}

export function OnboardingPage() {
  const path = useConsolePath()
  const step = usePathPart('step')
  const query = useOnboarding()
  const Body = bodies[step]
  if (Body === undefined)
    return <NotFound noun="step" href={path('onboarding', { step: '1' })} listLabel="First steps" />
  return (
    <Loaded query={query} title={titleOfStep(Number(step))}>
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

export function OnboardingPaymentsPage() {
  const query = useOnboarding()
  return (
    <Loaded query={query} title={titleOfStep(7)}>
      {(onboarding) => <PaymentsStep onboarding={onboarding} />}
    </Loaded>
  )
}
