/** What the API answers about leases. */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type Lease = AnswerOf<Api, '/api/v1/w/:slug/leases/:leaseId'>
export type LeaseList = AnswerOf<Api, '/api/v1/w/:slug/leases'>
export type LeaseRow = LeaseList['rows'][number]
export type Planned = Lease['schedule'][number]

const tones: Readonly<Record<string, Tone>> = {
  active: 'green',
  awaiting_payment: 'yellow',
  awaiting_acceptance: 'yellow',
  notice_given: 'yellow',
  reserved: 'blue',
}

export function leaseTone(state: string): Tone {
  return tones[state] ?? 'grey'
}
