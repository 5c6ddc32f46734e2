/**
 * Keeps news for good, many at once where many come (STR-56, PERF-42 to PERF-45). The same event twice in one batch is one row that
 * came twice. What surprises: a batch the database refuses is halved until the one it cannot keep stands alone, so that nobody
 * else's news fail with it; a database that is away fails all of them at once.
 */
import { firstIdAt, withoutScope, type Database } from '#platform'
import type { NewEvent } from './arrival.ts'
import { insertMany, insertOne, keyOf, type Kept } from './keep-store.ts'
import { deleteBodies } from './store.ts'

/** `isNew` is true for one of several that are the same event. An event that could not be kept has the error instead. */
export type KeepOutcome = Kept | { readonly error: unknown }

/**
 * Durable when it returns. Two operators joined to one Stripe account each keep their own copy: the later one under a name of its own,
 * so that neither swallows what was meant for the other.
 * @returns one outcome for each event, in their order.
 */
export async function keepEvents(database: Database, events: readonly NewEvent[]): Promise<readonly KeepOutcome[]> {
  const { entries, entryOf } = gather(events)
  // Two operators' events of one name cannot go in one statement, and the embedded database takes one event at a time.
  const goesAlone = (entry: Entry) => entry.isNamesake || database.kind === 'pglite'
  await keepHalving(
    database,
    entries.filter((entry) => !goesAlone(entry)),
  )
  for (const entry of entries.filter(goesAlone)) await keepHalving(database, [entry])
  for (const entry of entries) if (isElsewhere(entry.outcome)) await keepOwnCopy(database, entry)
  return entryOf.map(({ event, outcome }, place) =>
    'error' in outcome || event === events[place] ? outcome : { ...outcome, isNew: false },
  )
}

/** One event of a batch, however often it came in it. */
type Entry = {
  readonly event: NewEvent
  /** The batch holds another operator's event of the same name before it. */
  readonly isNamesake: boolean
  times: number
  outcome: KeepOutcome
}

const unkept: KeepOutcome = { error: new Error('an event was lost on its way into the inbox') }

/** @returns what is different, and for each event what stands for it. Ids of Stripe are hardly ever the same, so they are looked at first. */
function gather(events: readonly NewEvent[]): {
  readonly entries: readonly Entry[]
  readonly entryOf: readonly Entry[]
} {
  const byEventId = new Map<string, Entry[]>()
  const entries: Entry[] = []
  const entryOf = events.map((event) => {
    const alike = byEventId.get(event.eventId)
    const namesakes = alike?.filter((entry) => keyOf(entry.event) === keyOf(event)) ?? []
    const known = namesakes.find((entry) => entry.event.operatorId === event.operatorId)
    if (known) {
      known.times += 1
      return known
    }
    const entry = { event, times: 1, isNamesake: namesakes.length > 0, outcome: unkept }
    if (alike) alike.push(entry)
    else byEventId.set(event.eventId, [entry])
    entries.push(entry)
    return entry
  })
  return { entries, entryOf }
}

async function keepHalving(database: Database, batch: readonly Entry[]): Promise<void> {
  const [first] = batch
  if (!first) return
  try {
    if (batch.length === 1) first.outcome = await insertOne(database, first.event, first.times)
    else {
      const kept = await insertMany(database, batch)
      batch.forEach((entry, place) => (entry.outcome = kept[place] ?? unkept))
    }
  } catch (error) {
    if (batch.length === 1 || !isAboutOneOfThem(error)) return batch.forEach((entry) => (entry.outcome = { error }))
    const middle = Math.ceil(batch.length / 2)
    await keepHalving(database, batch.slice(0, middle))
    await keepHalving(database, batch.slice(middle))
  }
}

/** Classes of SQLSTATE that say the data is at fault, or that two transactions met; not that the database is away or full. */
function isAboutOneOfThem(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23|40|42|54)[0-9A-Z]{3}$/.test(code)
}

/** Another operator has an event of this name. */
function isElsewhere(outcome: KeepOutcome): boolean {
  return !('error' in outcome) && outcome.deliveries === undefined
}

async function keepOwnCopy(database: Database, entry: Entry): Promise<void> {
  const event = { ...entry.event, sourceAccount: `own:${entry.event.connectionId}` }
  const copy = { ...entry, event }
  await keepHalving(database, [copy])
  entry.outcome = copy.outcome
}

const bodiesKeptMs = 90 * 24 * 60 * 60 * 1000
const mostDropped = 1_000

/**
 * What Stripe sent is kept for 90 days as it was sent, and after that only what became of it (STR-74). In small transactions, so that
 * nobody waits for it; asking again finds its place by itself.
 */
export async function dropOldBodies(database: Database): Promise<void> {
  const before = firstIdAt(new Date(database.clock.now().getTime() - bodiesKeptMs))
  for (let dropped = mostDropped; dropped === mostDropped;)
    dropped = await withoutScope(database, (rows) => deleteBodies(rows, { before, limit: mostDropped }))
}
