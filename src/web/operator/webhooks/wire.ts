/** What the API answers about the road of Stripe's events, and the tones of its states (UI-58). */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type EventList = AnswerOf<Api, '/api/v1/w/:slug/webhooks/events'>
export type EventRow = EventList['rows'][number]
export type Event = AnswerOf<Api, '/api/v1/w/:slug/webhooks/events/:eventId'>
export type AtStripe = AnswerOf<Api, '/api/v1/w/:slug/webhooks/events/:eventId/at-stripe'>
export type Health = AnswerOf<Api, '/api/v1/w/:slug/webhooks/health'>

/** How often an open page asks again: the inbox leaves no facts that could tell of a change. */
export const lookEveryMs = 4_000

/** Whether it will change by itself soon. */
export function isOnItsWay({ state }: Pick<EventRow, 'state'>): boolean {
  return state === 'received' || state === 'processing'
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** `420 ms`, `3.2 s`, `12 min`, `23 h 12 min`: how long something took or takes. */
export function durationText(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`
  if (ms < minute) return `${(ms / second).toFixed(1)} s`
  const hours = Math.floor(ms / hour)
  const minutes = Math.floor((ms % hour) / minute)
  if (hours === 0) return `${minutes} min`
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`
}

export type Endpoints = AnswerOf<Api, '/api/v1/w/:slug/webhooks/endpoints'>
export type Endpoint = Endpoints['rows'][number]
export type Secret = Endpoint['secrets'][number]
export type Rotation = NonNullable<Endpoint['rotation']>
export type Missed = AnswerOf<Api, '/api/v1/w/:slug/webhooks/missed/preview', '$post'>

const healthTones: Readonly<Record<Endpoint['health'], Tone>> = {
  missing: 'yellow',
  waiting_first_event: 'blue',
  partial: 'yellow',
  healthy: 'green',
  silent: 'orange',
  disabled: 'red',
  failing: 'red',
}

export function healthTone({ health, isInstallation }: Endpoint): Tone {
  return isInstallation ? 'grey' : healthTones[health]
}

/** A rotation that still has something to show. */
export function isUnderWay(rotation: Rotation | undefined): rotation is Rotation {
  return rotation !== undefined && rotation.state !== 'done' && rotation.state !== 'cancelled'
}
