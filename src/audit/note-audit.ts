/**
 * Adds an entry in the transaction of the change. What surprises: it is written right before the commit, because the end of the chain is
 * locked for everybody of the operator from then on, and a lock taken last is held shortest and crosses no other. And what nobody asked
 * for, such as what a job does, gets no entry: facts and the ledger tell of that (TRU-95), so a deed may be called by either.
 */
import type { Scope } from '#kernel'
import { inScope, type Database, type ScopedHandle } from '#platform'
import { presentActor, type Actor } from './actor.ts'
import { hashOf, textOf, type AuditValues } from './entry.ts'
import { insertEntry, lockHead, updateHead } from './store.ts'

export type AuditNote = {
  /** Object and verb, such as `connection.keys_saved`. */
  readonly action: string
  readonly object: { readonly kind: string; readonly id: string }
  readonly before?: AuditValues
  readonly after?: AuditValues
  /** Where the request itself does not say it, such as while somebody signs in. */
  readonly actor?: Pick<Actor, 'kind' | 'id' | 'name'>
}

export function noteAudit(rows: ScopedHandle, note: AuditNote): void {
  const present = presentActor()
  if (!present) return
  const actor = { ...present, ...note.actor }
  const at = rows.clock.now()
  rows.atEnd(async () => {
    const head = await lockHead(rows)
    const entry = {
      seq: head.seq + 1n,
      at,
      mode: rows.scope.mode,
      actor,
      action: note.action,
      objectKind: note.object.kind,
      objectId: note.object.id,
      before: textOf(note.before),
      after: textOf(note.after),
      prevHash: head.hash,
    }
    const hash = hashOf(rows.scope.operatorId, entry)
    await insertEntry(rows, { ...entry, hash })
    await updateHead(rows, { seq: entry.seq, hash })
  })
}

/** An entry in a transaction of its own, for what changed outside every operator's rows, such as a session or a delivery. */
export function noteAlone(database: Database, scope: Scope, note: AuditNote): Promise<void> {
  return inScope(database, scope, async (rows) => noteAudit(rows, note))
}
