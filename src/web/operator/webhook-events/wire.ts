/** What the API answers about events from Stripe. */
import type { Tone } from '#web/ui'

export type EventRow = {
  readonly id: string
  readonly receivedAt: string
  readonly type: string
  readonly objectId: string
  readonly state: string
  readonly stateLabel: string
  readonly reason: string
  readonly attempts: number
  readonly deliveries: number
  readonly via: string
}

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
