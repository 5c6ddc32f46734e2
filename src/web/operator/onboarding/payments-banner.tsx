/** Stands over every screen while payments were left for later, and leads back to the step (UI-140, UI-146). */
import { openPath, useConsoleAddress } from '#web/paths'
import { Band } from '#web/ui'
import { Anchor } from '@mantine/core'
import { stepOf, useOnboarding, type Onboarding } from './wire.ts'

/** Whether the banner has something to say; then it is the one banner of the screen. */
export function usePaymentsLeft(isWanted: boolean): boolean {
  const { data } = useOnboarding({ isWanted })
  return data !== undefined && isLeft(data)
}

function isLeft(onboarding: Onboarding): boolean {
  const step = stepOf(onboarding, 7)
  return onboarding.isBegun && step?.state === 'skipped' && !step.isThere
}

export function PaymentsBanner() {
  const { slug, mode } = useConsoleAddress()
  return (
    <Band tone="problem">
      <strong>Payments are not set up</strong>
      <span className="rr-grow">No card can be charged until Stripe is connected.</span>
      <Anchor href={openPath('onboardingPayments', {}, { step: '7', operator: slug, mode })} size="sm">
        Set up payments
      </Anchor>
    </Band>
  )
}
