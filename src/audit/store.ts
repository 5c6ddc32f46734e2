/** All SQL of the audit log. Entries are read and added, never changed: the role has no right to (TRU-56). */
import type { Mode } from '#kernel'
import type { GlobalHandle, ScopedHandle } from '#platform'
import { sql } from 'kysely'
import { chainStart, type AuditEntry } from './entry.ts'

export type Head = { readonly seq: bigint; readonly hash: string }

type Row = {
  readonly seq: string | bigint
  readonly at: Date
  readonly scope_mode: Mode
  readonly actor_kind: AuditEntry['actor']['kind']
  readonly actor_id: string
  readonly actor_name: string
  readonly session_id: string
  readonly ip_prefix: string
  readonly action: string
  readonly object_kind: string
  readonly object_id: string
  readonly values_before: string
  readonly values_after: string
  readonly request_id: string
  readonly prev_hash: string
  readonly hash: string
}

/** The end of the operator's chain, held until the end of the transaction. */
export async function lockHead(rows: ScopedHandle): Promise<Head> {
  const { operatorId } = rows.scope
  const found = await sql<{ seq: string; hash: string }>`
    insert into app.audit_heads as head (operator_id, seq, hash, changed_at) values (${operatorId}, 0, ${chainStart}, ${rows.clock.now()})
    on conflict (operator_id) do update set seq = head.seq returning seq, hash`.execute(rows)
  const { seq, hash } = found.rows[0]!
  return { seq: BigInt(seq), hash }
}

export async function updateHead(rows: ScopedHandle, { seq, hash }: Head): Promise<void> {
  await rows
    .updateTable('app.audit_heads')
    .set({ seq: String(seq), hash, changed_at: rows.clock.now() })
    .where('operator_id', '=', rows.scope.operatorId)
    .execute()
}

export async function findHead(rows: ScopedHandle): Promise<Head | undefined> {
  const head = await rows
    .selectFrom('app.audit_heads')
    .select(['seq', 'hash'])
    .where('operator_id', '=', rows.scope.operatorId)
    .executeTakeFirst()
  return head && { seq: BigInt(head['seq']), hash: head['hash'] }
}

/** The ends of these operators' chains, each read under its own scope by the database. */
export async function listHeads(
  rows: GlobalHandle,
  operatorIds: readonly string[],
): Promise<readonly (Head & { readonly operatorId: string })[]> {
  const found = await sql<{ operator_id: string; seq: string; hash: string }>`
    select operator_id, seq, hash from app.list_audit_heads(${operatorIds}::uuid[])`.execute(rows)
  return found.rows.map(({ operator_id: operatorId, seq, hash }) => ({ operatorId, seq: BigInt(seq), hash }))
}

export async function insertEntry(rows: ScopedHandle, entry: AuditEntry): Promise<void> {
  const { actor } = entry
  await rows
    .insertInto('app.audit_entries')
    .values({
      operator_id: rows.scope.operatorId,
      seq: String(entry.seq),
      at: entry.at,
      scope_mode: entry.mode,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      session_id: actor.sessionId,
      ip_prefix: actor.ipPrefix,
      action: entry.action,
      object_kind: entry.objectKind,
      object_id: entry.objectId,
      values_before: entry.before,
      values_after: entry.after,
      request_id: actor.requestId,
      prev_hash: entry.prevHash,
      hash: entry.hash,
    })
    .execute()
}

/** In the order of the chain. */
export async function listChain(rows: ScopedHandle, after: bigint, limit: number): Promise<readonly AuditEntry[]> {
  const own = rows.selectFrom('app.audit_entries').selectAll().where('operator_id', '=', rows.scope.operatorId)
  const found = await own.where('seq', '>', String(after)).orderBy('seq').limit(limit).execute()
  return (found as Row[]).map(toEntry)
}

export type AuditFilter = {
  /** Part of the name of who acted. */
  readonly actor?: string | undefined
  readonly kind?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/** Newest first. */
export async function listNewest(
  rows: ScopedHandle,
  {
    filter,
    before,
    limit,
  }: { readonly filter: AuditFilter; readonly before: bigint | undefined; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  let own = rows.selectFrom('app.audit_entries').selectAll().where('operator_id', '=', rows.scope.operatorId)
  const { actor, kind, from, to } = filter
  if (actor !== undefined) own = own.where(sql<boolean>`position(lower(${actor}) in lower(actor_name)) > 0`)
  if (kind !== undefined) own = own.where('object_kind', '=', kind)
  if (from !== undefined) own = own.where('at', '>=', from)
  if (to !== undefined) own = own.where('at', '<', to)
  if (before !== undefined) own = own.where('seq', '<', String(before))
  return ((await own.orderBy('seq', 'desc').limit(limit).execute()) as Row[]).map(toEntry)
}

export async function listKinds(rows: ScopedHandle): Promise<readonly string[]> {
  const own = rows.selectFrom('app.audit_entries').select('object_kind').distinct()
  const found = await own.where('operator_id', '=', rows.scope.operatorId).orderBy('object_kind').execute()
  return found.map((row) => row['object_kind'])
}

function toEntry(row: Row): AuditEntry {
  return {
    seq: BigInt(row.seq),
    at: row.at,
    mode: row.scope_mode,
    actor: {
      kind: row.actor_kind,
      id: row.actor_id,
      name: row.actor_name,
      sessionId: row.session_id,
      ipPrefix: row.ip_prefix,
      requestId: row.request_id,
    },
    action: row.action,
    objectKind: row.object_kind,
    objectId: row.object_id,
    before: row.values_before,
    after: row.values_after,
    prevHash: row.prev_hash,
    hash: row.hash,
  }
}
