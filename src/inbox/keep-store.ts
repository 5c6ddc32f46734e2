/**
 * The SQL that keeps news (PERF-42 to PERF-46): one row for each event, its body, and the mark on its object that there is work. One
 * statement, so all of it is there or none, and its commit is what an acknowledgement stands on. What surprises: the same is written
 * twice, for one event and for many, because arrays do not pay for one; a test holds the two against each other. Rows are locked
 * in the order of their keys, events before objects, as everywhere else.
 */
import type { Mode } from '#kernel'
import { runPrepared, type Database } from '#platform'
import type { NewEvent } from './arrival.ts'

/** What became of one event. `deliveries` is undefined when another operator already has an event of this account and id. */
export type Kept = { readonly isNew: boolean; readonly deliveries: number | undefined }

const rowColumns = `source_account, mode, event_id, id, operator_id, connection_id, endpoint, type, object_kind, object_id,
  api_version, via, state, reason, next_attempt_at, received_at, finished_at, deliveries`

const counted = `on conflict (source_account, mode, event_id) do update set deliveries = inbox_events.deliveries + excluded.deliveries
  where inbox_events.operator_id = excluded.operator_id or inbox_events.operator_id is null or excluded.operator_id is null`

const marked = `on conflict (connection_id, object_kind, object_id) do update set version = inbox_objects.version + 1,
  due_at = case when inbox_objects.claim is null then least(inbox_objects.due_at, excluded.due_at) else inbox_objects.due_at end`

const inserted = `insert into app.inbox_events (${rowColumns})
  select source_account, mode, event_id, id, operator_id, connection_id, endpoint, type, object_kind, object_id, api_version, via, state,
    reason, received_at, received_at, case when state in ('received', 'parked') then null else received_at end, deliveries`

/** One event with how often it came. */
type Sent = { readonly event: NewEvent; readonly times: number }

type Column = {
  readonly name: string
  readonly type: 'text' | 'uuid' | 'timestamptz' | 'int'
  /** Words of Stripe or of a sentence, which may have to stand between quotes in an array; ours, ids, instants and numbers never do. */
  readonly isFree?: true
  readonly read: (sent: Sent) => string | number | null
}

/** What of an event travels, in the order of the parameters; its body follows. */
const columns: readonly Column[] = [
  { name: 'source_account', type: 'text', isFree: true, read: ({ event }) => event.sourceAccount },
  { name: 'mode', type: 'text', read: ({ event }) => event.mode },
  { name: 'event_id', type: 'text', isFree: true, read: ({ event }) => event.eventId },
  { name: 'id', type: 'uuid', read: ({ event }) => event.id },
  { name: 'operator_id', type: 'uuid', read: ({ event }) => event.operatorId ?? null },
  { name: 'connection_id', type: 'uuid', read: ({ event }) => event.connectionId ?? null },
  { name: 'endpoint', type: 'text', read: ({ event }) => event.endpoint },
  { name: 'type', type: 'text', isFree: true, read: ({ event }) => event.type },
  { name: 'object_kind', type: 'text', isFree: true, read: ({ event }) => event.objectKind },
  { name: 'object_id', type: 'text', isFree: true, read: ({ event }) => event.objectId },
  { name: 'api_version', type: 'text', isFree: true, read: ({ event }) => event.apiVersion },
  { name: 'via', type: 'text', read: ({ event }) => event.via },
  { name: 'state', type: 'text', read: ({ event }) => event.state },
  { name: 'reason', type: 'text', isFree: true, read: ({ event }) => event.reason },
  { name: 'received_at', type: 'timestamptz', read: ({ event }) => event.receivedAt.toISOString() },
  { name: 'deliveries', type: 'int', read: ({ times }) => times },
]
const bodyAt = columns.length + 1
const idAt = columns.findIndex(({ name }) => name === 'id')

const fields = columns.map(({ name, type }, place) => `$${place + 1}::${type} as ${name}`).join(', ')

const oneStatement = {
  name: 'inbox keep one',
  text: `with sent as (select ${fields}), kept as (
    ${inserted} from sent ${counted} returning id, deliveries
  ), body as (
    insert into app.inbox_bodies (id, body, received_at)
    select kept.id, $${bodyAt}::bytea, sent.received_at from kept join sent on sent.id = kept.id
  ), object as (
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select connection_id, object_kind, object_id, operator_id, mode, source_account, received_at from kept join sent on sent.id = kept.id
    where state = 'received' ${marked}
  )
  select id, deliveries from kept`,
}

/** Bodies travel as one run of bytes with the place and size of each: nothing has to be escaped, and any bytes may be in it. */
const arrays = `unnest(${columns.map(({ type }, place) => `$${place + 1}::${type}[]`).join(', ')}, $${bodyAt + 1}::int[], $${bodyAt + 2}::int[])
  as sent (${columns.map(({ name }) => name).join(', ')}, body_start, body_size)`

const manyStatement = {
  name: 'inbox keep many',
  text: `with sent as (select * from ${arrays}), kept as (
    ${inserted} from sent order by source_account, mode, event_id ${counted}
    returning source_account, mode, event_id, id, deliveries
  ), body as (
    insert into app.inbox_bodies (id, body, received_at)
    select kept.id, substr($${bodyAt}::bytea, body_start, body_size), sent.received_at from kept join sent on sent.id = kept.id
  ), object as (
    insert into app.inbox_objects (connection_id, object_kind, object_id, operator_id, mode, source_account, due_at)
    select connection_id, object_kind, object_id, operator_id, sent.mode, min(sent.source_account), min(received_at)
    from kept join sent on sent.id = kept.id where state = 'received'
    group by connection_id, object_kind, object_id, operator_id, sent.mode
    order by connection_id, object_kind, object_id ${marked}
  )
  select case when count(sent.id) < (select count(*) from sent)
      then coalesce(array_agg(sent.id) filter (where sent.id is not null), '{}') end as "newIds",
    json_agg(json_build_array(kept.source_account, kept.mode, kept.event_id, kept.deliveries)) filter (where sent.id is null) as again
  from kept left join sent on sent.id = kept.id`,
}

/** What a batch has become: `newIds` is null when all of it is new, and `again` tells of those that were there before. */
type BatchRow = {
  readonly newIds: readonly string[] | null
  readonly again: readonly (readonly [string, Mode, string, number])[] | null
}

type Row = { readonly id: string; readonly deliveries: number }

/** Keeps one event with any body, even one that is no text. @throws when it could not be kept; then nothing is. */
export async function insertOne(database: Database, event: NewEvent, times = 1): Promise<Kept> {
  const values = columns.map(({ read }) => read({ event, times }))
  const [row] = await runPrepared<Row>(database, oneStatement, [...values, event.body])
  return { isNew: row?.id === event.id, deliveries: row?.deliveries }
}

/** @param events each once, with how often it came. @throws as `insertOne`. */
export async function insertMany(database: Database, events: readonly Sent[]): Promise<readonly Kept[]> {
  const sizes = events.map(({ event }) => event.body.byteLength)
  let end = 1
  const starts = sizes.map((size) => (end += size) - size)
  const body = Buffer.concat(events.map(({ event }) => event.body))
  const lists = columns.map(({ read, isFree }) => arrayOf(events.map(read), isFree))
  const values = [...lists, body, arrayOf(starts), arrayOf(sizes)]
  const [batch] = await runPrepared<BatchRow>(database, manyStatement, values)
  if (batch?.newIds === null) return events.map(({ times }) => ({ isNew: true, deliveries: times }))
  const newIds = new Set(batch?.newIds)
  const again = new Map(
    batch?.again?.map(([sourceAccount, mode, eventId, deliveries]) => [
      keyOf({ sourceAccount, mode, eventId }),
      deliveries,
    ]),
  )
  return events.map(({ event, times }) => {
    const isNew = newIds.has(event.id)
    return { isNew, deliveries: isNew ? times : again.get(keyOf(event)) }
  })
}

/**
 * The same database for practising: what is sent to be kept goes its whole way there with every list empty, so that the statement is planned and
 * nothing is written, not even to be taken back. What was kept alone is answered here. PostgreSQL only.
 */
export function keepingNothing(database: Database): Database {
  const { pool } = database
  if (!pool) throw new Error('The embedded database takes events one by one.')
  const send = async (statement: { name: string; text: string; values: unknown[] }) => {
    if (statement.name === oneStatement.name) return { rows: [{ id: statement.values[idAt], deliveries: 1 }] }
    return pool.query({
      ...statement,
      values: statement.values.map((value) => (typeof value === 'string' ? '{}' : value)),
    })
  }
  return { ...database, pool: new Proxy(pool, { get: () => send }) }
}

/** What makes an event one and the same (STR-62). */
export function keyOf(event: Pick<NewEvent, 'sourceAccount' | 'mode' | 'eventId'>): string {
  return `${event.sourceAccount} ${event.mode} ${event.eventId}`
}

/** PostgreSQL's own writing of an array. */
function arrayOf(values: readonly (string | number | null)[], isFree = false): string {
  const written = isFree ? values.map(quoted) : values
  return `{${written.map((value) => value ?? 'NULL').join(',')}}`
}

const plainForm = /^(?!null$)[\w.:-]+$/i

function quoted(value: string | number | null): string | null {
  if (value === null) return null
  const text = String(value)
  return plainForm.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
