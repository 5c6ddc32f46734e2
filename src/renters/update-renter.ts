/** Saves changed details when nobody saved after this version was read. Documents already issued keep their own copy. */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome, type Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { cleanDetails, type RenterDetails } from './details.ts'
import { refuse, type RentersProblem } from './problems.ts'
import type { Renter } from './renter.ts'
import { getRenter, updateDetails } from './store.ts'

export async function updateRenter(
  rows: ScopedHandle,
  change: RenterDetails & { readonly renterId: Uuid; readonly version: number },
): Promise<Outcome<Renter, RentersProblem>> {
  const details = cleanDetails(change)
  if (!details.ok) return details
  const isSaved = await updateDetails(rows, { ...details.value, id: change.renterId, version: change.version })
  if (!isSaved) return refuse('stale_renter')
  noteAudit(rows, {
    action: 'renter.changed',
    object: { kind: 'renter', id: publicId('renter', change.renterId) },
    before: { version: change.version },
    after: { version: change.version + 1 },
  })
  return done(await getRenter(rows, change.renterId))
}
