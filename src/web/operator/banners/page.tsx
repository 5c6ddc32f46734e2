/** At most one banner stands over a screen, the most pressing first (UI-146); where payments are set up it would only repeat the screen. */
import type { Api } from '#web/api'
import { openPath, screens, useConsoleAddress, useConsolePath } from '#web/paths'
import { Band, useApiQuery, type AnswerOf } from '#web/ui'
import { Anchor } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { AccountBanner, isPressing, type Connect } from './account-banner.tsx'
import { WebhookBanner } from './webhook-banner.tsx'

type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>

export default function OneBanner({ permissions }: { permissions: readonly string[] }) {
  const path = useConsolePath()
  const { pathname } = useLocation()
  const isWanted = permissions.includes('connection.view')
  const onboarding = useApiQuery<Onboarding>('/onboarding', { isWanted: permissions.includes('settings.billing') })
  const connect = useApiQuery<Connect>('/connect', { isWanted })
  const isHere = isSettingUp(pathname) || path('payments', {}).startsWith(`${pathname}?`)
  if (!isWanted || isHere) return null
  if (connect.data !== undefined && isPressing(connect.data)) return <AccountBanner connect={connect.data} />
  return onboarding.data !== undefined && isLeft(onboarding.data) ? <PaymentsBanner /> : <WebhookBanner />
}

function isSettingUp(pathname: string): boolean {
  return pathname === screens.onboardingPayments || /^\/w\/[^/]+\/onboarding\//.test(pathname)
}

/** Payments were left for later, and nothing can charge a card (UI-140). */
function isLeft({ isBegun, steps }: Onboarding): boolean {
  return isBegun && steps.some(({ number, state, isThere }) => number === 7 && state === 'skipped' && !isThere)
}

function PaymentsBanner() {
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
