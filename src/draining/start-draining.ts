/**
 * Disconnect is pressed (STR-26, STR-27). One transaction stops new charges and writes down that the connection drains; from then on any
 * process carries it on. The first pass is made at once, so that somebody with nothing under way is disconnected when the page answers.
 */
import { getConnection } from '#connections'
import type { Scope, Uuid } from '#kernel'
import { inScope } from '#platform'
import { drain } from './drain.ts'
import type { DrainingGround } from './draining.ts'
import { letDrain } from './let-drain.ts'

/** Twice is once. */
export async function startDraining(
  ground: DrainingGround,
  scope: Scope,
  wish: { readonly connectionId: Uuid; readonly actor: string },
): Promise<void> {
  const isBegun = await inScope(ground.database, scope, async (rows) => {
    if ((await getConnection(rows, wish.connectionId)).state === 'disconnected') return false
    await letDrain(rows, wish)
    return true
  })
  if (isBegun) await drain(ground, scope, wish.connectionId)
}
