/**
 * Our own way back into onboarding (STR-32): a link that lives seven days, works as often as needed, and makes a fresh link of Stripe's on
 * each use. Looking at it consumes nothing, so scanners of mail may. Only the hash is kept.
 */
import { noteAudit, type AuditValues } from '#audit'
import { publicId, type Scope, type Uuid } from '#kernel'
import { inScope, newId, newToken, type Database, type ScopedHandle } from '#platform'
import { findLinkScope, findResumeLink, insertResumeLink, listResumeLinks, revokeResumeLinksOf } from './store.ts'

const lifeMs = 7 * 24 * 3_600_000

/** @returns the path; it stands nowhere else. Earlier links go on working until they end. */
export async function createResumeLink(
  rows: ScopedHandle,
  { connectionId, actor }: { readonly connectionId: Uuid; readonly actor: string },
): Promise<{ readonly path: string; readonly expiresAt: Date }> {
  const token = newToken()
  const expiresAt = new Date(rows.clock.now().getTime() + lifeMs)
  await insertResumeLink(rows, { id: newId(rows.clock), connectionId, createdBy: actor, expiresAt, token })
  note(rows, { connectionId, action: 'connection.resume_link_made', after: { until: expiresAt.toISOString() } })
  return { path: `/connect/resume/${token}`, expiresAt }
}

export type OpenedResumeLink = {
  readonly id: Uuid
  readonly scope: Scope
  readonly connectionId: Uuid
  readonly expiresAt: Date
  readonly hasEnded: boolean
}

/** Undefined for one that is wrong or was withdrawn: both look alike. Changes nothing. */
export async function openResumeLink(database: Database, token: string): Promise<OpenedResumeLink | undefined> {
  const route = await findLinkScope(database, token)
  if (!route) return undefined
  const { scope, linkId } = route
  const link = await inScope(database, scope, (rows) => findResumeLink(rows, linkId))
  if (!link || link.revokedAt) return undefined
  const { connectionId, expiresAt } = link
  return { id: linkId, scope, connectionId, expiresAt, hasEnded: database.clock.now() > expiresAt }
}

/** How many work now, and until when the last does. */
export async function countResumeLinks(rows: ScopedHandle, connectionId: Uuid) {
  const links = await listResumeLinks(rows, connectionId)
  return { count: links.length, lastEndsAt: links.at(-1)?.expiresAt }
}

/** Every link that was given out works no more. */
export async function revokeResumeLinks(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  const { count } = await countResumeLinks(rows, connectionId)
  await revokeResumeLinksOf(rows, connectionId)
  note(rows, { connectionId, action: 'connection.resume_links_revoked', after: { revoked: count } })
}

function note(rows: ScopedHandle, about: { connectionId: Uuid; action: string; after: AuditValues }): void {
  const { connectionId, action, after } = about
  noteAudit(rows, { action, object: { kind: 'connection', id: publicId('connection', connectionId) }, after })
}
