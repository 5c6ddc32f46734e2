/** A token is good for one use: whatever takes it gets what it stands for, and nobody after that. */
import { missing, refuse } from '../errors.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Marks the token as used. Throws StripeRefusal for one that is not there, or that was used before. */
export function useToken(space: Space, id: string, param: string): Row<'token'> {
  const token = space.find('token', id)
  if (token === undefined) throw missing('token', id, { param, status: 400 })
  if (token.object.used) {
    throw refuse(`You cannot use a Stripe token more than once: ${id}.`, { code: 'token_already_used', param })
  }
  return space.update('token', id, { object: { used: true } })
}
