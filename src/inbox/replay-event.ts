/**
 * A person asks for an event to be processed again (STR-70). It goes the whole road: judged anew from the kept body, re-read, applied.
 * Nothing happens twice by it, because every reaction judges by what is already written.
 */
import { done, isUuid, type Outcome, type Scope } from '#kernel'
import { withoutScope, type Database } from '#platform'
import type { ArrivalState } from './inbox-state.ts'
import { judgeArrival } from './arrival.ts'
import { writeDismissal } from './inbox-view-store.ts'
import { parseEvent } from './parse-event.ts'
import { refuse, type WebhookProblem } from './problems.ts'
import { findStoredEvent, restartEvent } from './store.ts'

/**
 * @returns the state it now has, `received` unless it is ignored for the same reason as before; undefined when this operator has no
 * such event in this mode.
 */
export async function replayEvent(
  database: Database,
  scope: Scope,
  id: string,
): Promise<Outcome<ArrivalState, WebhookProblem> | undefined> {
  if (!isUuid(id)) return undefined
  return withoutScope(database, async (rows) => {
    const stored = await findStoredEvent(rows, scope, id)
    if (!stored) return undefined
    // One still waiting is simply due at once.
    if (stored.isInWork) return refuse('inbox_event_in_work')
    const { connectionId, sourceAccount, body } = stored
    const accountId = sourceAccount.startsWith('acct_') ? sourceAccount : undefined
    const arrival = judgeArrival(parseEvent(body), { ...scope, connectionId, accountId })
    await restartEvent(rows, { scope, id, arrival, now: database.clock.now() })
    await writeDismissal(rows, { scope, id, dismissal: undefined })
    return done(arrival.state)
  })
}
