/** All SQL of the intent rows that stand before every call that could move money (TRU-130). */
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { MoneyCall } from './payment.ts'

/** Writes the intent of a call, or finds the one written before under the same key. */
export async function planMoneyCall(
  rows: ScopedHandle,
  call: {
    connectionId: string
    purpose: MoneyCall['purpose']
    objectId: string
    idempotencyKey: string
    requestHash: string
    amountMinor?: bigint
    currency?: string
  },
): Promise<MoneyCall> {
  await rows
    .insertInto('app.money_calls')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: newId(rows.clock),
      connection_id: call.connectionId,
      purpose: call.purpose,
      object_id: call.objectId,
      amount_minor: call.amountMinor?.toString() ?? null,
      currency: call.currency ?? null,
      request_hash: call.requestHash,
      idempotency_key: call.idempotencyKey,
      state: 'created',
      created_at: rows.clock.now(),
    })
    .onConflict((conflict) => conflict.constraint('money_calls_key_once').doNothing())
    .execute()
  return (await findMoneyCall(rows, call.idempotencyKey))!
}

export async function findMoneyCall(rows: ScopedHandle, idempotencyKey: string): Promise<MoneyCall | undefined> {
  const row = await rows
    .selectFrom('app.money_calls')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      connectionId: row.connection_id,
      purpose: row.purpose,
      objectId: row.object_id,
      idempotencyKey: row.idempotency_key,
      state: row.state,
      createdAt: row.created_at,
      sentAt: row.sent_at ?? undefined,
    }
  )
}

export async function updateMoneyCall(
  rows: ScopedHandle,
  idempotencyKey: string,
  change: { state: MoneyCall['state']; provider_id?: string; stripe_request_id?: string; failure?: string },
): Promise<void> {
  const isEnded = change.state === 'succeeded' || change.state === 'failed'
  const moment = {
    // Stripe counts the life of a key from its first use.
    ...(change.state === 'sent' && { sent_at: sql`coalesce(sent_at, ${rows.clock.now()})` }),
    ...(isEnded && { finished_at: rows.clock.now() }),
  }
  await rows
    .updateTable('app.money_calls')
    .set({ ...change, ...moment })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('idempotency_key', '=', idempotencyKey)
    .execute()
}
