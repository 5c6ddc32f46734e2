/**
 * What time does to leases (BIL-13, BIL-17), by stable job names (ARC-43): a hold whose first payment never came frees the space, and a
 * reserved lease begins on its first day. What surprises: both jobs are planned for their moment and also found by the recovery, so a
 * lost job costs a minute and not a space. Each looks at the lease as it is, so running early or twice changes nothing.
 */
import { localDateAt, type Mode } from '#kernel'
import { inScope, recordFact, type Database, type JobDeclaration, type JobHandler, type ScopedHandle } from '#platform'
import { getLocation } from '#spaces'
import { cancelLease } from './cancel-lease.ts'
import { beginsAt, type VoidUnpaid } from './lease.ts'
import { findLease, listLeasesDue, lockLease, updateLeaseState } from './store.ts'

export const leaseJobs = [
  { name: 'leases.release-hold' },
  { name: 'leases.begin' },
] as const satisfies readonly JobDeclaration[]

type LeaseGround = { readonly database: Database; readonly voidUnpaid: VoidUnpaid }

export function leaseHandlers(ground: LeaseGround): Record<(typeof leaseJobs)[number]['name'], JobHandler> {
  const inRows = (work: (rows: ScopedHandle, id: string) => Promise<void>): JobHandler => {
    return ({ operatorId, mode, id }) =>
      inScope(ground.database, { operatorId, mode: mode as Mode }, (rows) => work(rows, id))
  }
  return {
    'leases.release-hold': inRows((rows, id) => releaseHold(rows, id, ground.voidUnpaid)),
    'leases.begin': inRows(begin),
  }
}

/** Plans what is due and was not done, whatever became of the job that was to do it (STR-71). */
export async function recoverLeases(rows: ScopedHandle): Promise<void> {
  // The day comes here first on Earth; each job asks the lease's own place.
  const latestToday = localDateAt(rows.clock.now(), 'Etc/GMT-14')
  for (const { id, state } of await listLeasesDue(rows, latestToday))
    await rows.enqueue({ name: state === 'reserved' ? 'leases.begin' : 'leases.release-hold', id })
}

const askAgainMs = 15 * 60 * 1000

/** A payment on its way keeps the space a little longer; money that has come keeps it until a person decides. */
async function releaseHold(rows: ScopedHandle, leaseId: string, voidUnpaid: VoidUnpaid): Promise<void> {
  const lease = await findLease(rows, leaseId)
  if (lease?.state !== 'awaiting_payment' || !lease.heldUntil) return
  const now = rows.clock.now()
  if (lease.heldUntil > now) return planRelease(rows, leaseId, lease.heldUntil)
  const voided = await voidUnpaid(rows, leaseId)
  if (voided === 'voided') return
  if (voided === 'no_invoice') await cancelLease(rows, { leaseId, actor: 'schedule', ends: 'abandoned' })
  else await planRelease(rows, leaseId, new Date(now.getTime() + askAgainMs))
}

async function planRelease(rows: ScopedHandle, id: string, startAt: Date): Promise<void> {
  await rows.enqueue({ name: 'leases.release-hold', id, startAt })
}

/** `reserved` becomes `active` when its first day begins at the location. */
async function begin(rows: ScopedHandle, leaseId: string): Promise<void> {
  const lease = await lockLease(rows, leaseId)
  if (lease.state !== 'reserved') return
  const startAt = beginsAt(lease, await getLocation(rows))
  if (startAt > rows.clock.now()) return rows.enqueue({ name: 'leases.begin', id: leaseId, startAt })
  await updateLeaseState(rows, { id: leaseId, state: 'active' })
  await recordFact(rows, {
    name: 'lease.started',
    ids: { lease: leaseId, renter: lease.renterId },
    actor: 'schedule',
  })
}
