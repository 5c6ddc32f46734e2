/**
 * What a person does with dead letters (UI-154): sends many of them through the road again, or notes that nobody has to act on one.
 * Nothing is deleted by either. Those of no operator belong to whoever runs the installation (TRU-90): what they are about is shown, and
 * what was sent is not, because it may be an operator's business.
 */
import { noteAlone } from '#audit'
import { listAccountTargets } from '#connections'
import { done, isUuid, publicId, type Outcome, type Scope } from '#kernel'
import { withoutScope, type Database } from '#platform'
import { judgeArrival } from './arrival.ts'
import { selectDeadLetters, selectInboxEvent, writeDismissal } from './inbox-view-store.ts'
import { refuse, type WebhookProblem } from './problems.ts'
import { parseEvent } from './parse-event.ts'
import { replayEvent } from './replay-event.ts'
import {
  adoptEvent,
  countOwnerlessLetters,
  dismissOwnerless,
  findOwnerlessLetter,
  parkOwnerless,
  selectOwnerlessLetters,
  type OwnerlessLetter,
} from './store.ts'

const mostAtOnce = 500

/** How many were set going again, and whether some are left for another press. */
export type BulkReplay = { readonly replayed: number; readonly hasMore: boolean }

/** Up to 500, the oldest first, each in a transaction of its own. @param reason only those that died of it; all when not given. */
export async function replayDeadLetters(
  database: Database,
  scope: Scope,
  reason: string | undefined,
): Promise<BulkReplay> {
  const found = await withoutScope(database, (rows) =>
    selectDeadLetters(rows, scope, { reason, limit: mostAtOnce + 1 }),
  )
  let replayed = 0
  for (const id of found.slice(0, mostAtOnce)) {
    const outcome = await replayEvent(database, scope, id)
    if (outcome?.ok) replayed += 1
  }
  const object = { kind: 'event', id: '' }
  if (replayed > 0) await noteAlone(database, scope, { action: 'event.replayed', object, after: { count: replayed } })
  return { replayed, hasMore: found.length > mostAtOnce }
}

/** One event, at the press of a person. @returns as `replayEvent`. */
export async function replayByHand(database: Database, scope: Scope, id: string): ReturnType<typeof replayEvent> {
  const outcome = await replayEvent(database, scope, id)
  if (!outcome?.ok) return outcome
  const object = { kind: 'event', id: publicId('inboxEvent', id) }
  await noteAlone(database, scope, { action: 'event.replayed', object, after: { state: outcome.value } })
  return outcome
}

/** It stays dead and is counted no longer; a replay takes the note back. @returns undefined when there is no such event. */
export async function dismissEvent(
  database: Database,
  scope: Scope,
  about: { readonly id: string; readonly note: string; readonly actor: string },
): Promise<Outcome<undefined, WebhookProblem> | undefined> {
  const { id, note: text, actor } = about
  if (!isUuid(id)) return undefined
  const outcome = await withoutScope(database, async (rows) => {
    if (!(await selectInboxEvent(rows, scope, id))) return undefined
    const dismissal = { at: database.clock.now(), note: text, actor }
    const isWritten = await writeDismissal(rows, { scope, id, dismissal })
    return isWritten ? done(undefined) : refuse('inbox_event_not_dead')
  })
  const object = { kind: 'event', id: publicId('inboxEvent', id) }
  if (outcome?.ok) await noteAlone(database, scope, { action: 'event.dismissed', object, after: { note: text } })
  return outcome
}

export type OwnerlessPage = { readonly letters: readonly OwnerlessLetter[]; readonly count: number }

const shownAtOnce = 50

/** The dead letters of no operator that nobody dismissed, the newest first. */
export function listOwnerlessLetters(database: Database): Promise<OwnerlessPage> {
  return withoutScope(database, async (rows) => ({
    letters: await selectOwnerlessLetters(rows, shownAtOnce),
    count: await countOwnerlessLetters(rows),
  }))
}

/**
 * Sends one through the road again: to whoever has connected its account meanwhile, or to wait a day more for somebody who does. @returns
 * undefined when there is no such letter.
 */
export async function replayOwnerless(
  database: Database,
  id: string,
): Promise<Outcome<'received' | 'parked', WebhookProblem> | undefined> {
  if (!isUuid(id)) return undefined
  const now = database.clock.now()
  const letter = await withoutScope(database, (rows) => findOwnerlessLetter(rows, id))
  if (!letter) return undefined
  if (!letter.sourceAccount.startsWith('acct_')) return refuse('inbox_event_of_nobody')
  const targets = await listAccountTargets(database, [letter.sourceAccount])
  const target = targets.get(`${letter.mode} ${letter.sourceAccount}`)
  return withoutScope(database, async (rows) => {
    const held = await findOwnerlessLetter(rows, id)
    if (!held) return refuse('inbox_event_not_dead')
    if (!target || target === 'several') {
      await parkOwnerless(rows, { id, now })
      return done('parked')
    }
    const { operatorId, mode, connectionId, accountId } = target
    const arrival = judgeArrival(parseEvent(held.body), { operatorId, mode, connectionId, accountId })
    await adoptEvent(rows, { id, operatorId, connectionId, arrival, now })
    return done('received')
  })
}

/** It stays dead and is counted no longer. @returns undefined when there is no such letter. */
export async function dismissOwnerlessLetter(
  database: Database,
  about: { readonly id: string; readonly note: string; readonly actor: string },
): Promise<Outcome<undefined, WebhookProblem> | undefined> {
  if (!isUuid(about.id)) return undefined
  const dismissal = { ...about, at: database.clock.now() }
  const isWritten = await withoutScope(database, (rows) => dismissOwnerless(rows, dismissal))
  return isWritten ? done(undefined) : undefined
}
