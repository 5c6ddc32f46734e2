/**
 * The SQL that keeps news (PERF-42 to PERF-46): one row for each event, its body, and the mark on its object that there is work. One
 * statement, so all of it is there or none, and its commit is what an acknowledgement stands on. What surprises: the same is written
 * twice, for one event and for many, because arrays do not pay for one; a test holds the two against each other. Rows are locked
 * in the order of their keys, events before objects, as everywhere else.
 */
import { runPrepared, type Database } from '#platform'
import type { NewEvent } from './arrival.ts'

/** What became of one event. `deliveries` is undefined when another operator already has an event of this account and id. */
export type Kept = { readonly isNew: boolean; readonly deliveries: number | undefined }

const columns = `source_account, mode, event_id, id, operator_id, connection_id, endpoint, type, object_kind, object_id,
  api_version, via, state, reason, next_attempt_at, received_at, finished_at, deliveries`

const counted = `on conflict (source_account, mode, event_id) do update set deliveries = inbox_events.deliveries + excluded.deliveries
  where inbox_events.operator_id = excluded.operator_id or inbox_events.operator_id is null or excluded.operator_id is null`

const marked = `on conflict (connection_id, object_kind, object_id) do update set version = inbox_objects.version + 1,
  due_at = case when inbox_objects.claim is null then least(inbox_objects.due_at, excluded.due_at) else inbox_objects.due_at end`

const inserted = `insert into app.inbox_events (${columns})
  select source_account, mode, event_id, id, operator_id, connection_id, endpoint, type, object_kind, object_id, api_version, via, state,
    reason, received_at, received_at, case when state in ('received', 'parked') then null else received_at end, deliveries`

const fields = `$1 as source_account, $2 as mode, $3 as event_id, $4::uuid as id, $5::uuid as operator_id, $6::uuid as connection_id,
  $7 as endpoint, $8 as type, $9 as object_kind, $10 as object_id, $11 as api_version, $12 as via, $13 as state, $14 as reason,
  $15::timestamptz as received_at, $16::int as deliveries`

const oneStatement = {
  name: 'inbox keep one',
  text: `with sent as (select ${fields}), kept as (
    ${inserted} from sent ${counted} returning id, deliveries
  ), body as (
    insert into app.inbox_bodies (id, body, received_at)
    select kept.id, $17::bytea, sent.received_at from kept join sent on sent.id = kept.id
  ), object as (
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select connection_id, object_kind, object_id, operator_id, mode, source_account, received_at from kept join sent on sent.id = kept.id
    where state = 'received' ${marked}
  )
  select id, deliveries from kept`,
}

/** Bodies travel as one run of bytes with the place and size of each: nothing has to be escaped, and any bytes may be in it. */
const arrays = `unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::int[], $17::int[], $18::int[])
  as sent (source_account, mode, event_id, id, operator_id, connection_id, endpoint, type, object_kind, object_id,
  api_version, via, state, reason, received_at, deliveries, body_start, body_size)`

const manyStatement = {
  name: 'inbox keep many',
  text: `with sent as (select * from ${arrays}), kept as (
    ${inserted} from sent order by source_account, mode, event_id ${counted} returning id, deliveries
  ), body as (
    insert into app.inbox_bodies (id, body, received_at)
    select kept.id, substr($19::bytea, body_start, body_size), sent.received_at from kept join sent on sent.id = kept.id
  ), object as (
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select connection_id, object_kind, object_id, operator_id, mode, min(source_account), min(received_at)
    from kept join sent on sent.id = kept.id where state = 'received'
    group by connection_id, object_kind, object_id, operator_id, mode
    order by connection_id, object_kind, object_id ${marked}
  )
  select id, deliveries from kept`,
}

type Row = { readonly id: string; readonly deliveries: number }

/** Keeps one event with any body, even one that is no text. @throws when it could not be kept; then nothing is. */
export async function insertOne(database: Database, event: NewEvent, times = 1): Promise<Kept> {
  const values = [...valuesOf(event, times), event.body]
  const [row] = await runPrepared<Row>(database, oneStatement, values)
  return toKept(event, row)
}

/** @param events each once, with how often it came. @throws as `insertOne`. */
export async function insertMany(
  database: Database,
  events: readonly { readonly event: NewEvent; readonly times: number }[],
): Promise<readonly Kept[]> {
  const lines = events.map(({ event, times }) => valuesOf(event, times))
  const sizes = events.map(({ event }) => event.body.byteLength)
  let end = 1
  const starts = sizes.map((size) => (end += size) - size)
  const bodies = Buffer.concat(events.map(({ event }) => event.body))
  const turned = [...columnsOf(lines), arrayOf(starts), arrayOf(sizes), bodies]
  const rows = await runPrepared<Row>(database, manyStatement, turned)
  const byId = new Map(rows.map((row) => [row.id, row]))
  // A row that was there before answers with its own id, so what is missing here came again or belongs to somebody else.
  if (rows.length === events.length && byId.size === events.length && events.every(({ event }) => byId.has(event.id)))
    return events.map(({ event }) => toKept(event, byId.get(event.id)))
  const known = await findKnown(
    database,
    events.map(({ event }) => event).filter(({ id }) => !byId.has(id)),
  )
  return events.map(({ event }) => toKept(event, byId.get(event.id) ?? known.get(keyOf(event))))
}

const knownStatement = {
  name: 'inbox find kept',
  text: `select e.id, e.deliveries, e.source_account as "sourceAccount", e.mode, e.event_id as "eventId" from app.inbox_events e
    join unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) as wanted (source_account, mode, event_id, operator_id)
      on wanted.source_account = e.source_account and wanted.mode = e.mode and wanted.event_id = e.event_id
      and (wanted.operator_id = e.operator_id or wanted.operator_id is null or e.operator_id is null)`,
}

type KnownRow = Row & Pick<NewEvent, 'sourceAccount' | 'mode' | 'eventId'>

async function findKnown(database: Database, events: readonly NewEvent[]): Promise<ReadonlyMap<string, Row>> {
  if (events.length === 0) return new Map()
  const values = [
    events.map(({ sourceAccount }) => sourceAccount),
    events.map(({ mode }) => mode),
    events.map(({ eventId }) => eventId),
    events.map(({ operatorId }) => operatorId ?? null),
  ]
  const rows = await runPrepared<KnownRow>(database, knownStatement, values)
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/** What makes an event one and the same (STR-62). */
export function keyOf(event: Pick<NewEvent, 'sourceAccount' | 'mode' | 'eventId'>): string {
  return `${event.sourceAccount} ${event.mode} ${event.eventId}`
}

function valuesOf(event: NewEvent, times: number): readonly (string | number | null)[] {
  return [
    event.sourceAccount,
    event.mode,
    event.eventId,
    event.id,
    event.operatorId ?? null,
    event.connectionId ?? null,
    event.endpoint,
    event.type,
    event.objectKind,
    event.objectId,
    event.apiVersion,
    event.via,
    event.state,
    event.reason,
    event.receivedAt.toISOString(),
    times,
  ]
}

/** Columns of our own words, ids, instants and numbers, in the order of `valuesOf`: nothing in them needs a quote. */
const plainColumns = new Set([1, 3, 4, 5, 6, 11, 12, 14, 15])

/** One array for each column. The library quotes and escapes every element, which is a waste where there is nothing to escape. */
function columnsOf(lines: readonly (readonly (string | number | null)[])[]): readonly unknown[] {
  const [first = []] = lines
  return first.map((_value, column) => {
    const values = lines.map((line) => line[column] ?? null)
    return plainColumns.has(column) ? arrayOf(values) : values
  })
}

/** PostgreSQL's own writing of an array. @param values without quotes, commas, braces, backslashes and blanks. */
function arrayOf(values: readonly (string | number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

function toKept(event: NewEvent, row: Row | undefined): Kept {
  return { isNew: row?.id === event.id, deliveries: row?.deliveries }
}
