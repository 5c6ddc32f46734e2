/** What the API answers about events from Stripe. */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type EventList = AnswerOf<Api, '/api/v1/w/:slug/webhooks/events'>
export type EventRow = EventList['rows'][number]
export type Event = AnswerOf<Api, '/api/v1/w/:slug/webhooks/events/:eventId'>

const tones: Readonly<Record<string, Tone>> = {
  received: 'blue',
  processing: 'blue',
  done: 'green',
  retry: 'yellow',
  parked: 'yellow',
  dead: 'red',
  quarantined: 'purple',
}

export function eventTone(state: string): Tone {
  return tones[state] ?? 'grey'
}
