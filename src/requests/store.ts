/** The SQL of what was made for the key of a request. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'

/** Of one thing, or of several made at once. */
export type MadeIds = readonly [Uuid, ...Uuid[]]

export type KeptRequest = { readonly operation: string; readonly key: string; readonly wishHash: string }

export async function findMade(
  rows: ScopedHandle,
  { operation, key }: KeptRequest,
): Promise<{ readonly wishHash: string; readonly made: MadeIds } | undefined> {
  const { operatorId, mode } = rows.scope
  const found = await sql<{ wishHash: string; made: MadeIds }>`
    select wish_hash as "wishHash", made from app.made_once
    where operator_id = ${operatorId} and mode = ${mode} and operation = ${operation} and key = ${key}`.execute(rows)
  return found.rows[0]
}

export async function insertMade(
  rows: ScopedHandle,
  { operation, key, wishHash }: KeptRequest,
  { made, keptUntil }: { readonly made: MadeIds; readonly keptUntil: Date },
): Promise<void> {
  const { operatorId, mode } = rows.scope
  await sql`
    insert into app.made_once (operator_id, mode, operation, key, wish_hash, made, kept_until)
    values (${operatorId}, ${mode}, ${operation}, ${key}, ${wishHash}, ${made}::uuid[], ${keptUntil})`.execute(rows)
}

/** Rows another request is deleting already are left to it. */
export async function forgetKeys(rows: ScopedHandle, now: Date): Promise<void> {
  const { operatorId, mode } = rows.scope
  await sql`
    delete from app.made_once where operator_id = ${operatorId} and mode = ${mode} and (operation, key) in (
      select operation, key from app.made_once where operator_id = ${operatorId} and mode = ${mode} and kept_until <= ${now}
      for update skip locked)`.execute(rows)
}
