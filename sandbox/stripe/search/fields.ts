/** Which fields each kind of object can be searched by, and whether they are numbers (Stripe docs: query fields). */
import { refuse } from '../errors.ts'
import type { SearchedKind } from '../world/recent-versions.ts'
import type { Clause, Query } from './query.ts'

type Type = 'number' | 'token' | 'text' | 'flag'

interface Searched {
  /** As messages call them. */
  readonly plural: string
  readonly fields: Readonly<Record<string, Type>>
}

const kinds: Readonly<Record<SearchedKind, Searched>> = {
  charge: {
    plural: 'charges',
    fields: {
      amount: 'number',
      'billing_details.address.postal_code': 'token',
      created: 'number',
      currency: 'token',
      customer: 'token',
      disputed: 'flag',
      'payment_method_details.card.brand': 'token',
      'payment_method_details.card.exp_month': 'number',
      'payment_method_details.card.exp_year': 'number',
      'payment_method_details.card.fingerprint': 'token',
      'payment_method_details.card.last4': 'token',
      refunded: 'flag',
      status: 'token',
    },
  },
  customer: {
    plural: 'customers',
    fields: { created: 'number', email: 'text', name: 'text', phone: 'text' },
  },
  invoice: {
    plural: 'invoices',
    fields: {
      created: 'number',
      currency: 'token',
      customer: 'token',
      number: 'text',
      receipt_number: 'text',
      status: 'token',
      total: 'number',
    },
  },
  payment_intent: {
    plural: 'payment_intents',
    fields: { amount: 'number', created: 'number', currency: 'token', customer: 'token', status: 'token' },
  },
}

/** Whether an object is one that is looked for. */
export type Matcher = (object: object) => boolean

/** Throws StripeRefusal 400 for a field this kind cannot be searched by, and for a comparison its type does not know. */
export function buildMatcher(kind: SearchedKind, query: Query): Matcher {
  const tests = query.clauses.map((clause) => buildTest(kind, clause))
  return query.joins === 'OR'
    ? (object) => tests.some((test) => test(object))
    : (object) => tests.every((test) => test(object))
}

function buildTest(kind: SearchedKind, clause: Clause): Matcher {
  const { plural, fields } = kinds[kind]
  const type = clause.field === 'metadata' ? 'text' : fields[clause.field]
  if (type === undefined) {
    const message = `Field \`${clause.field}\` is an unsupported search field for resource \`${plural}\`. See https://stripe.com/docs/search#query-fields-for-${plural.replaceAll('_', '-')} for a list of supported fields.`
    throw refuse(message, { param: 'query' })
  }
  checkOperator(clause, type)
  const path = clause.key === null ? clause.field.split('.') : ['metadata', clause.key]
  return (object) => holds(clause, readPath(object, path)) !== clause.isNegated
}

function checkOperator(clause: Clause, type: Type): void {
  const { field, operator, value } = clause
  const isComparison = operator !== ':' && operator !== '~'
  const isAllowed = operator === ':' || (type === 'number' ? isComparison : type === 'text' && operator === '~')
  if (!isAllowed) throw refuse(`Field \`${field}\` can not be searched with \`${operator}\`.`, { param: 'query' })
  if (type === 'number' && value !== null && !/^-?\d+(\.\d+)?$/.test(value))
    throw refuse(`Field \`${field}\` is searched by numbers, and \`${value}\` is none.`, { param: 'query' })
}

function readPath(object: object, path: readonly string[]): string | number | boolean | null {
  let value: unknown = object
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
    value = (value as Record<string, unknown>)[name]
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

/** Texts are compared without regard to case. */
function holds(clause: Clause, found: string | number | boolean | null): boolean {
  const { operator, value } = clause
  if (value === null) return found === null || found === ''
  if (found === null) return false
  if (operator === '~') return String(found).toLowerCase().includes(value.toLowerCase())
  if (operator === ':')
    return typeof found === 'number' ? found === Number(value) : String(found).toLowerCase() === value.toLowerCase()
  const difference = Number(found) - Number(value)
  return { '>': difference > 0, '>=': difference >= 0, '<': difference < 0, '<=': difference <= 0 }[operator]
}
