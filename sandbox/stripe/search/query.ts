/**
 * Stripe's search query language, the part that is done here (SBX-18): clauses `field:'value'`, `field~'part'`, `field>n` and
 * the like, `metadata['key']:'value'`, `-` in front for what must not be, `field:null` for what is not set, joined by AND
 * (written or not) or by OR, never by both. Ten clauses at most (Stripe docs).
 */
import { refuse } from '../errors.ts'

export interface Clause {
  /** Dotted for nested fields; 'metadata' with `key`. */
  readonly field: string
  readonly key: string | null
  readonly operator: ':' | '~' | '>' | '>=' | '<' | '<='
  /** Null stands for "not set". */
  readonly value: string | null
  readonly isNegated: boolean
}

export interface Query {
  readonly clauses: readonly Clause[]
  readonly joins: 'AND' | 'OR'
}

const mostClauses = 10
const shortestPart = 3

const quoted = String.raw`"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'`
const clausePattern = new RegExp(
  String.raw`^(-)?([a-z_]+(?:\.[a-z_0-9]+)*)(?:\[(?:${quoted})\])?\s*(:|~|>=|<=|>|<)\s*(?:${quoted}|(null\b|-?\d+(?:\.\d+)?\b))`,
)
const joinPattern = /^\s+(?:(AND|OR)\s+)?/i

function unparsable(): Error {
  const message =
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or `key:"value"` to query for other fields.'
  return refuse(message, { param: 'query' })
}

/** Throws StripeRefusal 400 for what is not in the language, and for AND and OR in one query. */
export function parseQuery(text: string): Query {
  const clauses: Clause[] = []
  const joins = new Set<string>()
  let rest = text.trim()
  for (;;) {
    const found = clausePattern.exec(rest)
    if (found === null) throw unparsable()
    clauses.push(readClause(found))
    rest = rest.slice(found[0].length)
    if (rest === '') break
    const join = joinPattern.exec(rest)
    if (join === null) throw unparsable()
    joins.add((join[1] ?? 'AND').toUpperCase())
    rest = rest.slice(join[0].length)
  }
  if (clauses.length > mostClauses)
    throw refuse(`Search queries can have at most ${mostClauses} clauses.`, { param: 'query' })
  if (joins.size > 1)
    throw refuse('Search queries can combine clauses with AND or with OR, but not with both.', { param: 'query' })
  return { clauses, joins: joins.has('OR') ? 'OR' : 'AND' }
}

function readClause(found: RegExpExecArray): Clause {
  const [, minus, field = '', doubleKey, singleKey, operator, doubleText, singleText, bare] = found
  const given = doubleText ?? singleText
  const key = doubleKey ?? singleKey
  const clause: Clause = {
    field,
    key: key === undefined ? null : unescape(key),
    operator: operator as Clause['operator'],
    value: given === undefined ? readBare(bare) : unescape(given),
    isNegated: minus !== undefined,
  }
  if ((clause.field === 'metadata') !== (clause.key !== null)) throw unparsable()
  if (clause.value === null && clause.operator !== ':') throw unparsable()
  if (clause.operator === '~' && (clause.value ?? '').length < shortestPart)
    throw refuse(`Substring queries need at least ${shortestPart} characters.`, { param: 'query' })
  return clause
}

function readBare(word: string | undefined): string | null {
  return word === undefined || word === 'null' ? null : word
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1')
}
