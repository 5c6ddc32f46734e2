/** What the API says about payouts, as these screens use it, and the tone of a state (UI-58). */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type Payouts = AnswerOf<Api, '/api/v1/w/:slug/payouts/settings'>
export type Bank = NonNullable<Payouts['banks']>[number]
export type PayoutList = AnswerOf<Api, '/api/v1/w/:slug/payouts'>
export type PayoutRow = PayoutList['rows'][number]
export type Payout = AnswerOf<Api, '/api/v1/w/:slug/payouts/:payoutId'>

const tones: Readonly<Record<PayoutRow['state'], Tone>> = {
  pending: 'grey',
  in_transit: 'blue',
  paid: 'green',
  failed: 'red',
  canceled: 'grey',
  other: 'yellow',
}

/** A failed payout whose money went out later is no alarm any more. */
export function payoutTone({ state, isTrouble }: Pick<PayoutRow, 'state' | 'isTrouble'>): Tone {
  return state === 'failed' && !isTrouble ? 'grey' : tones[state]
}
