/**
 * All SQL of the back-fill: how far each connection has been asked, and what of a page the inbox already has. A run is moved on only
 * from where its owner left it, so two processes at the same place do the same page twice and the slower one lets go.
 */
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'

/** Events of some types, or objects of some kinds, between two instants; each step is one list, read page by page. */
export type Run = {
  readonly kind: 'events' | 'objects'
  readonly from: Date
  readonly until: Date
  readonly step: number
  /** The last id of the page before; undefined at the beginning of a step. */
  readonly after: string | undefined
}

export type BackFill = {
  readonly connectionId: string
  /** Everything Stripe had up to here has been kept. */
  readonly watermark: Date
  readonly run: Run | undefined
  readonly lastPolledAt: Date | undefined
  /** Why objects are looked at instead of events; empty when events are. */
  readonly byObjects: '' | 'too_old' | 'permission'
  /** A sentence; empty when the last try was good. */
  readonly problem: string
  /** Ids of what was listed and could not be kept. */
  readonly unkept: readonly string[]
}

export type BackFillChange = Partial<Omit<BackFill, 'connectionId' | 'unkept'>>

const own = (rows: ScopedHandle) => ({ operator_id: rows.scope.operatorId, mode: rows.scope.mode })

export async function findBackFill(rows: ScopedHandle, connectionId: string): Promise<BackFill | undefined> {
  const row = await rows
    .selectFrom('app.back_fills')
    .selectAll()
    .where((where) => where.and({ ...own(rows), connection_id: connectionId }))
    .executeTakeFirst()
  return row && toBackFill(row)
}

/** Twice changes nothing. */
export async function insertBackFill(
  rows: ScopedHandle,
  { connectionId, watermark }: { connectionId: string; watermark: Date },
): Promise<void> {
  await rows
    .insertInto('app.back_fills')
    .values({ ...own(rows), connection_id: connectionId, watermark })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'connection_id']).doNothing())
    .execute()
}

/** @param before the run as it was read. @returns false when somebody else has moved it since; then nothing was written. */
export async function updateBackFill(
  rows: ScopedHandle,
  { connectionId, run: before }: Pick<BackFill, 'connectionId' | 'run'>,
  change: BackFillChange,
): Promise<boolean> {
  const { numUpdatedRows } = await rows
    .updateTable('app.back_fills')
    .set(asColumns(change))
    .where((where) => where.and({ ...own(rows), connection_id: connectionId }))
    .where(
      sql<boolean>`(run_kind, run_from, run_until, run_step, run_after) is not distinct from
        (${before?.kind ?? null}::text, ${before?.from ?? null}::timestamptz, ${before?.until ?? null}::timestamptz,
         ${before?.step ?? null}::integer, ${before?.after ?? null}::text)`,
    )
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

function asColumns(change: BackFillChange): Record<string, unknown> {
  const { watermark, lastPolledAt, byObjects, problem, run } = change
  return {
    ...(watermark && { watermark }),
    ...(lastPolledAt && { last_polled_at: lastPolledAt }),
    ...(byObjects !== undefined && { by_objects: byObjects }),
    ...(problem !== undefined && { problem }),
    ...('run' in change && {
      run_kind: run?.kind ?? null,
      run_from: run?.from ?? null,
      run_until: run?.until ?? null,
      run_step: run?.step ?? null,
      run_after: run?.after ?? null,
    }),
  }
}

function toBackFill(row: Record<string, any>): BackFill {
  return {
    connectionId: row['connection_id'],
    watermark: row['watermark'],
    run: row['run_kind'] === null ? undefined : toRun(row),
    lastPolledAt: row['last_polled_at'] ?? undefined,
    byObjects: row['by_objects'],
    problem: row['problem'],
    unkept: row['unkept'],
  }
}

function toRun(row: Record<string, any>): Run {
  return {
    kind: row['run_kind'],
    from: row['run_from'],
    until: row['run_until'],
    step: row['run_step'],
    after: row['run_after'] ?? undefined,
  }
}

const mostUnkept = 100

/** Remembers what could not be kept, each once, however often it is met. */
export async function addUnkept(
  rows: ScopedHandle,
  { connectionId, ids }: { readonly connectionId: string; readonly ids: readonly string[] },
): Promise<void> {
  await rows
    .updateTable('app.back_fills')
    .set({
      unkept: sql`(select coalesce((array_agg(id))[1:${sql.lit(mostUnkept)}], '{}')
        from (select distinct id from unnest(${ids}::text[] || unkept) as id) as each)`,
    })
    .where((where) => where.and({ ...own(rows), connection_id: connectionId }))
    .execute()
}

/** Which of these events this operator already has, under any of the names it may have them by. */
export async function findKnownEventIds(
  rows: ScopedHandle,
  about: { readonly sourceAccounts: readonly string[]; readonly eventIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const known = await rows
    .selectFrom('app.inbox_events')
    .select('event_id')
    .where('source_account', 'in', [...about.sourceAccounts])
    .where('mode', '=', rows.scope.mode)
    .where('event_id', 'in', [...about.eventIds])
    .where('operator_id', '=', rows.scope.operatorId)
    .execute()
  return new Set(known.map(({ event_id: id }) => id as string))
}

/** How many events Stripe had and we had not, until we asked. */
export async function countFoundByPoll(rows: ScopedHandle, since: Date): Promise<number> {
  const { count } = await rows
    .selectFrom('app.inbox_events')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('via', '=', 'poll')
    .where('received_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}
