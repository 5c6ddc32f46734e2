/**
 * The renter's Customer in one connection's Stripe account. Customers exist only inside their account, so a renter has one per
 * connection (STR-2). The key is the same until that Customer is deleted in Stripe, so two calls at once make one Customer.
 */
import type { CustomerId, Scope } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { inScope, type Database, type SecretBox } from '#platform'
import type { StripeGateway } from '#stripe'
import { billingName } from './renter.ts'
import { findCustomerId, findDeletedCustomerId, getRenter, recordCustomerId } from './store.ts'

export type CustomerGround = { readonly database: Database; readonly box: SecretBox; readonly stripe: StripeGateway }

/** @throws StripeFault when Stripe did not answer; asking again is safe. */
export async function ensureCustomer(
  ground: CustomerGround,
  scope: Scope,
  about: { renterId: string; connectionId: string },
): Promise<CustomerId> {
  const known = await inScope(ground.database, scope, async (rows) => ({
    customerId: await findCustomerId(rows, about),
    deletedId: await findDeletedCustomerId(rows, about),
    renter: await getRenter(rows, about.renterId),
    connection: await getConnection(rows, about.connectionId),
  }))
  if (known.customerId) return known.customerId
  const { id } = await ground.stripe.createCustomer(stripeScopeOf(ground.box, known.connection), {
    name: billingName(known.renter),
    // Stripe refuses an empty address.
    ...(known.renter.email !== '' && { email: known.renter.email }),
    metadata: { rentroll_renter: about.renterId },
    idempotencyKey: `cus:${about.renterId}:${about.connectionId}${known.deletedId ? `:after:${known.deletedId}` : ''}`,
  })
  await inScope(ground.database, scope, async (rows) => {
    if (!(await findCustomerId(rows, about))) await recordCustomerId(rows, { ...about, customerId: id })
  })
  return id
}
