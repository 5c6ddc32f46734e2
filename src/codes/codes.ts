/**
 * A code works for ten minutes, once, and takes five tries; only the newest of a link counts. What surprises: its hash hangs on a key outside
 * the database, because six digits alone could be tried out in a copy of it; and wrong, old, used and never sent are one answer after the
 * same work, so that guessing tells nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { noteAudit } from '#audit'
import { done, publicId, type Outcome, type Uuid } from '#kernel'
import { newCode, newId, newToken, tokenHash, type ScopedHandle, type SecretBox } from '#platform'
import { refuse, type CodesProblem } from './problems.ts'
import { countCodes, findPass, insertCode, lockNewestCode, updateCode, type CodeRow } from './store.ts'

const lifeMs = 10 * 60_000
const passLifeMs = 30 * 60_000
const mostTries = 5
const hourMs = 3_600_000
const mostPerHour = 5

/** The link a code is for, and the connection it leads on with. */
export type CodedLink = { readonly linkId: Uuid; readonly connectionId: Uuid }

/** @returns a fresh code, in place of the one before. */
export async function drawCode(
  rows: ScopedHandle,
  box: SecretBox,
  { linkId, connectionId }: CodedLink,
): Promise<Outcome<{ readonly code: string }, CodesProblem>> {
  const now = rows.clock.now()
  if ((await countCodes(rows, linkId, new Date(now.getTime() - hourMs))) >= mostPerHour) return refuse('too_many_codes')
  const code = newCode(6)
  const expiresAt = new Date(now.getTime() + lifeMs)
  await insertCode(rows, { id: newId(rows.clock), linkId, codeHash: hashOf(box, linkId, code), expiresAt })
  note(rows, connectionId, 'connection.resume_code_mailed')
  return done({ code })
}

/** Whatever the outcome, the try is counted: commit before it is answered. */
export async function exchangeCode(
  rows: ScopedHandle,
  box: SecretBox,
  { linkId, connectionId, code }: CodedLink & { readonly code: string },
): Promise<Outcome<{ readonly pass: string; readonly lifeSeconds: number }, CodesProblem>> {
  const now = rows.clock.now()
  const kept = await lockNewestCode(rows, linkId)
  const isRight = isSame(hashOf(box, linkId, code), kept?.codeHash ?? '')
  if (!kept || !isUsable(kept, now)) return refuse('code_refused', '/code')
  if (!isRight) {
    await updateCode(rows, kept.id, { tries: kept.tries + 1 })
    return refuse('code_refused', '/code')
  }
  const pass = newToken()
  const passExpiresAt = new Date(now.getTime() + passLifeMs)
  await updateCode(rows, kept.id, { usedAt: now, passHash: tokenHash(pass), passExpiresAt })
  note(rows, connectionId, 'connection.resume_code_used')
  return done({ pass, lifeSeconds: passLifeMs / 1000 })
}

export async function isPassValid(
  rows: ScopedHandle,
  { linkId, pass }: { readonly linkId: Uuid; readonly pass: string },
): Promise<boolean> {
  return findPass(rows, { linkId, passHash: tokenHash(pass), now: rows.clock.now() })
}

function isUsable({ usedAt, tries, expiresAt }: CodeRow, now: Date): boolean {
  return usedAt === null && tries < mostTries && expiresAt > now
}

function hashOf(box: SecretBox, linkId: Uuid, code: string): string {
  return createHmac('sha256', box.derive('resume codes')).update(`${linkId}:${code}`).digest('hex')
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

function note(rows: ScopedHandle, connectionId: Uuid, action: string): void {
  noteAudit(rows, { action, object: { kind: 'connection', id: publicId('connection', connectionId) } })
}
