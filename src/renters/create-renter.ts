/** Takes a person or company into the books, under the next number. */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome } from '#kernel'
import { newId, recordFact, type ScopedHandle } from '#platform'
import { cleanDetails, type RenterDetails } from './details.ts'
import type { RentersProblem } from './problems.ts'
import type { Renter } from './renter.ts'
import { insertRenter, takeRenterSeq } from './store.ts'

export async function createRenter(
  rows: ScopedHandle,
  wish: RenterDetails & { readonly actor: string },
): Promise<Outcome<Renter, RentersProblem>> {
  const details = cleanDetails(wish)
  if (!details.ok) return details
  const number = `REN-${String(await takeRenterSeq(rows)).padStart(2, '0')}`
  const renter: Renter = { id: newId(rows.clock), number, ...details.value, autopay: true, version: 1 }
  await insertRenter(rows, renter)
  await recordFact(rows, { name: 'renter.created', ids: { renter: renter.id }, actor: wish.actor })
  noteAudit(rows, {
    action: 'renter.created',
    object: { kind: 'renter', id: publicId('renter', renter.id) },
    after: { number },
  })
  return done(renter)
}
