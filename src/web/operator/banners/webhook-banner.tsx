/**
 * The banner over every screen when Stripe's news do not come in (UI-146). The screens that show the same in full do without it. It can
 * be put away for a day, and comes back when the trouble is another one.
 */
import type { Api } from '#web/api'
import { useConsoleAddress, useConsolePath } from '#web/paths'
import { Band, useApiQuery, type AnswerOf } from '#web/ui'
import { Anchor, CloseButton } from '@mantine/core'
import { useLocation } from '@tanstack/react-router'
import { useState } from 'react'

type Endpoints = AnswerOf<Api, '/api/v1/w/:slug/webhooks/endpoints'>
type Endpoint = Endpoints['rows'][number]

const troubles: readonly Endpoint['health'][] = ['failing', 'disabled', 'missing', 'silent', 'partial']
const dayMs = 24 * 60 * 60_000
const lookEveryMs = 60_000

/** By this browser's clock: the notice is put away in this browser. */
const now = () => performance.timeOrigin + performance.now()
const isPutAway = (key: string) => now() - Number(window.localStorage.getItem(key) ?? 0) < dayMs
const putAway = (key: string) => window.localStorage.setItem(key, String(now()))

export function WebhookBanner() {
  const { slug, mode } = useConsoleAddress()
  const path = useConsolePath()
  const { pathname } = useLocation()
  const { data } = useApiQuery<Endpoints>('/webhooks/endpoints', { repeatsEveryMs: lookEveryMs })
  const [, setDismissals] = useState(0)
  const endpoint = data?.rows
    .filter(({ isInstallation, health }) => !isInstallation && troubles.includes(health))
    .toSorted((one, other) => troubles.indexOf(one.health) - troubles.indexOf(other.health))[0]
  const shown = [path('integrations', {}), path('webhooks', {}), path('diagnosis', {})].some((href) =>
    href.startsWith(`${pathname}?`),
  )
  if (endpoint === undefined || shown) return null
  const key = `rentroll.put-away ${slug} ${mode} webhook ${endpoint.health}`
  if (isPutAway(key)) return null
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
          putAway(key)
          setDismissals((count) => count + 1)
        }}
      />
    </Band>
  )
}
