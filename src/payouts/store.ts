/** All SQL of payouts: the payouts themselves, when Stripe was asked about them last, and what was asked of Stripe. */
import { toColumns, toFields, type LocalDate, type Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { Payout } from './payout.ts'
import type { ScheduleChoice } from './payout-schedule.ts'
import type { PayoutState } from './payout-state.ts'

const own = (rows: ScopedHandle) => ({ operator_id: rows.scope.operatorId, mode: rows.scope.mode })

function payouts(rows: ScopedHandle) {
  return rows
    .selectFrom('app.payouts')
    .selectAll()
    .where((where) => where.and(own(rows)))
}

const toPayout = (row: Record<string, unknown>): Payout => toFields<Payout>(row)

export type NewPayoutRow = Omit<Payout, 'seenAt' | 'retryProblem' | 'id'>

/** @returns its id when it was not known before. */
export async function insertPayout(rows: ScopedHandle, payout: NewPayoutRow): Promise<Uuid | undefined> {
  const id = newId(rows.clock)
  const inserted = await rows
    .insertInto('app.payouts')
    .values({ ...own(rows), ...toColumns({ ...payout, id, seenAt: rows.clock.now() }) })
    .onConflict((conflict) => conflict.constraint('payouts_once').doNothing())
    .returning('id')
    .execute()
  return inserted[0]?.['id']
}

export async function findPayout(rows: ScopedHandle, id: Uuid): Promise<Payout | undefined> {
  const row = await payouts(rows).where('id', '=', id).executeTakeFirst()
  return row && toPayout(row)
}

/** Held until the end of the transaction. */
export async function lockPayout(rows: ScopedHandle, id: Uuid): Promise<Payout | undefined> {
  const row = await payouts(rows).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toPayout(row)
}

export async function lockPayoutByStripeId(
  rows: ScopedHandle,
  { connectionId, stripePayoutId }: Pick<Payout, 'connectionId' | 'stripePayoutId'>,
): Promise<Payout> {
  const found = await payouts(rows)
    .where('connection_id', '=', connectionId)
    .where('stripe_payout_id', '=', stripePayoutId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return toPayout(found)
}

type Clearable<Value> = { readonly [Name in keyof Value]?: Value[Name] | null }

export async function updatePayout(
  rows: ScopedHandle,
  id: Uuid,
  change: Clearable<Omit<Payout, 'id' | 'connectionId' | 'stripePayoutId'>>,
): Promise<void> {
  await rows
    .updateTable('app.payouts')
    .set(toColumns(change))
    .where((where) => where.and({ ...own(rows), id }))
    .execute()
}

export type PayoutPage = {
  readonly state?: PayoutState | undefined
  readonly currency?: string | undefined
  /** The last one of the page before. */
  readonly after?: { readonly arrivalOn: LocalDate; readonly id: Uuid } | undefined
  readonly limit: number
}

/** The latest arrival first. */
export async function listPayouts(rows: ScopedHandle, page: PayoutPage): Promise<readonly Payout[]> {
  const { state, currency, after, limit } = page
  const found = await payouts(rows)
    .$if(state !== undefined, (query) => query.where('state', '=', state))
    .$if(currency !== undefined, (query) => query.where('currency', '=', currency))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(arrival_on, id) < (${after?.arrivalOn}::date, ${after?.id}::uuid)`),
    )
    .orderBy('arrival_on', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return found.map(toPayout)
}

/** The currencies anything was ever paid out in. */
export async function listPayoutCurrencies(rows: ScopedHandle): Promise<readonly string[]> {
  const found = await rows
    .selectFrom('app.payouts')
    .select('currency')
    .distinct()
    .where((where) => where.and(own(rows)))
    .orderBy('currency')
    .execute()
  return found.map((row) => row['currency'])
}

/** Failed and seen to by nobody yet, the latest failure first. @param connectionId of one connection only. */
export async function listTroubledPayouts(rows: ScopedHandle, connectionId?: Uuid): Promise<readonly Payout[]> {
  const found = await payouts(rows)
    .where('state', '=', 'failed')
    .where('cleared_at', 'is', null)
    .$if(connectionId !== undefined, (query) => query.where('connection_id', '=', connectionId))
    .orderBy('failed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(100)
    .execute()
  return found.map(toPayout)
}

/** Of a chain of retries, the payouts that carry the money again, the latest first. @param rootId the one that failed first. */
export async function listRetries(rows: ScopedHandle, rootId: Uuid): Promise<readonly Payout[]> {
  return (await payouts(rows).where('retry_of', '=', rootId).orderBy('created_at', 'desc').execute()).map(toPayout)
}

/** Why the last retry was refused, or how many there were, on whatever of the chain still is a trouble. */
export async function updateChain(
  rows: ScopedHandle,
  rootId: Uuid,
  change: Pick<Partial<Payout>, 'retries' | 'retryProblem'>,
): Promise<void> {
  await rows
    .updateTable('app.payouts')
    .set(toColumns(change))
    .where((where) => where.and(own(rows)))
    .where((where) => where.or([where('id', '=', rootId), where('retry_of', '=', rootId)]))
    .execute()
}

/** Whether anything of the connection may still move, so that it is worth asking about soon. */
export async function listMovingPayouts(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Payout[]> {
  const found = await payouts(rows)
    .where('connection_id', '=', connectionId)
    .where('state', 'in', ['pending', 'in_transit', 'other'])
    .orderBy('id')
    .limit(100)
    .execute()
  return found.map(toPayout)
}

/** The first payout of the same kind that was made after this one failed and is under way or arrived. */
export async function findSuccessor(rows: ScopedHandle, failed: Payout): Promise<Payout | undefined> {
  const row = await payouts(rows)
    .where('connection_id', '=', failed.connectionId)
    .where('currency', '=', failed.currency)
    .where(sql<boolean>`sign(amount_minor) = ${failed.amountMinor < 0n ? -1 : 1}`)
    .where('state', 'in', ['in_transit', 'paid'])
    .where((where) =>
      where.or([
        where('created_at', '>', failed.failedAt ?? failed.createdAt),
        where('retry_of', '=', failed.retryOf ?? failed.id),
      ]),
    )
    .where('id', '<>', failed.id)
    .where('created_at', '>=', failed.createdAt)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row && toPayout(row)
}

export type PayoutLook = {
  readonly connectionId: Uuid
  readonly lookedAt: Date
  readonly nextAt: Date
  /** The schedule Stripe had; empty where it was not asked. */
  readonly scheduleInterval: string
  /** Why payouts cannot be read; empty when they can. */
  readonly problem: string
}

export async function findLook(rows: ScopedHandle, connectionId: Uuid): Promise<PayoutLook | undefined> {
  const row = await rows
    .selectFrom('app.payout_looks')
    .selectAll()
    .where((where) => where.and({ ...own(rows), connection_id: connectionId }))
    .executeTakeFirst()
  return row && toFields<PayoutLook>(row)
}

/** What is left out stays as it was. */
export async function writeLook(
  rows: ScopedHandle,
  connectionId: Uuid,
  look: Partial<Omit<PayoutLook, 'connectionId'>> & Pick<PayoutLook, 'nextAt'>,
): Promise<void> {
  const set = toColumns(look)
  await rows
    .insertInto('app.payout_looks')
    .values({ ...own(rows), connection_id: connectionId, looked_at: rows.clock.now(), ...set })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'connection_id']).doUpdateSet(set))
    .execute()
}

export type DueWork = { readonly name: 'payouts.look' | 'payouts.follow-up' | 'payouts.retry'; readonly id: Uuid }

/** What should have happened by now: connections to look at, failed payouts to see to, retries without an end. One question for all. */
export async function listDueWork(rows: ScopedHandle): Promise<readonly DueWork[]> {
  const { operatorId, mode } = rows.scope
  const now = rows.clock.now()
  const { rows: found } = await sql<DueWork>`
    select 'payouts.look' as name, connection.id from app.connections connection
      left join app.payout_looks look on look.operator_id = connection.operator_id and look.mode = connection.mode
        and look.connection_id = connection.id
      where connection.operator_id = ${operatorId} and connection.mode = ${mode} and connection.state in ('connected', 'disconnecting')
        and (connection.secret_key_sealed is not null or connection.stripe_account_id is not null)
        and (look.next_at is null or look.next_at <= ${now})
    union all select 'payouts.follow-up', id from app.payouts
      where operator_id = ${operatorId} and mode = ${mode} and state = 'failed' and cleared_at is null and check_at <= ${now}
    union all select 'payouts.retry', object_id from app.money_calls
      where operator_id = ${operatorId} and mode = ${mode} and purpose = 'payout.create' and state in ('created', 'sent', 'unknown')`.execute(
    rows,
  )
  return found
}

export type ScheduleChange = { readonly id: string; readonly number: number }

/** Writes the next change of a connection before Stripe is asked; its number is part of the key. */
export async function insertScheduleChange(
  rows: ScopedHandle,
  change: { readonly connectionId: Uuid; readonly wish: ScheduleChoice; readonly requestedBy: string },
): Promise<ScheduleChange> {
  const id = newId(rows.clock)
  const { operatorId, mode } = rows.scope
  const { rows: found } = await sql<{ number: number }>`
    insert into app.payout_schedule_changes (operator_id, mode, id, connection_id, number, wish, state, requested_by, created_at)
    select ${operatorId}, ${mode}, ${id}, ${change.connectionId}::uuid, coalesce(max(number), 0) + 1, ${JSON.stringify(change.wish)}::jsonb, 'created',
      ${change.requestedBy}, ${rows.clock.now()}
    from app.payout_schedule_changes
    where operator_id = ${operatorId} and mode = ${mode} and connection_id = ${change.connectionId}::uuid
    returning number`.execute(rows)
  return { id, number: found[0]?.number ?? 1 }
}

export async function updateScheduleChange(
  rows: ScopedHandle,
  id: string,
  change: { readonly state: 'sent' | 'succeeded' | 'failed' | 'unknown'; readonly failure?: string },
): Promise<void> {
  await rows
    .updateTable('app.payout_schedule_changes')
    .set({ ...change, ...(change.state !== 'sent' && { finished_at: rows.clock.now() }) })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}
