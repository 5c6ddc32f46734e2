/**
 * Ends a lease that waits for its first payment, and frees the space: cancelled by a person, or abandoned because the time it was held for
 * ran out. The invoice is voided by the one command of `billing`, which calls this; it is never called for itself.
 */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome, type Uuid } from '#kernel'
import { recordFact, type ScopedHandle } from '#platform'
import type { Lease } from './lease.ts'
import { refuse, type LeasesProblem } from './problems.ts'
import { getLease, lockLease, updateLeaseState } from './store.ts'

/** @throws when there is no such lease in this scope. */
export async function cancelLease(
  rows: ScopedHandle,
  wish: { readonly leaseId: Uuid; readonly actor: string; readonly ends?: 'cancelled' | 'abandoned' | undefined },
): Promise<Outcome<Lease, LeasesProblem>> {
  const lease = await lockLease(rows, wish.leaseId)
  if (lease.state !== 'awaiting_payment') return refuse('lease_not_waiting')
  const state = wish.ends ?? 'cancelled'
  await updateLeaseState(rows, { id: lease.id, state })
  await recordFact(rows, {
    name: `lease.${state}`,
    ids: { lease: lease.id, renter: lease.renterId },
    actor: wish.actor,
  })
  noteAudit(rows, {
    action: `lease.${state}`,
    object: { kind: 'lease', id: publicId('lease', lease.id) },
    before: { state: lease.state },
    after: { state },
  })
  return done(await getLease(rows, lease.id))
}
