/** All SQL of the flags on payments. */
import type { Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'

export type PaymentFlag = {
  readonly paymentId: Uuid
  readonly kind: 'fraud_warning'
  readonly stripeId: string
  /** Stripe's word for what it suspects, with spaces. */
  readonly detail: string
  /** Something can still be done about it. */
  readonly isOpen: boolean
}

/** @returns whether it was not known before; the caller holds the payment's lock. */
export async function saveFlag(rows: ScopedHandle, flag: PaymentFlag): Promise<boolean> {
  const now = rows.clock.now()
  const own = { operator_id: rows.scope.operatorId, mode: rows.scope.mode }
  const { numUpdatedRows } = await rows
    .updateTable('app.payment_flags')
    .set({ detail: flag.detail, is_open: flag.isOpen, updated_at: now })
    .where(({ and }) => and({ ...own, payment_id: flag.paymentId, stripe_id: flag.stripeId }))
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return false
  await rows
    .insertInto('app.payment_flags')
    .values({
      ...own,
      id: newId(rows.clock),
      payment_id: flag.paymentId,
      kind: flag.kind,
      stripe_id: flag.stripeId,
      detail: flag.detail,
      is_open: flag.isOpen,
      created_at: now,
      updated_at: now,
    })
    .execute()
  return true
}

export async function listPaymentFlags(
  rows: ScopedHandle,
  paymentIds: readonly Uuid[],
): Promise<readonly PaymentFlag[]> {
  if (paymentIds.length === 0) return []
  const found = await rows
    .selectFrom('app.payment_flags')
    .select(['payment_id', 'kind', 'stripe_id', 'detail', 'is_open'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('payment_id', 'in', [...paymentIds])
    .orderBy('id')
    .execute()
  return found.map((row) => ({
    paymentId: row.payment_id,
    kind: row.kind,
    stripeId: row.stripe_id,
    detail: row.detail,
    isOpen: row.is_open,
  }))
}
