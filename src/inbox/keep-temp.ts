/** TEMPORARY until keepEvents of the store is there. */
import { withoutScope, type Database } from '#platform'
import type { NewEvent } from './arrival.ts'
import { insertEvent } from './store.ts'

export function keepEvents(database: Database, events: readonly NewEvent[]): Promise<readonly (number | undefined)[]> {
  return withoutScope(database, async (rows) => {
    const kept: (number | undefined)[] = []
    for (const event of events) {
      const own = { ...event, sourceAccount: `own:${event.connectionId}` }
      kept.push((await insertEvent(rows, event)) ?? (await insertEvent(rows, own)))
    }
    return kept
  })
}
