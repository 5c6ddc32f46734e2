/** The audit log as a person reads it: newest first, by who, what kind and when (UI-108). */
import type { ScopedHandle } from '#platform'
import type { AuditEntry } from './entry.ts'
import { listKinds, listNewest, type AuditFilter } from './store.ts'

export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly next: bigint | undefined }

/** @param wish.before the number of the last entry of the page before. */
export async function listAudit(
  rows: ScopedHandle,
  wish: { readonly filter: AuditFilter; readonly before: bigint | undefined; readonly limit: number },
): Promise<AuditPage> {
  const found = await listNewest(rows, { ...wish, limit: wish.limit + 1 })
  const entries = found.slice(0, wish.limit)
  return { entries, next: found.length > wish.limit ? entries.at(-1)?.seq : undefined }
}

/** The kinds of objects there are entries of. */
export function listAuditKinds(rows: ScopedHandle): Promise<readonly string[]> {
  return listKinds(rows)
}
