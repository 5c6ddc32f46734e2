/** *Finish now* (UI-132): the secrets go although something is left, which becomes a list of what to look up in Stripe. */
import { noteAudit } from '#audit'
import { done, publicId, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope } from '#platform'
import { drain } from './drain.ts'
import type { DrainingGround } from './draining.ts'
import { refuse, type DrainingProblem } from './problems.ts'
import { findDraining, updateDraining } from './store.ts'

export async function finishDraining(
  ground: DrainingGround,
  scope: Scope,
  { connectionId, actor }: { readonly connectionId: Uuid; readonly actor: string },
): Promise<Outcome<true, DrainingProblem>> {
  const isAsked = await inScope(ground.database, scope, async (rows) => {
    const draining = await findDraining(rows, connectionId)
    if (!draining) return false
    if (!draining.finishAskedAt)
      await updateDraining(rows, draining.id, { finish_asked_by: actor, finish_asked_at: rows.clock.now() })
    noteAudit(rows, {
      action: 'connection.finished_early',
      object: { kind: 'connection', id: publicId('connection', connectionId) },
      after: { askedBy: actor },
    })
    return true
  })
  if (!isAsked) return refuse('not_draining')
  await drain(ground, scope, connectionId)
  return done(true)
}
