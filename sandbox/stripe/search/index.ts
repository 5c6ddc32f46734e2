/**
 * Search (SBX-18). It sees every object as it was some time ago, as long as the sandbox is set to, so that nobody can rely on
 * finding what was just written. The page token names the last object of the page before, and the query it belongs to.
 */
import { hash } from 'node:crypto'
import { refuse } from '../errors.ts'
import { operation } from '../protocol/operation.ts'
import type { Call, ObjectModule, Operation, Result } from '../protocol/operation.ts'
import { integer, required, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { SearchedKind } from '../world/recent-versions.ts'
import { settingsOf } from '../world/settings.ts'
import type { Space } from '../world/space.ts'
import { buildMatcher } from './fields.ts'
import type { Matcher } from './fields.ts'
import { parseQuery } from './query.ts'

const parameters = { query: required(text()), limit: integer({ min: 1, max: 100 }), page: text(200) }

interface Search {
  readonly kind: SearchedKind
  readonly matches: Matcher
  /** Only what was made before the row with this sequence. */
  readonly below?: number | undefined
}

/** Newest first, each as search knows it at this moment. */
function* findAll(space: Space, { kind, matches, below }: Search): Generator<Row<SearchedKind>> {
  const { world } = space
  const instant = world.nowMs() - settingsOf(world).searchLagSeconds * 1000
  for (const row of space.newestFirst(kind, { below })) {
    const known = space.recent.asOf<SearchedKind>(row, instant)
    if (known === undefined || isDeleted(known)) continue
    if (matches(known.object)) yield known
  }
}

function isDeleted(row: Row<SearchedKind>): boolean {
  return row.kind === 'customer' && (row as Row<'customer'>).hidden.isDeleted
}

/** Letters that tell one query from another. */
function digestOf(kind: string, query: string): string {
  return hash('sha256', `${kind}/${query}`, 'hex').slice(0, 12)
}

function writePage(digest: string, last: Row): string {
  return Buffer.from(`${digest}:${last.sequence}`).toString('base64url')
}

function readPage(digest: string, page: string | undefined): number | undefined {
  if (page === undefined) return undefined
  const [of, sequence = ''] = Buffer.from(page, 'base64url').toString('utf8').split(':')
  if (of === digest && /^\d{1,15}$/.test(sequence)) return Number(sequence)
  throw refuse('Invalid page token. A token belongs to the query it was given with.', { param: 'page' })
}

function search(call: Call<Values<typeof parameters>>, kind: SearchedKind, url: string): Result {
  const { query, limit = 10, page } = call.params
  const matches = buildMatcher(kind, parseQuery(query))
  const digest = digestOf(kind, query)
  const below = readPage(digest, page)
  const found: Row<SearchedKind>[] = []
  for (const row of findAll(call.space, { kind, matches, below })) {
    found.push(row)
    if (found.length > limit) break
  }
  const rows = found.slice(0, limit)
  const hasMore = found.length > limit
  const last = rows.at(-1)
  return {
    as: 'page',
    rows,
    hasMore,
    url,
    search: {
      nextPage: hasMore && last !== undefined ? writePage(digest, last) : null,
      count: () => [...findAll(call.space, { kind, matches })].length,
    },
  }
}

function searching(kind: SearchedKind, url: string, permission: string): Operation {
  return operation({
    method: 'GET',
    path: url,
    permission,
    parameters,
    run: (call) => search(call, kind, url),
  })
}

export const searches: ObjectModule = {
  operations: [
    searching('charge', '/v1/charges/search', 'charge_read'),
    searching('customer', '/v1/customers/search', 'customer_read'),
    searching('invoice', '/v1/invoices/search', 'invoice_read'),
    searching('payment_intent', '/v1/payment_intents/search', 'payment_intent_read'),
  ],
}
