/** Pages of a list, newest first, with Stripe's cursors (SBX-16). Objects made while somebody pages never shift a page. */
import { missing, refuse } from '../errors.ts'
import type { Kind, Row } from '../world/kinds.ts'
import type { Selection } from '../world/table.ts'
import type { Call, Result } from './operation.ts'
import { objectId, integer } from './parameters.ts'
import type { Values } from './parameters.ts'

/** The parameters of every list. */
export const pagination = {
  limit: integer({ min: 1, max: 100 }),
  starting_after: objectId(),
  ending_before: objectId(),
}

interface ListRequest<K extends Kind> {
  readonly kind: K
  /** As the `url` of the list shows it. */
  readonly url: string
  readonly by?: Selection<K>['by']
  readonly where?: Selection<K>['where']
  readonly until?: Selection<K>['until']
}

export function listPage<K extends Kind>(call: Call<Values<typeof pagination>>, request: ListRequest<K>): Result {
  const { limit = 10, starting_after: after, ending_before: before } = call.params
  if (after !== undefined && before !== undefined) {
    throw refuse('Received both starting_after and ending_before parameters. Please pass in only one.', {
      param: 'ending_before',
    })
  }
  const selection = { by: request.by, where: request.where, until: request.until }
  if (before !== undefined) {
    const above = getCursor(call, { kind: request.kind, id: before, param: 'ending_before' }).sequence
    const rows = take(call.space.oldestFirst(request.kind, { ...selection, above }), limit + 1)
    return { as: 'page', rows: rows.slice(0, limit).toReversed(), hasMore: rows.length > limit, url: request.url }
  }
  const below =
    after === undefined
      ? undefined
      : getCursor(call, { kind: request.kind, id: after, param: 'starting_after' }).sequence
  const rows = take(call.space.newestFirst(request.kind, { ...selection, below }), limit + 1)
  return { as: 'page', rows: rows.slice(0, limit), hasMore: rows.length > limit, url: request.url }
}

function getCursor<K extends Kind>(call: Call<unknown>, cursor: { kind: K; id: string; param: string }): Row<K> {
  const row = call.space.find(cursor.kind, cursor.id)
  if (row === undefined) throw missing(cursor.kind.replace('.', ' '), cursor.id, { param: cursor.param, status: 400 })
  return row
}

function take<T>(rows: Iterable<T>, count: number): T[] {
  const taken: T[] = []
  for (const row of rows) {
    taken.push(row)
    if (taken.length === count) break
  }
  return taken
}

/**
 * A page of parts that are no rows of their own, such as an invoice's lines; in the order they stand in. `word` is what a
 * message calls such a part. Throws StripeRefusal 400 for a cursor that names none of them.
 */
export function pageOfParts<T extends { readonly id: string }>(
  parts: readonly T[],
  page: Values<typeof pagination>,
  about: { readonly word: string; readonly url: string },
): object {
  const { limit = 10, starting_after: after, ending_before: before } = page
  const placeOf = (id: string, param: string): number => {
    const place = parts.findIndex((part) => part.id === id)
    if (place === -1) throw missing(about.word, id, { param, status: 400 })
    return place
  }
  const start = after === undefined ? 0 : placeOf(after, 'starting_after') + 1
  const end = before === undefined ? parts.length : placeOf(before, 'ending_before')
  const within = parts.slice(start, end)
  const data = before === undefined ? within.slice(0, limit) : within.slice(-limit)
  return { object: 'list', data, has_more: within.length > limit, url: about.url }
}
