/** What the API answers about a check-out that is being put together. */
import type { Api } from '#web/api'
import type { AnswerOf } from '#web/ui'

export type Space = AnswerOf<Api, '/api/v1/w/:slug/spaces/:spaceId'>
export type SpaceList = AnswerOf<Api, '/api/v1/w/:slug/spaces'>
export type Renter = AnswerOf<Api, '/api/v1/w/:slug/renters/:renterId'>
export type RenterList = AnswerOf<Api, '/api/v1/w/:slug/renters'>
export type Preview = AnswerOf<Api, '/api/v1/w/:slug/check-out/preview', '$post'>
export type CheckedOut = AnswerOf<Api, '/api/v1/w/:slug/check-out', '$post'>
export type Planned = Preview['next'][number]

/** Codes of the banners that are about paying; the others are about the agreement. */
export function paymentBanner({ banners }: Preview): Preview['banners'][number] | undefined {
  return banners.find(({ code }) => code.startsWith('payment'))
}

/** The interval offered first: the month where there is one. */
export function firstInterval({ prices }: Space): string | undefined {
  return prices.find(({ interval }) => interval === 'month')?.interval ?? prices[0]?.interval
}
