/**
 * The first invoice is paid, on its way, or payable by hand: the lease begins, today or on its first day (BIL-17). Doing it twice changes
 * nothing, because news of one payment arrives from several sides. A reserved lease begins by the clock (`leases.begin`).
 */
import type { Uuid } from '#kernel'
import { recordFact, type ScopedHandle } from '#platform'
import { getLocation, todayAt } from '#spaces'
import { mayStep } from './lease-state.ts'
import { beginsAt, type Lease } from './lease.ts'
import { getLease, lockLease, updateLeaseState } from './store.ts'

/** @returns the lease as it stands now; one that was cancelled or abandoned before stays so. @throws on an unknown lease. */
export async function confirmLease(rows: ScopedHandle, leaseId: Uuid, actor = 'system'): Promise<Lease> {
  const lease = await lockLease(rows, leaseId)
  const location = await getLocation(rows)
  const state = lease.startOn > todayAt(location, rows.clock) ? 'reserved' : 'active'
  if (lease.state !== 'awaiting_payment' || !mayStep(lease.state, state)) return lease
  await updateLeaseState(rows, { id: leaseId, state })
  const name = state === 'active' ? 'lease.started' : 'lease.reserved'
  await recordFact(rows, { name, ids: { lease: leaseId, renter: lease.renterId }, actor })
  if (state === 'reserved')
    await rows.enqueue({ name: 'leases.begin', id: leaseId, startAt: beginsAt(lease, location) })
  return getLease(rows, leaseId)
}
