/** The noun: one entry and its place in the chain (TRU-96). Pure. */
import type { Mode } from '#kernel'
import { scrub, tokenHash } from '#platform'
import type { Actor } from './actor.ts'

/** Plain values by the name a person would use. What is secret is given as `dots`. */
export type AuditValues = Readonly<Record<string, string | number | boolean | null | undefined>>

export type AuditEntry = {
  readonly seq: bigint
  readonly at: Date
  readonly mode: Mode
  readonly actor: Actor
  /** Object and verb, such as `connection.keys_saved`. */
  readonly action: string
  readonly objectKind: string
  readonly objectId: string
  /** JSON text, because a database would reorder an object and break its hash. */
  readonly before: string
  readonly after: string
  readonly prevHash: string
  readonly hash: string
}

/** What stands before the first entry. */
export const chainStart = '0'.repeat(64)

/** A secret, told by its last characters at most. */
export function dots(last4: string | null | undefined): string {
  return `••••${last4 ?? ''}`
}

/** Values as they are kept: without what is undefined, and without anything that looks like a secret (TRU-261). */
export function textOf(values: AuditValues | undefined): string {
  return values === undefined ? '' : scrub(JSON.stringify(values))
}

/** @param operatorId is part of the hash, so that an entry cannot be moved to another chain. */
export function hashOf(operatorId: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { actor } = entry
  const row = [
    operatorId,
    String(entry.seq),
    entry.at.toISOString(),
    entry.mode,
    [actor.kind, actor.id, actor.name, actor.sessionId, actor.ipPrefix, actor.requestId],
    entry.action,
    [entry.objectKind, entry.objectId],
    entry.before,
    entry.after,
  ]
  return tokenHash(`${entry.prevHash}\n${JSON.stringify(row)}`)
}
