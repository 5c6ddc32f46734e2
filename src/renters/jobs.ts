/**
 * What has to be looked at again when a disconnected Stripe account comes back: its saved methods live on where the account still has
 * them, and say so where it has not (UI-132). Until it was looked at, none of them is charged (STR-38).
 */
import { getConnection, isJoined, stripeScopeOf } from '#connections'
import type { Mode, Scope } from '#kernel'
import { getFact, inScope, recordFact, type JobDeclaration, type JobHandler } from '#platform'
import type { CustomerGround } from './ensure-customer.ts'
import { getMethod, listUnseenMethodIds, markMethodSeen, markMethodUnusable } from './method-store.ts'
import { findCustomerId } from './store.ts'

export const renterJobs = [
  { name: 'renters.look-at-methods', reads: ['connection.revived'] },
  { name: 'renters.look-at-method', retryLimit: 1000 },
] as const satisfies readonly JobDeclaration[]

export function renterHandlers(ground: CustomerGround): Record<(typeof renterJobs)[number]['name'], JobHandler> {
  const inItsScope = (work: (scope: Scope, id: string) => Promise<void>): JobHandler => {
    return ({ operatorId, mode, id }) => work({ operatorId, mode: mode as Mode }, id)
  }
  return {
    'renters.look-at-methods': inItsScope((scope, factId) =>
      inScope(ground.database, scope, async (rows) => {
        const { ids } = await getFact(rows, factId)
        for (const id of await listUnseenMethodIds(rows, ids['connection'] ?? ''))
          await rows.enqueue({ name: 'renters.look-at-method', id })
      }),
    ),
    'renters.look-at-method': inItsScope((scope, methodId) => lookAtMethod(ground, scope, methodId)),
  }
}

async function lookAtMethod(ground: CustomerGround, scope: Scope, methodId: string): Promise<void> {
  const { method, connection, customerId, unseen } = await inScope(ground.database, scope, async (rows) => {
    const found = await getMethod(rows, methodId)
    const customerOf = { renterId: found.renterId, connectionId: found.connectionId }
    return {
      method: found,
      connection: await getConnection(rows, found.connectionId),
      unseen: await listUnseenMethodIds(rows, found.connectionId),
      customerId: await findCustomerId(rows, customerOf),
    }
  })
  if (!unseen.includes(methodId) || !isJoined(connection)) return
  const seen = await ground.stripe.findPaymentMethod(
    stripeScopeOf(ground.box, connection),
    method.stripePaymentMethodId,
  )
  if (seen?.customer !== undefined && seen.customer === customerId)
    return inScope(ground.database, scope, async (rows) => {
      await markMethodSeen(rows, methodId)
      await recordFact(rows, { name: 'method.revived', ids: { renter: method.renterId, method: methodId } })
    })
  const reason = 'It was removed at Stripe while the account was disconnected.'
  await inScope(ground.database, scope, (rows) => markMethodUnusable(rows, { methodId, reason }))
}
