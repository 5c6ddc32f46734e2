/**
 * The banner over every screen when Stripe's news do not come in (UI-146). The two screens that show the same in full do without it. It can
 * be put away for a day, and comes back when the trouble is another one.
 */
import { useConsoleAddress, useConsolePath } from '#web/paths'
import { Band, useApiQuery } from '#web/ui'
import { Anchor, CloseButton } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import type { Endpoint, Endpoints } from './webhooks/wire.ts'

const troubles: readonly Endpoint['health'][] = ['failing', 'disabled', 'missing', 'silent', 'partial']
const dayMs = 24 * 60 * 60_000
const lookEveryMs = 60_000

export function WebhookBanner() {
  const { slug, mode } = useConsoleAddress()
  const path = useConsolePath()
  const { pathname } = useLocation()
  const { data } = useApiQuery<Endpoints>('/webhooks/endpoints', { repeatsEveryMs: lookEveryMs })
  const [, setDismissals] = useState(0)
  const endpoint = data?.rows
    .filter(({ isInstallation, health }) => !isInstallation && troubles.includes(health))
    .toSorted((one, other) => troubles.indexOf(one.health) - troubles.indexOf(other.health))[0]
  const shown = [path('integrations', {}), path('webhooks', {})].some((href) => href.startsWith(`${pathname}?`))
  if (endpoint === undefined || shown) return null
  const key = `rentroll.put-away ${slug} ${mode} webhook ${endpoint.health}`
  const now = performance.timeOrigin + performance.now()
  if (now - Number(window.localStorage.getItem(key) ?? 0) < dayMs) return null
  return (
    <Band tone="problem">
      <strong>{endpoint.healthLabel}</strong>
      <span className="rr-grow">{endpoint.healthDetail}</span>
      <Anchor href={path('webhooks', {}, { tab: 'endpoints' })} size="sm">
        Open Webhooks
      </Anchor>
      <CloseButton
        size="sm"
        aria-label="Put this notice away for a day"
        onClick={() => {
          window.localStorage.setItem(key, String(now))
          setDismissals((count) => count + 1)
        }}
      />
    </Band>
  )
}
