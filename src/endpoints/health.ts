/**
 * How a webhook endpoint fares (STR-47), judged from facts alone. Pure. `silent`: Stripe has had events for a quarter of an hour, which
 * polling found, and delivered none. `failing`: Stripe delivers and we refuse.
 */
import type { WebhookStanding } from '#connections'

export const endpointHealths = [
  'missing',
  'waiting_first_event',
  'partial',
  'healthy',
  'silent',
  'disabled',
  'failing',
] as const satisfies readonly (WebhookStanding | 'silent' | 'failing')[]

export type EndpointHealth = (typeof endpointHealths)[number]

const alarming: ReadonlySet<EndpointHealth> = new Set(['silent', 'disabled', 'failing', 'partial'])

/** Whether an operator is told of it, each cause once a day at most. */
export function isAlarming(health: EndpointHealth): boolean {
  return alarming.has(health)
}

const quarterMs = 15 * 60_000

/** What is missing or off explains everything else, and refusals say more than silence. */
export function judgeHealth(facts: {
  readonly standing: WebhookStanding
  readonly isFailing: boolean
  readonly isSilent: boolean
}): EndpointHealth {
  const { standing, isFailing, isSilent } = facts
  if (standing === 'missing' || standing === 'disabled') return standing
  if (isFailing) return 'failing'
  if (standing === 'partial') return standing
  return isSilent ? 'silent' : standing
}

/** Polling has been finding events for a quarter of an hour and no delivery came since. */
export function isSilentSince(missedSince: Date | null, now: Date): boolean {
  return missedSince !== null && now.getTime() - missedSince.getTime() >= quarterMs
}

/** The last thing that came was refused, and that is no older than a quarter of an hour. */
export function isRecent(refusedAt: Date | null, now: Date): boolean {
  return refusedAt !== null && now.getTime() - refusedAt.getTime() <= quarterMs
}

const words: Readonly<Record<EndpointHealth, { readonly label: string; readonly detail: string }>> = {
  missing: {
    label: 'Webhook missing',
    detail:
      'No endpoint at Stripe delivers here with a secret we know. Payments settle by polling; create the endpoint.',
  },
  waiting_first_event: {
    label: 'Waiting for first event',
    detail: 'The webhook is set up. The first event Stripe sends proves it; you can send a test event.',
  },
  partial: {
    label: 'Events missing',
    detail: 'Required events are not selected at Stripe, so what they tell arrives by polling only. Press Fix.',
  },
  healthy: { label: 'Healthy', detail: 'Deliveries arrive and are verified.' },
  silent: {
    label: 'Silent',
    detail:
      'Stripe has had events for 15 minutes and delivered none; polling found them. Check in Stripe whether deliveries fail, and that the address is reachable.',
  },
  disabled: {
    label: 'Switched off at Stripe',
    detail: 'Stripe has this endpoint disabled, so nothing is delivered. Payments settle by polling; re-enable it.',
  },
  failing: {
    label: 'Deliveries refused',
    detail:
      'Stripe delivers, but the signature does not match: the secret stored here is not the one of this endpoint. Rotate the secret, or paste the right one.',
  },
}

export function healthLabel(health: EndpointHealth): string {
  return words[health].label
}

/** @param missing required events that are not selected, named in the sentence. */
export function healthDetail(health: EndpointHealth, missing: readonly string[] = []): string {
  const { detail } = words[health]
  return missing.length > 0 && health === 'partial' ? `Missing: ${missing.join(', ')}. ${detail}` : detail
}

/** The likely cause of refused deliveries, in words (TRU-126). */
export const refusedCause =
  'The signing secret does not match: the secret stored here is not the one Stripe signs with.'
