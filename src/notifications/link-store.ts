/** All SQL of links: the row under its operator, and the global route that finds the operator from the hash (TRU-55). */
import type { Scope } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { Transaction } from 'kysely'

/** What the object of a link is: an invoice, or the renter who saves a method. */
export type LinkPurpose = 'pay' | 'method'

export async function insertLink(
  rows: ScopedHandle,
  link: { id: string; purpose: LinkPurpose; objectId: string; hash: string; expiresAt: Date },
): Promise<void> {
  const { operatorId, mode } = rows.scope
  const now = rows.clock.now()
  await rows
    .insertInto('app.links')
    .values({
      operator_id: operatorId,
      mode,
      id: link.id,
      purpose: link.purpose,
      object_id: link.objectId,
      token_hash: link.hash,
      expires_at: link.expiresAt,
      created_at: now,
    })
    .execute()
  await rows
    .insertInto('app.routing_keys')
    .values({ kind: 'link', mode, key_hash: link.hash, operator_id: operatorId, target_id: link.id, created_at: now })
    .execute()
}

/** The global route that finds the operator from the hash, before any scope exists (TRU-55). */
export async function findLinkRoute(
  rows: Transaction<any>,
  hash: string,
): Promise<{ scope: Scope; linkId: string } | undefined> {
  const row = await rows
    .selectFrom('app.routing_keys')
    .select(['operator_id', 'mode', 'target_id'])
    .where('kind', '=', 'link')
    .where('key_hash', '=', hash)
    .executeTakeFirst()
  return row && { scope: { operatorId: row.operator_id, mode: row.mode }, linkId: row.target_id }
}

export async function findLink(
  rows: ScopedHandle,
  id: string,
  purpose: LinkPurpose,
): Promise<{ objectId: string; expiresAt: Date } | undefined> {
  const row = await rows
    .selectFrom('app.links')
    .select(['object_id', 'expires_at'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  return row && { objectId: row.object_id, expiresAt: row.expires_at }
}
