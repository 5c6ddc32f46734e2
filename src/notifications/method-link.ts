/** The link by which a renter saves a payment method without signing in: kept as a hash, bound to one renter, good for 30 days. */
import type { Scope } from '#kernel'
import { inScope, newId, newToken, tokenHash, withoutScope, type Database, type ScopedHandle } from '#platform'
import { findLink, findLinkRoute, insertLink } from './link-store.ts'

const lifeMs = 30 * 86_400_000

/** @returns the path of a fresh link; earlier ones go on working until they end. */
export async function mintMethodLink(rows: ScopedHandle, renterId: string): Promise<string> {
  const token = newToken()
  const expiresAt = new Date(rows.clock.now().getTime() + lifeMs)
  const hash = tokenHash(token)
  await insertLink(rows, { id: newId(rows.clock), purpose: 'method', objectId: renterId, hash, expiresAt })
  return `/pay/method/${token}`
}

/** Whose renter the link is of, or undefined when it is wrong or ended: both look alike. */
export async function findMethodLink(
  database: Database,
  token: string,
): Promise<{ scope: Scope; renterId: string } | undefined> {
  const route = await withoutScope(database, (rows) => findLinkRoute(rows, tokenHash(token)))
  if (!route) return undefined
  const link = await inScope(database, route.scope, (rows) => findLink(rows, route.linkId, 'method'))
  return link && link.expiresAt > database.clock.now() ? { scope: route.scope, renterId: link.objectId } : undefined
}
