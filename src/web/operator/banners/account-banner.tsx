/** What the connected account needs, over every screen, the most pressing first (UI-146). */
import { useConsolePath } from '#web/paths'
import type { Api } from '#web/api'
import { Band, type AnswerOf } from '#web/ui'
import { Anchor } from '@mantine/core'

export type Connect = AnswerOf<Api, '/api/v1/w/:slug/connect'>

const pressing: readonly Connect['stripeStatusDetail'][] = [
  'rejected',
  'restricted',
  'active_payouts_blocked',
  'active_action_required',
  'pending',
]

export function isPressing(connect: Connect): boolean {
  return connect.state !== 'none' && connect.state !== 'disconnected' && pressing.includes(connect.stripeStatusDetail)
}

export function AccountBanner({ connect }: { connect: Connect }) {
  const path = useConsolePath()
  return (
    <Band tone="problem">
      <strong>{connect.badge.label}</strong>
      <span className="rr-grow">{connect.badge.sentence}</span>
      <Anchor href={path('payments', {})} size="sm">
        Open Payments
      </Anchor>
    </Band>
  )
}
