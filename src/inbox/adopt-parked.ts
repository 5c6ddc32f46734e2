/**
 * News about accounts nobody had connected when they came (STR-68): once a connection speaks for the account they are judged as if they
 * came now; after 24 hours without one they are dead letters of the installation. Asking again finds its place by itself.
 */
import { listAccountTargets } from '#connections'
import { withoutScope, type Database } from '#platform'
import { judgeArrival } from './arrival.ts'
import { parseEvent } from './parse-event.ts'
import { adoptEvent, endOwnerless, listOwnerlessAccounts, listOwnerlessEvents } from './store.ts'

const patienceMs = 24 * 60 * 60 * 1000
const mostAtOnce = 500

/** @returns how many events found an owner, so that the loop may be woken. */
export async function adoptParkedEvents(database: Database): Promise<number> {
  const now = database.clock.now()
  const waiting = await withoutScope(database, (rows) => listOwnerlessAccounts(rows))
  if (waiting.length === 0) return 0
  const targets = await listAccountTargets(database, waiting)
  let adopted = 0
  for (const target of targets.values()) {
    if (target === 'several') continue
    const { accountId, operatorId, mode, connectionId } = target
    for (let found = mostAtOnce; found === mostAtOnce;) {
      found = await withoutScope(database, async (rows) => {
        const events = await listOwnerlessEvents(rows, { accountId, mode, limit: mostAtOnce })
        for (const { id, body } of events) {
          const arrival = judgeArrival(parseEvent(body), { operatorId, mode, connectionId, accountId })
          await adoptEvent(rows, { id, operatorId, connectionId, arrival, now })
        }
        return events.length
      })
      adopted += found
    }
  }
  const before = new Date(now.getTime() - patienceMs)
  await withoutScope(database, (rows) => endOwnerless(rows, { before, now }))
  return adopted
}
