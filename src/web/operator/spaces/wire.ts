/** What the API answers about spaces. */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type SpaceRow = AnswerOf<Api, '/api/v1/w/:slug/spaces/:spaceId'>
export type SpaceList = AnswerOf<Api, '/api/v1/w/:slug/spaces'>
export type Categories = AnswerOf<Api, '/api/v1/w/:slug/categories'>

export const toneOf: Record<SpaceRow['state'], Tone> = {
  available: 'green',
  reserved: 'blue',
  held: 'yellow',
  occupied: 'grey',
  suspended: 'red',
}
