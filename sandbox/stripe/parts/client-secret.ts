/**
 * Intents are found by id with a secret key; with a publishable key only together with their client secret, which is how a
 * browser, or a check that two keys belong to one account, may see one (SBX-8).
 */
import { refuse } from '../errors.ts'
import type { Call } from '../protocol/operation.ts'
import type { Row } from '../world/kinds.ts'
import { getByPath } from './reference.ts'

type IntentKind = 'payment_intent' | 'setup_intent'

/** Throws StripeRefusal 404 for an unknown intent, 400 for a client secret that is missing or not the intent's. */
export function getIntent<K extends IntentKind>(call: Call<object>, kind: K): Row<K> {
  const row = getByPath(call, kind)
  const given = (call.params as { readonly client_secret?: string }).client_secret
  if (given === undefined && call.key.kind === 'publishable') {
    throw refuse('Missing required param: client_secret.', { code: 'parameter_missing', param: 'client_secret' })
  }
  const expected = (row as Row<IntentKind>).object.client_secret
  if (given !== undefined && given !== expected) {
    const name = kind === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent'
    throw refuse(`The client_secret provided does not match the client_secret associated with the ${name}.`, {
      code: `${kind}_invalid_parameter`,
      param: 'client_secret',
    })
  }
  return row
}
