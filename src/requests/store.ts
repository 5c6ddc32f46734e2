/** The SQL of what was made for the key of a request. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'

export type KeptRequest = { readonly operation: string; readonly key: string; readonly wishHash: string }

/**
 * Takes the key for this transaction. Whoever sends the same meanwhile waits here until it ends.
 * @returns false when the key was taken before.
 */
export async function takeKey(rows: ScopedHandle, request: KeptRequest, keptUntil: Date): Promise<boolean> {
  const { operatorId, mode } = rows.scope
  const taken = await sql`
    insert into app.made_once (operator_id, mode, operation, key, wish_hash, kept_until)
    values (${operatorId}, ${mode}, ${request.operation}, ${request.key}, ${request.wishHash}, ${keptUntil})
    on conflict do nothing returning key`.execute(rows)
  return taken.rows.length > 0
}

export async function findMade(
  rows: ScopedHandle,
  { operation, key }: KeptRequest,
): Promise<{ readonly wishHash: string; readonly made: readonly Uuid[] } | undefined> {
  const { operatorId, mode } = rows.scope
  const found = await sql<{ wishHash: string; made: Uuid[] }>`
    select wish_hash as "wishHash", made from app.made_once
    where operator_id = ${operatorId} and mode = ${mode} and operation = ${operation} and key = ${key}`.execute(rows)
  return found.rows[0]
}

export async function noteMade(
  rows: ScopedHandle,
  { operation, key }: KeptRequest,
  made: readonly Uuid[],
): Promise<void> {
  const { operatorId, mode } = rows.scope
  await sql`
    update app.made_once set made = ${made}::uuid[]
    where operator_id = ${operatorId} and mode = ${mode} and operation = ${operation} and key = ${key}`.execute(rows)
}

/** Rows another request is deleting already are left to it. */
export async function forgetKeys(rows: ScopedHandle, now: Date): Promise<void> {
  const { operatorId, mode } = rows.scope
  await sql`
    delete from app.made_once where operator_id = ${operatorId} and mode = ${mode} and (operation, key) in (
      select operation, key from app.made_once where operator_id = ${operatorId} and mode = ${mode} and kept_until <= ${now}
      for update skip locked)`.execute(rows)
}
