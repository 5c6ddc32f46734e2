/**
 * A fact is a past-tense row written in the transaction of the change, carrying ids and never copies (ARC-3, ARC-40). Each registered
 * reader gets one job in the same transaction, so there is no fact without its job and no job without its fact.
 */
import type { ScopedHandle } from './database.ts'
import { newId } from './random.ts'

/** The closed list of what can have happened (ARC-42). */
export const factNames = [
  'connection.verified',
  'connection.revived',
  'connection.broken',
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
  'method.unusable',
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
  'refund.succeeded',
  'refund.failed',
  'refund.pending',
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

export async function recordFact(
  rows: ScopedHandle,
  fact: { readonly name: FactName; readonly ids: Readonly<Record<string, string>>; readonly actor?: string },
): Promise<string> {
  const id = newId(rows.clock)
  await rows
    .insertInto('app.facts')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id,
      name: fact.name,
      ids: JSON.stringify(fact.ids),
      actor: fact.actor ?? 'system',
      recorded_at: rows.clock.now(),
    })
    .execute()
  for (const reader of rows.readersOf(fact.name)) await rows.enqueue({ name: reader, id })
  return id
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
