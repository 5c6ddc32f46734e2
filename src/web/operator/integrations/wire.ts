/** What the API answers about the connection with Stripe. */
import type { Api } from '#web/api'
import type { AnswerOf } from '#web/ui'

export type Connection = AnswerOf<Api, '/api/v1/w/:slug/connections/stripe'>
export type Saved = AnswerOf<Api, '/api/v1/w/:slug/connections/stripe', '$put'>
export type Drainings = AnswerOf<Api, '/api/v1/w/:slug/connections/drainings'>
export type Report = AnswerOf<Api, '/api/v1/w/:slug/connections/stripe/test', '$post'>
export type TestPayment = AnswerOf<Api, '/api/v1/w/:slug/connections/test-payment'>
export type Readiness = AnswerOf<Api, '/api/v1/w/:slug/connections/readiness'>
export type Webhook = Connection['webhook']
export type Mark = Webhook['events'][number]['atStripe']

/** Whether keys are stored, so that the rest of the page has something to show. */
export function hasKeys(connection: Connection): boolean {
  return connection.secretKey !== undefined
}

export const stripePath = '/connections/stripe'
export const testPaymentPath = '/connections/test-payment'
export const readinessPath = '/connections/readiness'
