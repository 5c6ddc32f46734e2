/**
 * Disconnect, the simple and safe form: not while anything is under way. First no new charge may begin, then what is under way is
 * counted, then our endpoint at Stripe is deleted, and last the secrets are wiped. History stays readable (STR-26).
 */
import { dots, noteAudit } from '#audit'
import { done, publicId, type Outcome, type Scope } from '#kernel'
import { inScope, newId, recordFact } from '#platform'
import { StripeFault } from '#stripe'
import { stripeScopeOf, type Connection, type ConnectionGround } from './connection.ts'
import { wipeEndpointSecrets } from './endpoint-secrets.ts'
import { findEndpoint } from './endpoints.ts'
import { refusalOfFault, refuse, type ConnectionProblem } from './problems.ts'
import { removeRoutes } from './routing-store.ts'
import { findConnectConnection, findOwnKeysConnection, lockConnection, updateConnection } from './store.ts'

export type DisconnectRequest = {
  readonly scope: Scope
  readonly actor: string
  /** Connect (STR-27): the account is the operator's and stays at Stripe; only we no longer act for it. */
  readonly kind?: Connection['kind']
  /** Payments and refunds of this connection that are not finished; counted after new ones were stopped (ARC-4). */
  readonly pending: () => Promise<number>
}

export async function disconnect(
  ground: ConnectionGround,
  request: DisconnectRequest,
): Promise<Outcome<{ connectionId: string }, ConnectionProblem>> {
  const before = await stopNewCharges(ground, request)
  if (!before) return refuse('no_connection')
  const pending = await request.pending()
  if (pending > 0) {
    await resume(ground, request.scope, before)
    return refuse('still_pending', {
      words: { pending: pending === 1 ? 'One payment or refund is' : `${pending} payments or refunds are` },
    })
  }
  try {
    await deleteOurEndpoints(ground, request.scope, before)
  } catch (error) {
    await resume(ground, request.scope, before)
    if (error instanceof StripeFault) return refusalOfFault(error)
    throw error
  }
  await wipe(ground, request, before)
  return done({ connectionId: before.id })
}

/** @returns the connection as it was before. */
function stopNewCharges(
  ground: ConnectionGround,
  { scope, kind = 'own_keys' }: DisconnectRequest,
): Promise<Connection | undefined> {
  return inScope(ground.database, scope, async (rows) => {
    const found = await (kind === 'connect' ? findConnectConnection : findOwnKeysConnection)(rows)
    if (!found) return undefined
    const before = await lockConnection(rows, found.id)
    await updateConnection(rows, before.id, { state: 'disconnecting', isCharging: false })
    return before
  })
}

/** After a crash half-way the state stays `disconnecting`; saving the keys again or disconnecting again both lead out of it. */
function resume(ground: ConnectionGround, scope: Scope, before: Connection): Promise<void> {
  return inScope(ground.database, scope, (rows) =>
    updateConnection(rows, before.id, { state: before.state, isCharging: before.isCharging }),
  )
}

/**
 * Every endpoint we made at its addresses: the one in use and one that a rotation has left beside it. A key Stripe no longer accepts
 * cannot delete anything, and must not keep its owner from leaving.
 */
async function deleteOurEndpoints(ground: ConnectionGround, scope: Scope, connection: Connection): Promise<void> {
  if (connection.keySealed === null) return
  try {
    const found = await findEndpoint(ground, scope)
    const ours = found.ok ? found.value.madeByUs : []
    for (const { id } of ours) {
      const idempotencyKey = `endpoint:${id}:delete:${newId(ground.database.clock)}`
      await ground.stripe.deleteEndpoint(stripeScopeOf(ground.box, connection), id, { idempotencyKey })
    }
  } catch (error) {
    if (!(error instanceof StripeFault) || !['auth', 'permission'].includes(error.kind)) throw error
  }
}

async function wipe(ground: ConnectionGround, request: DisconnectRequest, before: Connection): Promise<void> {
  await inScope(ground.database, request.scope, async (rows) => {
    await updateConnection(rows, before.id, {
      state: 'disconnected',
      isCharging: false,
      keySealed: null,
      probeSealed: null,
    })
    await wipeEndpointSecrets(rows, before.id)
    await removeRoutes(rows, before.id)
    await recordFact(rows, { name: 'connection.disconnected', ids: { connection: before.id }, actor: request.actor })
    noteAudit(rows, {
      action: 'connection.disconnected',
      object: { kind: 'connection', id: publicId('connection', before.id) },
      before: { kind: before.kind, account: before.accountId, secretKey: before.keyLast4 && dots(before.keyLast4) },
      after: { state: 'disconnected' },
    })
  })
}
