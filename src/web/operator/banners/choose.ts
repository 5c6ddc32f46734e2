/**
 * Which of several things that need a person stands over every screen: at most one, the most pressing first (UI-146). Pure. From a detail
 * that is asked for downward it can be put away for a day; what stops money cannot.
 */
import type { Api } from '#web/api'
import type { AnswerOf } from '#web/ui'

export type Connect = AnswerOf<Api, '/api/v1/w/:slug/connect'>
export type Troubles = AnswerOf<Api, '/api/v1/w/:slug/diagnosis/troubles'>
export type Onboarding = AnswerOf<Api, '/api/v1/w/:slug/onboarding'>
export type Endpoints = AnswerOf<Api, '/api/v1/w/:slug/webhooks/endpoints'>
type Endpoint = Endpoints['rows'][number]

export type Seen = {
  readonly connect?: Pick<Connect, 'state' | 'stripeStatusDetail' | 'badge' | 'demands'> | undefined
  readonly troubles?: Pick<Troubles, 'rows'> | undefined
  readonly onboarding?: Pick<Onboarding, 'isBegun' | 'steps'> | undefined
  readonly endpoints?:
    | { readonly rows: readonly Pick<Endpoint, 'isInstallation' | 'health' | 'healthLabel' | 'healthDetail'>[] }
    | undefined
}

export type Choice = {
  /** Names the cause; a notice that was put away comes back when it is another one. */
  readonly key: string
  readonly title: string
  readonly text: string
  readonly leadsTo: 'payments' | 'integrations' | 'diagnosis' | 'webhooks' | 'set_up'
  readonly canBePutAway: boolean
}

const soonDays = 14
const webhookTroubles: readonly Endpoint['health'][] = ['failing', 'disabled', 'missing', 'silent', 'partial']

/** Everything that would be said, the most pressing first. */
export function listNotices(seen: Seen): readonly Choice[] {
  const { connect } = seen
  const isJoined = connect !== undefined && connect.state !== 'none' && connect.state !== 'disconnected'
  const detail = isJoined ? connect.stripeStatusDetail : undefined
  const standing = (wanted: Connect['stripeStatusDetail']): Choice | undefined =>
    connect && detail === wanted
      ? {
          key: `account ${wanted}`,
          title: connect.badge.label,
          text: connect.badge.sentence,
          leadsTo: 'payments',
          canBePutAway: wanted === 'pending',
        }
      : undefined
  return [
    standing('rejected'),
    standing('restricted'),
    troubleOf(seen, 'unable_to_verify', 'integrations'),
    standing('active_payouts_blocked'),
    troubleOf(seen, 'payout_failed', 'diagnosis'),
    ...(detail === 'active_action_required' && connect ? demandsOf(connect) : []),
    standing('pending') ?? leftForLater(seen),
    webhookOf(seen),
  ].filter((choice) => choice !== undefined)
}

function troubleOf({ troubles }: Seen, code: string, leadsTo: Choice['leadsTo']): Choice | undefined {
  const trouble = troubles?.rows.find((one) => one.code === code)
  return (
    trouble && {
      key: `${code} ${trouble.cause}`,
      title: trouble.title,
      text: trouble.text,
      leadsTo,
      canBePutAway: false,
    }
  )
}

function demandsOf({ badge, demands }: Pick<Connect, 'badge' | 'demands'>): readonly Choice[] {
  const common = { title: badge.label, leadsTo: 'payments', canBePutAway: true } as const
  const late = demands.find(({ urgency }) => urgency === 'past_due')
  const soon = demands.find(
    ({ urgency, daysLeft }) => urgency === 'due' && daysLeft !== undefined && daysLeft <= soonDays,
  )
  return [
    ...(late ? [{ ...common, key: `past due ${late.class}`, text: `${late.words}. The date has passed.` }] : []),
    ...(soon ? [{ ...common, key: `due ${soon.class}`, text: `${soon.words}. ${daysText(soon.daysLeft)}` }] : []),
  ]
}

/** `Due in 3 days.` */
export function daysText(days: number | undefined): string {
  if (days === undefined) return ''
  if (days < 0) return 'The date has passed.'
  if (days === 0) return 'Due within a day.'
  return days === 1 ? 'Due in 1 day.' : `Due in ${days} days.`
}

/** Payments were left for later, and nothing can charge a card (UI-140). */
function leftForLater({ onboarding }: Seen): Choice | undefined {
  const isLeft =
    onboarding?.isBegun === true &&
    onboarding.steps.some(({ number, state, isThere }) => number === 7 && state === 'skipped' && !isThere)
  if (!isLeft) return undefined
  return {
    key: 'payments left for later',
    title: 'Payments are not set up',
    text: 'No card can be charged until Stripe is connected.',
    leadsTo: 'set_up',
    canBePutAway: true,
  }
}

function webhookOf({ endpoints }: Seen): Choice | undefined {
  const endpoint = endpoints?.rows
    .filter(({ isInstallation, health }) => !isInstallation && webhookTroubles.includes(health))
    .toSorted((one, other) => webhookTroubles.indexOf(one.health) - webhookTroubles.indexOf(other.health))[0]
  return (
    endpoint && {
      key: `webhook ${endpoint.health}`,
      title: endpoint.healthLabel,
      text: endpoint.healthDetail,
      leadsTo: 'webhooks',
      canBePutAway: true,
    }
  )
}
