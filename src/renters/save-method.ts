/**
 * Keeps a method Stripe reported, once per connection and `pm_` id however often it is reported. The first usable method of a renter
 * becomes the default even unasked, because automatic charges need one (BIL-8).
 */
import type { PaymentMethodId, Uuid } from '#kernel'
import { newId, recordFact, type ScopedHandle } from '#platform'
import type { SavedMethod } from './renter.ts'
import { findDefaultMethod, findMethodByStripeId, insertMethod, setDefaultMethod } from './method-store.ts'
import { lockRenter } from './store.ts'

export type ReportedMethod = {
  readonly id: PaymentMethodId
  readonly kind: string
  readonly brand: string
  readonly last4: string
  readonly expiresMonth?: number | undefined
  readonly expiresYear?: number | undefined
}

/** @returns the saved method, whether it is new or was there before. */
export async function saveMethod(
  rows: ScopedHandle,
  report: {
    readonly renterId: Uuid
    readonly connectionId: Uuid
    readonly method: ReportedMethod
    readonly makeDefault: boolean
  },
): Promise<SavedMethod> {
  const { renterId, connectionId, method } = report
  await lockRenter(rows, renterId)
  const before = await findMethodByStripeId(rows, { connectionId, stripePaymentMethodId: method.id })
  if (before) return before
  const isDefault = report.makeDefault || !(await findDefaultMethod(rows, { renterId, connectionId }))
  const { id: stripePaymentMethodId, ...rest } = method
  const id = newId(rows.clock)
  await insertMethod(rows, { id, renterId, connectionId, stripePaymentMethodId, ...rest })
  if (isDefault) await setDefaultMethod(rows, { renterId, methodId: id })
  await recordFact(rows, { name: 'method.saved', ids: { renter: renterId, method: id }, actor: 'stripe' })
  const saved = await findMethodByStripeId(rows, { connectionId, stripePaymentMethodId })
  if (!saved) throw new Error(`the saved method ${id} vanished in its own transaction`)
  return saved
}
