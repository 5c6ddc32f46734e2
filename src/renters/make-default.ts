/** Chooses which saved method automatic charges use. One that can no longer be charged is refused. */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome, type Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { refuse, type RentersProblem } from './problems.ts'
import { getMethod, setDefaultMethod } from './method-store.ts'
import { lockRenter } from './store.ts'

/** @throws when there is no such method in this scope. */
export async function makeDefault(rows: ScopedHandle, methodId: Uuid): Promise<Outcome<void, RentersProblem>> {
  const { renterId } = await getMethod(rows, methodId)
  await lockRenter(rows, renterId)
  const method = await getMethod(rows, methodId)
  if (method.unusableReason !== undefined) return refuse('method_unusable')
  await setDefaultMethod(rows, { renterId, methodId })
  noteAudit(rows, {
    action: 'renter.default_method_chosen',
    object: { kind: 'renter', id: publicId('renter', renterId) },
    after: { method: publicId('method', methodId) },
  })
  return done(undefined)
}
