/**
 * All SQL of the intent rows that stand before every call that could move money (TRU-130), of the attempts they are calls of, and of the
 * invoices for which no call was ever made although their day has come.
 */
import type { LocalDate } from '#kernel'
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
      applicationFeeMinor: row.application_fee_minor === null ? undefined : BigInt(row.application_fee_minor),
      returnsApplicationFee: row.returns_application_fee,
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
  change: {
    state: MoneyCall['state']
    provider_id?: string
    stripe_request_id?: string
    failure?: string
    application_fee_minor?: string
    returns_application_fee?: boolean
  },
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

export type UntriedInvoice = { readonly id: string; readonly chargeOn: LocalDate }

/**
 * Open invoices of renters on autopay whose charge date has come, for which nothing was ever confirmed at Stripe and nothing recorded by
 * hand, and whose renter's default method is saved at this connection; the earliest first. A payment that was withdrawn before it was
 * confirmed does not count as a try.
 */
export async function listUntriedInvoices(
  rows: ScopedHandle,
  about: {
    readonly connectionId: string
    readonly chargeFrom: LocalDate
    readonly chargeUntil: LocalDate
    readonly renterId?: string | undefined
    readonly invoiceId?: string | undefined
  },
): Promise<readonly UntriedInvoice[]> {
  const { operatorId, mode } = rows.scope
  const { connectionId, chargeFrom, chargeUntil, renterId = null, invoiceId = null } = about
  const found = await sql<UntriedInvoice>`
    select invoice.id, invoice.charge_on::text as "chargeOn" from app.invoices invoice
    join app.renters renter on renter.operator_id = invoice.operator_id and renter.mode = invoice.mode and renter.id = invoice.renter_id
    where invoice.operator_id = ${operatorId} and invoice.mode = ${mode} and invoice.status = 'open'
      and invoice.charge_on between ${chargeFrom}::date and ${chargeUntil}::date
      and (${renterId}::uuid is null or invoice.renter_id = ${renterId}::uuid)
      and (${invoiceId}::uuid is null or invoice.id = ${invoiceId}::uuid)
      and renter.autopay and renter.autopay_paused_reason is null
      and exists (select from app.saved_methods method where method.operator_id = invoice.operator_id and method.mode = invoice.mode
        and method.renter_id = invoice.renter_id and method.connection_id = ${connectionId}::uuid and method.is_default
        and method.unusable_reason is null)
      and not exists (select from app.payments payment where payment.operator_id = invoice.operator_id
        and payment.mode = invoice.mode and payment.invoice_id = invoice.id and not (payment.state = 'canceled'
          and not exists (select from app.money_calls call where call.operator_id = payment.operator_id and call.mode = payment.mode
            and call.idempotency_key = 'pi:' || payment.id || ':confirm:1' and call.sent_at is not null)))
    order by invoice.charge_on, invoice.id limit 5000`.execute(rows)
  return found.rows
}
