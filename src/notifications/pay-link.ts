/**
 * The link a renter opens without signing in (TRU-100 to TRU-102): 32 random bytes, kept as a hash, bound to one invoice. It shows that
 * invoice and nothing else, and lives until 90 days after the due date.
 */
import { addDays, type Scope } from '#kernel'
import { findInvoice } from '#billing'
import { inScope, newId, newToken, tokenHash, withoutScope, type Database, type ScopedHandle } from '#platform'
import { findLink, findLinkRoute, insertLink } from './link-store.ts'

/** @returns the path of a fresh link; earlier ones go on working until they end. */
export async function mintPayLink(rows: ScopedHandle, invoiceId: string): Promise<string> {
  const invoice = await findInvoice(rows, invoiceId)
  if (!invoice) throw new Error(`no invoice ${invoiceId} to link to`)
  const token = newToken()
  await insertLink(rows, {
    id: newId(rows.clock),
    purpose: 'pay',
    objectId: invoiceId,
    hash: tokenHash(token),
    expiresAt: new Date(`${addDays(invoice.dueOn, 91)}T00:00:00Z`),
  })
  return `/pay/${token}`
}

/** Whose invoice the link opens, or undefined when it is wrong, ended or withdrawn: all three look alike. */
export async function findPayLink(
  database: Database,
  token: string,
): Promise<{ scope: Scope; invoiceId: string } | undefined> {
  const route = await withoutScope(database, (rows) => findLinkRoute(rows, tokenHash(token)))
  if (!route) return undefined
  const link = await inScope(database, route.scope, (rows) => findLink(rows, route.linkId, 'pay'))
  return link && link.expiresAt > database.clock.now() ? { scope: route.scope, invoiceId: link.objectId } : undefined
}
