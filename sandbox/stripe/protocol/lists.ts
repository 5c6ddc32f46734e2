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
