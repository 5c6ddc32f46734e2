/**
 * The two ends of leaving a Stripe account (STR-26, STR-27); what lies between, the draining, stands above the modules of money. First no
 * new charge may begin, and key, endpoint and webhook stay. Last our endpoint at Stripe is deleted and the secrets are wiped; history
 * stays readable. What surprises: a key Stripe no longer accepts can delete nothing, and must not keep its owner from leaving.
 */
import { dots, noteAudit } from '#audit'
import { publicId, type Scope, type Uuid } from '#kernel'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault } from '#stripe'
import { closeConnectConnection } from './account-connection.ts'
import { isJoined, stripeScopeOf, type Connection, type ConnectionGround } from './connection.ts'
import { wipeEndpointSecrets } from './endpoint-secrets.ts'
import { findEndpoint } from './endpoints.ts'
import { removeRoutes } from './routing-store.ts'
import { getConnection, lockConnection, updateConnection } from './store.ts'

/** From now on nothing new is charged or saved through it. @returns the connection as it was before. */
export async function stopNewCharges(rows: ScopedHandle, connectionId: Uuid, actor: string): Promise<Connection> {
  const before = await lockConnection(rows, connectionId)
  if (before.state === 'disconnected' || before.state === 'disconnecting') return before
  await updateConnection(rows, connectionId, { state: 'disconnecting', isCharging: false })
  await recordFact(rows, { name: 'connection.disconnecting', ids: { connection: connectionId }, actor })
  noteAudit(rows, {
    action: 'connection.disconnecting',
    object: { kind: 'connection', id: publicId('connection', before.id) },
    before: { kind: before.kind, account: before.accountId, state: before.state },
    after: { state: 'disconnecting' },
  })
  return before
}

type Leaving = { readonly scope: Scope; readonly connectionId: Uuid; readonly actor: string; readonly occasion: string }

/**
 * The end, wherever an earlier try stopped. The account of a connected operator is theirs and stays (STR-27).
 * @param leaving.occasion names this leaving, so that every try of it asks Stripe the same.
 * @returns false when somebody has connected the account again meanwhile; then nothing is wiped.
 * @throws StripeFault when Stripe did not answer; the next try goes on.
 */
export async function closeConnection(ground: ConnectionGround, leaving: Leaving): Promise<boolean> {
  const { scope, connectionId, actor } = leaving
  const before = await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId))
  if (before.state !== 'disconnecting') return before.state === 'disconnected'
  if (before.kind === 'own_keys' && isJoined(before)) await deleteOurEndpoints(ground, leaving, before)
  return inScope(ground.database, scope, async (rows) => {
    const { state, kind, accountId, keyLast4 } = await lockConnection(rows, connectionId)
    if (state !== 'disconnecting') return state === 'disconnected'
    noteAudit(rows, {
      action: 'connection.disconnected',
      object: { kind: 'connection', id: publicId('connection', connectionId) },
      before: { kind, account: accountId, secretKey: keyLast4 && dots(keyLast4) },
      after: { state: 'disconnected' },
    })
    if (kind === 'connect') await closeConnectConnection(rows, connectionId, actor)
    else await wipe(rows, connectionId, actor)
    return true
  })
}

/** Every endpoint we made at its addresses: the one in use and one that a rotation has left beside it. Others are not ours to delete. */
async function deleteOurEndpoints(
  ground: ConnectionGround,
  { scope, connectionId, occasion }: Leaving,
  connection: Connection,
): Promise<void> {
  try {
    const found = await findEndpoint(ground, scope, connectionId)
    for (const { id } of found.ok ? found.value.madeByUs : []) {
      const idempotencyKey = `endpoint:${id}:delete:${occasion}`
      await ground.stripe.deleteEndpoint(stripeScopeOf(ground.box, connection), id, { idempotencyKey })
    }
  } catch (error) {
    if (!(error instanceof StripeFault) || !['auth', 'permission'].includes(error.kind)) throw error
  }
}

async function wipe(rows: ScopedHandle, connectionId: Uuid, actor: string): Promise<void> {
  await updateConnection(rows, connectionId, {
    state: 'disconnected',
    isCharging: false,
    keySealed: null,
    probeSealed: null,
  })
  await wipeEndpointSecrets(rows, connectionId)
  await removeRoutes(rows, connectionId)
  await recordFact(rows, { name: 'connection.disconnected', ids: { connection: connectionId }, actor })
}
