/** All SQL of refunds. */
import { sql } from 'kysely'
import type { StripeRefundId } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { FundsSeen, Refund, WhenShort } from './refund.ts'
import type { RefundState } from './refund-state.ts'

const refunds = (rows: ScopedHandle) =>
  rows
    .selectFrom('app.refunds')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)

export async function insertRefund(
  rows: ScopedHandle,
  refund: Pick<
    Refund,
    'id' | 'paymentId' | 'state' | 'amountMinor' | 'currency' | 'source' | 'reason' | 'requestedBy'
  > & { requestKey?: string; stripeRefundId?: StripeRefundId; whenShort?: WhenShort },
): Promise<void> {
  const now = rows.clock.now()
  const { source } = refund
  await rows
    .insertInto('app.refunds')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: refund.id,
      payment_id: refund.paymentId,
      unapplied_minor: source.unappliedMinor.toString(),
      credit_note_id: source.creditNoteId ?? null,
      credit_minor: source.creditMinor.toString(),
      deposit_id: source.depositId ?? null,
      deposit_minor: source.depositMinor.toString(),
      suspense_minor: source.suspenseMinor.toString(),
      state: refund.state,
      amount_minor: refund.amountMinor.toString(),
      currency: refund.currency,
      reason: refund.reason,
      when_short: refund.whenShort ?? 'wait',
      stripe_refund_id: refund.stripeRefundId ?? null,
      request_key: refund.requestKey ?? null,
      requested_by: refund.requestedBy,
      created_at: now,
      updated_at: now,
    })
    .execute()
}

export async function findRefund(rows: ScopedHandle, id: string): Promise<Refund | undefined> {
  const row = await refunds(rows).where('id', '=', id).executeTakeFirst()
  return row && toRefund(row)
}

export async function lockRefund(rows: ScopedHandle, id: string): Promise<Refund | undefined> {
  const row = await refunds(rows).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toRefund(row)
}

export async function findRefundByStripeId(rows: ScopedHandle, stripeRefundId: string): Promise<Refund | undefined> {
  const row = await refunds(rows).where('stripe_refund_id', '=', stripeRefundId).executeTakeFirst()
  return row && toRefund(row)
}

export async function findRefundByRequestKey(rows: ScopedHandle, requestKey: string): Promise<Refund | undefined> {
  const row = await refunds(rows).where('request_key', '=', requestKey).executeTakeFirst()
  return row && toRefund(row)
}

export async function listRefundsOfPayments(
  rows: ScopedHandle,
  paymentIds: readonly string[],
): Promise<readonly Refund[]> {
  if (paymentIds.length === 0) return []
  return (
    await refunds(rows)
      .where('payment_id', 'in', [...paymentIds])
      .orderBy('id', 'desc')
      .execute()
  ).map(toRefund)
}

export type RefundPage = {
  readonly state?: RefundState | undefined
  /** Id of the last one of the page before; ids are given in the order of time. */
  readonly after?: string | undefined
  readonly limit: number
}

/** The newest first. */
export async function listRefunds(rows: ScopedHandle, { state, after, limit }: RefundPage): Promise<readonly Refund[]> {
  const found = await refunds(rows)
    .$if(state !== undefined, (query) => query.where('state', '=', state))
    .$if(after !== undefined, (query) => query.where('id', '<', after))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return found.map(toRefund)
}

/** The key under which a refund that failed is requested once more, so that there is one at most. */
export const retryKey = (refundId: string) => `retry:${refundId}`

/** Of these refunds, the ids of those that were requested once more. */
export async function listRetried(rows: ScopedHandle, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const found = await refunds(rows).where('request_key', 'in', ids.map(retryKey)).execute()
  return new Set(found.map((row) => String(row['request_key']).slice(retryKey('').length)))
}

/** What is promised back or already back, per payment, in minor units: everything that has not failed or been cancelled. */
export async function refundedMinor(rows: ScopedHandle, paymentId: string): Promise<bigint> {
  const row = await rows
    .selectFrom('app.refunds')
    .select(sql<string>`coalesce(sum(amount_minor), 0)`.as('total'))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('payment_id', '=', paymentId)
    .where('state', 'not in', ['failed', 'canceled'])
    .executeTakeFirstOrThrow()
  return BigInt(row.total)
}

export async function listUnfinishedRefunds(rows: ScopedHandle): Promise<readonly Refund[]> {
  const found = await refunds(rows)
    .where('state', 'not in', ['succeeded', 'failed', 'canceled'])
    .orderBy('id')
    .limit(1000)
    .execute()
  return found.map(toRefund)
}

/** Those that wait for funds, here or at Stripe, oldest first (STR-109). */
export async function listRefundsShortOfFunds(rows: ScopedHandle): Promise<readonly Refund[]> {
  const found = await refunds(rows)
    .where((where) =>
      where.or([
        where('state', '=', 'waiting_funds'),
        where.and([where('state', '=', 'pending'), where('pending_reason', '=', 'insufficient_funds')]),
      ]),
    )
    .orderBy('id')
    .limit(200)
    .execute()
  return found.map(toRefund)
}

/** Whoever decides by the balance of a connection is alone with it until the transaction ends. */
export async function lockFunds(rows: ScopedHandle, connectionId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(7236026, hashtext(${connectionId}))`.execute(rows)
}

/** Other refunds of the connection that take their money first: those on their way, and those that wait and are older. */
export async function sumAhead(
  rows: ScopedHandle,
  { refund, connectionId, isWaiting }: { refund: Refund; connectionId: string; isWaiting: boolean },
): Promise<bigint> {
  const row = await rows
    .selectFrom('app.refunds as other')
    .innerJoin('app.payments as payment', (join) =>
      join
        .onRef('payment.operator_id', '=', 'other.operator_id')
        .onRef('payment.mode', '=', 'other.mode')
        .onRef('payment.id', '=', 'other.payment_id'),
    )
    .select(sql<string>`coalesce(sum(other.amount_minor), 0)`.as('total'))
    .where('other.operator_id', '=', rows.scope.operatorId)
    .where('other.mode', '=', rows.scope.mode)
    .where('other.state', 'not in', ['succeeded', 'failed', 'canceled'])
    .where('payment.connection_id', '=', connectionId)
    .where('other.currency', '=', refund.currency)
    .where('other.id', '<>', refund.id)
    .where((where) =>
      where.or([
        where('other.state', 'in', ['submitting', 'unknown']),
        ...(isWaiting
          ? [where.and([where('other.state', '=', 'waiting_funds'), where('other.id', '<', refund.id)])]
          : []),
      ]),
    )
    .executeTakeFirstOrThrow()
  return BigInt(row.total)
}

/** It waits from now on, or still does, with what the balance was. */
export async function writeWaiting(
  rows: ScopedHandle,
  id: string,
  { seenAt, availableMinor, aheadMinor, expectedAt }: FundsSeen,
): Promise<void> {
  await rows
    .updateTable('app.refunds')
    .set((expression) => ({
      state: 'waiting_funds',
      when_short: 'wait',
      funds_seen_at: seenAt,
      funds_available_minor: availableMinor?.toString() ?? null,
      funds_ahead_minor: aheadMinor.toString(),
      funds_expected_at: expectedAt ?? null,
      updated_at: seenAt,
      version: expression('version', '+', 1),
    }))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

export async function updateRefund(
  rows: ScopedHandle,
  id: string,
  change: Partial<{
    state: RefundState
    attempt: number
    when_short: WhenShort
    stripe_refund_id: StripeRefundId
    failure_reason: string | null
    pending_reason: string | null
    balance_transaction_id: string
    polls: number
  }>,
): Promise<void> {
  await rows
    .updateTable('app.refunds')
    .set((expression) => ({ ...change, updated_at: rows.clock.now(), version: expression('version', '+', 1) }))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

function toRefund(row: Record<string, any>): Refund {
  return {
    id: row['id'],
    paymentId: row['payment_id'],
    state: row['state'],
    amountMinor: BigInt(row['amount_minor']),
    currency: row['currency'],
    source: {
      unappliedMinor: BigInt(row['unapplied_minor']),
      creditNoteId: row['credit_note_id'] ?? undefined,
      creditMinor: BigInt(row['credit_minor']),
      depositId: row['deposit_id'] ?? undefined,
      depositMinor: BigInt(row['deposit_minor']),
      suspenseMinor: BigInt(row['suspense_minor']),
    },
    reason: row['reason'],
    attempt: row['attempt'],
    whenShort: row['when_short'],
    funds: row['funds_seen_at'] ? toFunds(row) : undefined,
    stripeRefundId: row['stripe_refund_id'] ?? undefined,
    failureReason: row['failure_reason'] ?? undefined,
    pendingReason: row['pending_reason'] ?? undefined,
    balanceTransactionId: row['balance_transaction_id'] ?? undefined,
    polls: row['polls'],
    requestedBy: row['requested_by'],
    createdAt: row['created_at'],
    updatedAt: row['updated_at'],
  }
}

function toFunds(row: Record<string, any>): FundsSeen {
  return {
    seenAt: row['funds_seen_at'],
    availableMinor: row['funds_available_minor'] === null ? undefined : BigInt(row['funds_available_minor']),
    aheadMinor: BigInt(row['funds_ahead_minor']),
    expectedAt: row['funds_expected_at'] ?? undefined,
  }
}
