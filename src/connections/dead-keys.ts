/**
 * A key that dies in use (STR-28). One 401 could be a hiccup, so it is asked once more; still 401 means `broken`: charges wait, nothing
 * fails, nothing is dunned, and replacing the key lets everything go on.
 */
import type { Scope, Uuid } from '#kernel'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault } from '#stripe'
import { mayMove } from './connection-state.ts'
import { stripeScopeOf, type ConnectionGround } from './connection.ts'
import { getConnection, lockConnection, updateConnection } from './store.ts'

/** Writes it down after a second 401. Saying it twice changes nothing. */
export async function markBroken(
  rows: ScopedHandle,
  { connectionId }: { readonly connectionId: Uuid; readonly reason?: string },
): Promise<void> {
  const connection = await lockConnection(rows, connectionId)
  if (connection.state === 'broken' || !mayMove(connection.state, 'broken')) return
  await updateConnection(rows, connectionId, { state: 'broken' })
  await recordFact(rows, { name: 'connection.broken', ids: { connection: connectionId } })
}

/** Call this on a 401 in normal work, outside any transaction. @returns whether the key is dead; if so it is marked. */
export async function recheckKey(
  ground: Pick<ConnectionGround, 'database' | 'box' | 'stripe'>,
  scope: Scope,
  connectionId: Uuid,
): Promise<boolean> {
  const connection = await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId))
  if (connection.keySealed === null) return true
  try {
    await ground.stripe.readBalance(stripeScopeOf(ground.box, connection))
    return false
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    if (error.kind !== 'auth') return false
  }
  await inScope(ground.database, scope, async (rows) => {
    const present = await getConnection(rows, connectionId)
    // Somebody may have replaced the key while Stripe was asked about the old one.
    if (present.keyFingerprint === connection.keyFingerprint) await markBroken(rows, { connectionId })
  })
  return true
}
