/** Who is signed in and which consoles they may open. */
import type { Api } from '#web/api'
import { useApiQuery, type AnswerOf } from '#web/ui'

export type Me = AnswerOf<Api, '/api/v1/me'>
export type OperatorEntry = Me['operators'][number]

export function useMe() {
  return useApiQuery<Me>('/me')
}
