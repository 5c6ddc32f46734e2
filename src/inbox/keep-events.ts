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
 */
export async function keepEvents(database: Database, events: readonly NewEvent[]): Promise<readonly KeepOutcome[]> {
  const batch = new Map<string, Counted>()
  for (const event of events) {
    const known = batch.get(`${keyOf(event)} ${event.operatorId}`)
    if (known) known.times += 1
    else batch.set(`${keyOf(event)} ${event.operatorId}`, { event, times: 1 })
  }
  const entries = [...batch.values()]
  const [singles, many] = parted(database, entries)
  const outcomes = new Map<Counted, KeepOutcome>()
  const note = (counted: Counted, outcome: KeepOutcome) => void outcomes.set(counted, outcome)
  await keepHalving(database, many, note)
  for (const counted of singles) await keepHalving(database, [counted], note)
  await keepOwnCopies(database, entries, outcomes)
  return events.map((event) => outcomeOf(batch.get(`${keyOf(event)} ${event.operatorId}`), event, outcomes))
}

type Counted = { readonly event: NewEvent; times: number }
type Note = (counted: Counted, outcome: KeepOutcome) => void

/** Two operators' events of one name cannot go in one statement. */
function parted(database: Database, entries: readonly Counted[]): readonly [readonly Counted[], readonly Counted[]] {
  if (database.kind === 'pglite') return [entries, []]
  const names = new Set<string>()
  return entries.reduce<[Counted[], Counted[]]>(
    (parts, counted) => {
      const name = keyOf(counted.event)
      const goesAlone = names.has(name)
      names.add(name)
      parts[goesAlone ? 0 : 1].push(counted)
      return parts
    },
    [[], []],
  )
}

async function keepHalving(database: Database, batch: readonly Counted[], note: Note): Promise<void> {
  const [first] = batch
  if (!first) return
  try {
    const kept =
      batch.length === 1 ? [await insertOne(database, first.event, first.times)] : await insertMany(database, batch)
    batch.forEach((counted, place) => note(counted, kept[place] as Kept))
  } catch (error) {
    if (batch.length === 1 || !isAboutOneOfThem(error)) return batch.forEach((counted) => note(counted, { error }))
    const middle = Math.ceil(batch.length / 2)
    await keepHalving(database, batch.slice(0, middle), note)
    await keepHalving(database, batch.slice(middle), note)
  }
}

/** Classes of SQLSTATE that say the data is at fault, or that two transactions met; not that the database is away or full. */
function isAboutOneOfThem(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23|40|42|54)[0-9A-Z]{3}$/.test(code)
}

async function keepOwnCopies(
  database: Database,
  entries: readonly Counted[],
  outcomes: Map<Counted, KeepOutcome>,
): Promise<void> {
  for (const counted of entries) {
    const outcome = outcomes.get(counted)
    if (!outcome || 'error' in outcome || outcome.deliveries !== undefined) continue
    const event = { ...counted.event, sourceAccount: `own:${counted.event.connectionId}` }
    await keepHalving(database, [{ event, times: counted.times }], (_same, own) => void outcomes.set(counted, own))
  }
}

function outcomeOf(
  counted: Counted | undefined,
  event: NewEvent,
  outcomes: ReadonlyMap<Counted, KeepOutcome>,
): KeepOutcome {
  const outcome = counted && outcomes.get(counted)
  if (!outcome) return { error: new Error('an event was lost on its way into the inbox') }
  return 'error' in outcome || counted.event === event ? outcome : { ...outcome, isNew: false }
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
