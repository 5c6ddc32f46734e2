/** Test or live: the switch in the top bar and the band that says no real money moves (UI-3, UI-4). */
import type { Mode } from '#kernel'
import { useConsoleAddress, useGo } from '#web/here'
import { apiBase, consolePaths, openPath } from '#web/paths'
import type { Api } from '#web/api'
import { Band, createApiClient, type AnswerOf } from '#web/ui'
import { useLocation, useParams, useSearch } from '@tanstack/react-router'
import type { MouseEvent } from 'react'

/** A list stays the list in the other mode; a single thing exists in one mode only, so its switch leads to the dashboard. */
function useOtherHref(mode: Mode): string {
  const { slug } = useConsoleAddress()
  const { pathname } = useLocation()
  const parts = useParams({ strict: false })
  const { operator }: { readonly operator?: string } = useSearch({ strict: false })
  if (operator !== undefined) return openPath('onboardingPayments', {}, { step: '7', operator, mode })
  const { slug: _slug, step: _step, ...things }: { readonly [name: string]: string } = parts
  const isOneThing = Object.keys(things).length > 0
  return isOneThing ? consolePaths({ slug, mode })('dashboard', {}) : `${pathname}?mode=${mode}`
}

type Charging = AnswerOf<Api, '/api/v1/w/:slug/connections/charging'>

/** Going live without a live connection of either kind leads to where one is made (UI-4). */
function useGoLive(): (event: MouseEvent) => void {
  const { slug } = useConsoleAddress()
  const href = useOtherHref('live')
  const go = useGo()
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    const integrations = consolePaths({ slug, mode: 'live' })('integrations', {}, { notice: 'go-live' })
    const client = createApiClient({ base: apiBase(slug), query: { mode: 'live' } })
    client.read<Charging>('/connections/charging').then(
      ({ choices }) => go(choices.some(({ isCharging }) => isCharging) ? href : integrations),
      () => go(href),
    )
  }
}

export function ModeSwitch() {
  const { mode } = useConsoleAddress()
  const testHref = useOtherHref('test')
  const liveHref = useOtherHref('live')
  const goLive = useGoLive()
  return (
    <nav className="rr-mode" aria-label="Mode">
      <a href={testHref} {...(mode === 'test' ? { 'aria-current': 'true' as const } : {})}>
        Test
      </a>
      <a href={liveHref} onClick={goLive} {...(mode === 'live' ? { 'aria-current': 'true' as const } : {})}>
        Live
      </a>
    </nav>
  )
}

export function TestBand() {
  const href = useOtherHref('live')
  const goLive = useGoLive()
  return (
    <Band tone="test">
      <span>Test mode. No real money moves.</span>
      <a href={href} onClick={goLive}>
        Switch to live
      </a>
    </Band>
  )
}
