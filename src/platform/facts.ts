/**
 * A fact is a past-tense row written in the transaction of the change, carrying ids and never copies (ARC-3, ARC-40). Each registered
 * reader gets one job in the same transaction, so there is no fact without its job and no job without its fact.
 */
import { sql } from 'kysely'
import type { ScopedHandle } from './database.ts'
import { newId } from './random.ts'

/** The closed list of what can have happened (ARC-42). */
export const factNames = [
  'connection.verified',
  'connection.revived',
  'connection.broken',
  'connection.disconnecting',
  'connection.disconnected',
  'connection.account_changed',
  'connection.charging_changed',
  'webhook.first_verified',
  'webhook.unhealthy',
  'webhook.recovered',
  'webhook.rotation_started',
  'webhook.rotated',
  'webhook.rotation_cancelled',
  'renter.created',
  'method.saved',
  'method.wanted',
  'method.unusable',
  'method.revived',
  'autopay.paused',
  'setup.failed',
  'agreement.accepted',
  'lease.reserved',
  'lease.started',
  'lease.cancelled',
  'lease.abandoned',
  'invoice.finalised',
  'invoice.paid',
  'invoice.reopened',
  'invoice.voided',
  'payment.requested',
  'payment.action_required',
  'payment.processing',
  'payment.failed',
  'payment.settled',
  'payment.recorded',
  'payment.canceled',
  'payment.flagged',
  'refund.requested',
  'refund.waiting',
  'refund.canceled',
  'refund.succeeded',
  'refund.failed',
  'refund.pending',
  'payout.created',
  'payout.paid',
  'payout.failed',
  'payout.canceled',
  'payout.retry_requested',
  'payout.cleared',
  'credit_note.finalised',
  'stripe_invoice.payment_failed',
  'stripe_invoice.voided',
  'stripe_invoice.uncollectible',
] as const

export type FactName = (typeof factNames)[number]

export type Fact = {
  readonly id: string
  readonly name: FactName
  /** Ids by noun: `{ invoice: uuid, payment: uuid }`. */
  readonly ids: Readonly<Record<string, string>>
  readonly actor: string
  readonly recordedAt: Date
}

/** A fact before it is written. */
export type NewFact = {
  readonly name: FactName
  readonly ids: Readonly<Record<string, string>>
  readonly actor?: string
}

/** @returns its id. */
export async function recordFact(rows: ScopedHandle, fact: NewFact): Promise<string> {
  return (await recordFacts(rows, [fact]))[0]!
}

/** Several at once, told in this order (PERF-53). @returns their ids. */
export async function recordFacts(rows: ScopedHandle, facts: readonly NewFact[]): Promise<readonly string[]> {
  if (facts.length === 0) return []
  const { operatorId, mode } = rows.scope
  const told = facts.map(({ name, ids, actor = 'system' }) => ({ id: newId(rows.clock), name, ids, actor }))
  await sql`
    insert into app.facts (operator_id, mode, id, name, ids, actor, recorded_at)
    select ${operatorId}::uuid, ${mode}::text, told.id, told.name, told.ids, told.actor, ${rows.clock.now()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as told (id uuid, name text, ids jsonb, actor text)`.execute(
    rows,
  )
  const jobs = told.flatMap(({ id, name }) => rows.readersOf(name).map((reader) => ({ name: reader, id })))
  if (jobs.length > 0) await rows.enqueue(...jobs)
  return told.map(({ id }) => id)
}

export async function getFact(rows: ScopedHandle, id: string): Promise<Fact> {
  const row = await rows
    .selectFrom('app.facts')
    .select(['id', 'name', 'ids', 'actor', 'recorded_at'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return toFact(row)
}

/** The facts about one thing, oldest first: the timeline of an invoice (UI-167). */
export async function listFacts(rows: ScopedHandle, about: Readonly<Record<string, string>>): Promise<readonly Fact[]> {
  const found = await rows
    .selectFrom('app.facts')
    .select(['id', 'name', 'ids', 'actor', 'recorded_at'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('ids', '@>', JSON.stringify(about))
    .orderBy('id')
    .execute()
  return found.map(toFact)
}

/** The first facts recorded at or after an instant, oldest first; what an open page is told about. */
export async function listFactsSince(rows: ScopedHandle, since: Date, limit: number): Promise<readonly Fact[]> {
  const hex = since.getTime().toString(16).padStart(12, '0')
  const found = await rows
    .selectFrom('app.facts')
    .select(['id', 'name', 'ids', 'actor', 'recorded_at'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '>=', `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`)
    .orderBy('id')
    .limit(limit)
    .execute()
  return found.map(toFact)
}

function toFact(row: { id: string; name: string; ids: unknown; actor: string; recorded_at: Date }): Fact {
  return {
    id: row.id,
    name: row.name as FactName,
    ids: row.ids as Record<string, string>,
    actor: row.actor,
    recordedAt: row.recorded_at,
  }
}
