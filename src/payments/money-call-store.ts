/** All SQL of the intent rows that stand before every call that could move money (TRU-130), and of the attempts they are calls of. */
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { MoneyCall } from './payment.ts'

/** A call before it is made. */
export type MoneyCallPlan = {
  readonly connectionId: string
  readonly purpose: MoneyCall['purpose']
  readonly objectId: string
  readonly idempotencyKey: string
  readonly requestHash: string
  readonly amountMinor?: bigint
  readonly currency?: string
}

/** Writes the intent of a call, or finds the one written before under the same key. */
export async function planMoneyCall(rows: ScopedHandle, call: MoneyCallPlan): Promise<MoneyCall> {
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
      amountMinor: row.amount_minor === null ? undefined : BigInt(row.amount_minor),
      idempotencyKey: row.idempotency_key,
      state: row.state,
      createdAt: row.created_at,
      sentAt: row.sent_at ?? undefined,
      finishedAt: row.finished_at ?? undefined,
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

export type CallEnd = { readonly key: string; readonly providerId: string }

/** Calls that turn out to have succeeded, whoever told. */
export async function endMoneyCalls(rows: ScopedHandle, ended: readonly CallEnd[]): Promise<void> {
  if (ended.length === 0) return
  const { operatorId, mode } = rows.scope
  await sql`
    update app.money_calls call set state = 'succeeded', provider_id = ended."providerId", finished_at = ${rows.clock.now()}
    from jsonb_to_recordset(${JSON.stringify(ended)}::jsonb) as ended (key text, "providerId" text)
    where call.operator_id = ${operatorId} and call.mode = ${mode} and call.idempotency_key = ended.key`.execute(rows)
}

export type NewAttempt = {
  readonly paymentId: string
  readonly attempt: number
  readonly methodLabel: string
  readonly outcome: string
  readonly requestKey?: string
  readonly failureCode?: string | undefined
  readonly declineCode?: string | undefined
  readonly adviceCode?: string | undefined
}

/** Writes attempts, or what became of those that are written. */
export async function recordAttempts(rows: ScopedHandle, attempts: readonly NewAttempt[]): Promise<void> {
  if (attempts.length === 0) return
  const { operatorId, mode } = rows.scope
  await sql`
    insert into app.payment_attempts (operator_id, mode, payment_id, attempt, method_label, request_key, at, outcome, failure_code,
      decline_code, advice_code)
    select ${operatorId}::uuid, ${mode}::text, "paymentId", attempt, "methodLabel", "requestKey", ${rows.clock.now()}::timestamptz, outcome,
      "failureCode", "declineCode", "adviceCode"
    from jsonb_to_recordset(${JSON.stringify(attempts)}::jsonb) as made ("paymentId" uuid, attempt integer, "methodLabel" text,
      "requestKey" text, outcome text, "failureCode" text, "declineCode" text, "adviceCode" text)
    on conflict (operator_id, mode, payment_id, attempt) do update set outcome = excluded.outcome,
      failure_code = excluded.failure_code, decline_code = excluded.decline_code, advice_code = excluded.advice_code`.execute(
    rows,
  )
}

export type Attempt = {
  readonly paymentId: string
  readonly attempt: number
  readonly methodLabel: string
  readonly outcome: string
  readonly failureCode: string | undefined
  readonly declineCode: string | undefined
  readonly at: Date
}

export async function listAttempts(rows: ScopedHandle, paymentIds: readonly string[]): Promise<readonly Attempt[]> {
  if (paymentIds.length === 0) return []
  const found = await rows
    .selectFrom('app.payment_attempts')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('payment_id', 'in', [...paymentIds])
    .orderBy('at')
    .execute()
  return found.map((row) => ({
    paymentId: row.payment_id,
    attempt: row.attempt,
    methodLabel: row.method_label,
    outcome: row.outcome,
    failureCode: row.failure_code ?? undefined,
    declineCode: row.decline_code ?? undefined,
    at: row.at,
  }))
}
