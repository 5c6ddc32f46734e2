/** At most one banner stands over a screen, the most pressing first (UI-146); where the same is shown in full it would only repeat it. */
import { useConsoleAddress, useConsolePath } from '#web/here'
import { openPath, screens } from '#web/paths'
import { Band, useApiQuery } from '#web/ui'
import { Anchor, CloseButton } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import { listNotices, type Choice, type Connect, type Endpoints, type Onboarding, type Troubles } from './choose.ts'

const dayMs = 24 * 60 * 60_000
const lookEveryMs = 60_000

/** By this browser's clock: a notice is put away in this browser. */
const now = () => performance.timeOrigin + performance.now()
const isPutAway = (name: string) => now() - Number(window.localStorage.getItem(name) ?? 0) < dayMs

export default function OneBanner({ permissions }: { permissions: readonly string[] }) {
  const { slug, mode } = useConsoleAddress()
  const { pathname } = useLocation()
  const isWanted = permissions.includes('connection.view')
  const onboarding = useApiQuery<Onboarding>('/onboarding', { isWanted: permissions.includes('settings.billing') })
  const connect = useApiQuery<Connect>('/connect', { isWanted })
  const repeated = { isWanted, repeatsEveryMs: lookEveryMs }
  const troubles = useApiQuery<Troubles>('/diagnosis/troubles', repeated)
  const endpoints = useApiQuery<Endpoints>('/webhooks/endpoints', repeated)
  const [, setDismissals] = useState(0)
  const hidden = useHidden(pathname)
  if (!isWanted) return null
  const nameOf = ({ key }: Choice) => `rentroll.put-away ${slug} ${mode} ${key}`
  const notices = listNotices({
    connect: connect.data,
    troubles: troubles.data,
    onboarding: onboarding.data,
    endpoints: endpoints.data,
  })
  const choice = notices.find((one) => !(one.canBePutAway && isPutAway(nameOf(one))))
  if (choice === undefined || hidden(choice)) return null
  const putAway = () => {
    window.localStorage.setItem(nameOf(choice), String(now()))
    setDismissals((count) => count + 1)
  }
  return <OneNotice choice={choice} onPutAway={putAway} />
}

const linkLabels: Readonly<Record<Choice['leadsTo'], string>> = {
  payments: 'Open Payments',
  integrations: 'Open Integrations',
  diagnosis: 'Open Diagnosis',
  webhooks: 'Open Webhooks',
  set_up: 'Set up payments',
}

function OneNotice({ choice, onPutAway }: { choice: Choice; onPutAway: () => void }) {
  const address = useConsoleAddress()
  const path = useConsolePath()
  const { title, text, leadsTo, canBePutAway } = choice
  const setUp = openPath('onboardingPayments', {}, { step: '7', operator: address.slug, mode: address.mode })
  const href = leadsTo === 'set_up' ? setUp : path(leadsTo, {}, leadsTo === 'webhooks' ? { tab: 'endpoints' } : {})
  return (
    <Band tone="problem">
      <strong>{title}</strong>
      <span className="rr-grow">{text}</span>
      <Anchor href={href} size="sm">
        {linkLabels[leadsTo]}
      </Anchor>
      {canBePutAway && <CloseButton size="sm" aria-label="Put this notice away for a day" onClick={onPutAway} />}
    </Band>
  )
}

/** Whether the present screen shows the same in full. */
function useHidden(pathname: string): (choice: Choice) => boolean {
  const path = useConsolePath()
  const isAt = (...places: readonly ('payments' | 'integrations' | 'diagnosis' | 'webhooks')[]) =>
    places.some((place) => path(place, {}).startsWith(`${pathname}?`))
  const isSettingUp = pathname === screens.onboardingPayments || /^\/w\/[^/]+\/onboarding\//.test(pathname)
  return ({ leadsTo }) => {
    if (isSettingUp || isAt('payments')) return true
    if (leadsTo === 'webhooks') return isAt('integrations', 'webhooks', 'diagnosis')
    return leadsTo !== 'set_up' && isAt('diagnosis', leadsTo)
  }
}
