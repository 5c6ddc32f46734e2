/** What the API says about payouts, as these screens use it. */
import type { Api } from '#web/api'
import type { AnswerOf } from '#web/ui'

export type Payouts = AnswerOf<Api, '/api/v1/w/:slug/payouts/settings'>
export type Bank = NonNullable<Payouts['banks']>[number]
