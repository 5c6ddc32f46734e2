/**
 * *Ask renters* (STR-25): everybody who paid by a method of the account that was left, and has none where new money goes, gets one mail
 * with a link to add one. Pressing again asks only those who were not asked yet.
 */
import { noteAudit } from '#audit'
import { findChargingConnection } from '#connections'
import { done, publicId, type Outcome, type Uuid } from '#kernel'
import { recordFacts, type ScopedHandle } from '#platform'
import { listRentersTiedTo } from './affected-store.ts'
import { refuse, type DrainingProblem } from './problems.ts'
import { findLatestDraining, insertMethodRequest } from './store.ts'

/** @returns how many were asked now. */
export async function askRenters(
  rows: ScopedHandle,
  { connectionId, actor }: { readonly connectionId: Uuid; readonly actor: string },
): Promise<Outcome<number, DrainingProblem>> {
  const draining = await findLatestDraining(rows, connectionId)
  if (!draining) return refuse('not_draining')
  const charging = await findChargingConnection(rows)
  if (!charging) return refuse('nothing_charges')
  const asked: Uuid[] = []
  for (const { renterId, email } of await listRentersTiedTo(rows, connectionId)) {
    if (email === '') continue
    if (await insertMethodRequest(rows, { drainingId: draining.id, renterId, actor })) asked.push(renterId)
  }
  if (asked.length === 0) return refuse('nobody_to_ask')
  await recordFacts(
    rows,
    asked.map((renter) => ({ name: 'method.wanted' as const, ids: { renter, draining: draining.id }, actor })),
  )
  noteAudit(rows, {
    action: 'connection.renters_asked',
    object: { kind: 'connection', id: publicId('connection', connectionId) },
    after: { asked: asked.length },
  })
  return done(asked.length)
}
