/** All SQL of payouts: what was asked of Stripe. */
import { newId, type ScopedHandle } from '#platform'
import type { Uuid } from '#kernel'
import { sql } from 'kysely'
import type { ScheduleChoice } from './payout-schedule.ts'

export type ScheduleChange = { readonly id: string; readonly number: number }

/** Writes the next change of a connection before Stripe is asked; its number is part of the key. */
export async function insertScheduleChange(
  rows: ScopedHandle,
  change: { readonly connectionId: Uuid; readonly wish: ScheduleChoice; readonly requestedBy: string },
): Promise<ScheduleChange> {
  const id = newId(rows.clock)
  const { operatorId, mode } = rows.scope
  const { rows: found } = await sql<{ number: number }>`
    insert into app.payout_schedule_changes (operator_id, mode, id, connection_id, number, wish, state, requested_by, created_at)
    select ${operatorId}, ${mode}, ${id}, ${change.connectionId}::uuid, coalesce(max(number), 0) + 1, ${JSON.stringify(change.wish)}::jsonb, 'created',
      ${change.requestedBy}, ${rows.clock.now()}
    from app.payout_schedule_changes
    where operator_id = ${operatorId} and mode = ${mode} and connection_id = ${change.connectionId}::uuid
    returning number`.execute(rows)
  return { id, number: found[0]?.number ?? 1 }
}

export async function updateScheduleChange(
  rows: ScopedHandle,
  id: string,
  change: { readonly state: 'sent' | 'succeeded' | 'failed' | 'unknown'; readonly failure?: string },
): Promise<void> {
  await rows
    .updateTable('app.payout_schedule_changes')
    .set({ ...change, ...(change.state !== 'sent' && { finished_at: rows.clock.now() }) })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}
