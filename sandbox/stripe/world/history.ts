/**
 * Rows as records of the journal, and back. An event keeps the object as it was; most often that is how its row still stands,
 * in memory the very same object, so the record names the row instead of repeating it: half the journal, half the memory
 * after a start.
 */
import type { JournalEntry, Put } from './journal.ts'
import type { Kind, Row } from './kinds.ts'
import type { Space } from './space.ts'

/** One committed change as a record. A row written twice in the change stands in it once, as it ended. */
export function toEntry(
  counts: Pick<JournalEntry, 'drawn' | 'sequence'>,
  puts: readonly (readonly [Space, Row])[],
  removes: readonly (readonly [Space, Kind, string])[],
): JournalEntry {
  const last = new Map(puts.map(([space, row]) => [`${space.name} ${row.kind} ${row.id}`, [space, row] as const]))
  return {
    ...counts,
    puts: [...last.values()]
      .toSorted(([, one], [, other]) => one.sequence - other.sequence)
      .map(([space, row]) => toPut(space, row)),
    ...(removes.length > 0 && { removes: removes.map(([space, kind, id]) => [space.name, kind, id] as const) }),
  }
}

/** The whole state, rows in the order they were made, so that an event comes after what it shows. */
export function* snapshotOf(spaces: readonly Space[], header: JournalEntry): Generator<JournalEntry> {
  yield header
  const rows = spaces.flatMap((space) => [...space.allRows()].map((row) => [space, row] as const))
  for (const [space, row] of rows.toSorted(([, one], [, other]) => one.sequence - other.sequence)) {
    yield { drawn: header.drawn, sequence: header.sequence, puts: [toPut(space, row)] }
  }
}

/** The row of a record. */
export function fromPut(space: Space, put: Put): Row {
  const [, kind, id, sequence, object, hidden, shown] = put
  if (shown === undefined) return { kind, id, sequence, object, hidden } as Row
  const event = object as Row<'event'>['object']
  const original = space.find(shown[0] as Kind, shown[1])?.object
  return { kind, id, sequence, object: { ...event, data: { ...event.data, object: original } }, hidden } as Row
}

function toPut(space: Space, row: Row): Put {
  const { kind, id, sequence, object, hidden } = row
  const shown = kind === 'event' ? findShown(space, (object as Row<'event'>['object']).data.object) : undefined
  if (shown === undefined) return [space.name, kind, id, sequence, object, hidden]
  const event = object as Row<'event'>['object']
  const emptied = { ...event, data: { ...event.data, object: null } }
  return [space.name, kind, id, sequence, emptied, hidden, [shown.kind, shown.id]]
}

/** The row whose object this is, now and not only once. */
function findShown(space: Space, object: object): Row | undefined {
  const { object: name, id } = object as { readonly object?: unknown; readonly id?: unknown }
  if (typeof name !== 'string' || typeof id !== 'string' || !space.has(name)) return undefined
  const row = space.find(name as Kind, id)
  return row?.object === object ? row : undefined
}
