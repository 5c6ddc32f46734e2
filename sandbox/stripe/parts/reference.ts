/** Finding what a path or a parameter names, with Stripe's words when it is not there (SBX-9, SBX-11). */
import { missing } from '../errors.ts'
import { missingReferenceStatus } from '../facts.ts'
import type { Call } from '../protocol/operation.ts'
import type { Kind, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** How messages call each kind, and the `param` of an error about an id in the path. */
const names: Readonly<Partial<Record<Kind, { readonly word: string; readonly param: string }>>> = {
  capability: { word: 'capability', param: 'capability' },
  customer: { word: 'customer', param: 'id' },
  external_account: { word: 'external account', param: 'id' },
  payment_method: { word: 'PaymentMethod', param: 'payment_method' },
  payment_intent: { word: 'payment_intent', param: 'intent' },
  setup_intent: { word: 'setupintent', param: 'intent' },
  'checkout.session': { word: 'checkout.session', param: 'session' },
  charge: { word: 'charge', param: 'id' },
  person: { word: 'person', param: 'person' },
  refund: { word: 'refund', param: 'id' },
  event: { word: 'event', param: 'id' },
  webhook_endpoint: { word: 'webhook endpoint', param: 'id' },
  balance_transaction: { word: 'balance transaction', param: 'id' },
  dispute: { word: 'dispute', param: 'dispute' },
  'radar.early_fraud_warning': { word: 'early fraud warning', param: 'early_fraud_warning' },
  file: { word: 'file upload', param: 'file' },
  token: { word: 'token', param: 'token' },
  mandate: { word: 'mandate', param: 'mandate' },
  payout: { word: 'payout', param: 'payout' },
  topup: { word: 'topup', param: 'topup' },
  application_fee: { word: 'application fee', param: 'id' },
}

/** The row the path's `:id` names. Throws StripeRefusal 404 when this account and mode have none. */
export function getByPath<K extends Kind>(call: Call<unknown>, kind: K): Row<K> {
  const id = String(call.path['id'])
  const row = call.space.find(kind, id)
  if (row !== undefined) return row
  const { word, param } = names[kind] ?? { word: kind, param: 'id' }
  throw missing(word, id, { param, status: 404, hint: hintAbout(call.space, kind, id) })
}

/** The row a parameter names. */
export function getByParameter<K extends Kind>(space: Space, kind: K, named: { id: string; param: string }): Row<K> {
  const row = space.find(kind, named.id)
  if (row !== undefined) return row
  const { word } = names[kind] ?? { word: kind }
  const status = missingReferenceStatus[kind] ?? 404
  throw missing(word, named.id, { param: named.param, status, hint: hintAbout(space, kind, named.id) })
}

function hintAbout(space: Space, kind: Kind, id: string): string | undefined {
  const otherMode = space.mode === 'test' ? 'live' : 'test'
  if (space.world.space(space.accountId, otherMode).find(kind, id) === undefined) return undefined
  return `a similar object exists in ${otherMode} mode, but a ${space.mode} mode key was used to make this request.`
}

/** The id in a field that may hold an id or an expanded object; what the sandbox stores is always the id. */
export function idOf(value: string | { readonly id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : value.id
}
