/**
 * Changes when Stripe pays out (MON-24). The wish is written before Stripe is asked, under a key of its own, and afterwards nobody is
 * believed: the schedule is read again and that is what the screen shows. Where Stripe lets only the account's owner change it, nothing
 * is stored here and the place at Stripe is named.
 */
import { noteAudit } from '#audit'
import { publicId, type Outcome, type Scope } from '#kernel'
import { findChargingConnection, lockConnection, stripeScopeOf } from '#connections'
import { inScope } from '#platform'
import { StripeFault } from '#stripe'
import { judgeSchedule, seenOf, type ScheduleChoice } from './payout-schedule.ts'
import { refuse, refuseFault, type PayoutProblem } from './problems.ts'
import { readPayouts, type PayoutGround, type PayoutsView } from './read-payouts.ts'
import { insertScheduleChange, updateScheduleChange } from './store.ts'

export type ScheduleWish = ScheduleChoice & { readonly isManualConfirmed: boolean }

/** @returns what Stripe reports afterwards, or why nothing was changed. */
export async function savePayoutSchedule(
  ground: PayoutGround,
  scope: Scope,
  { wish, requestedBy }: { readonly wish: ScheduleWish; readonly requestedBy: string },
): Promise<Outcome<PayoutsView, PayoutProblem>> {
  const judged = judgeSchedule(wish)
  if (!judged.ok) return judged
  if (judged.value.interval === 'manual' && !wish.isManualConfirmed)
    return refuse('manual_not_confirmed', '/isManualConfirmed')
  const connection = await inScope(ground.database, scope, findChargingConnection)
  if (!connection || connection.state !== 'connected') return refuse('no_connection')
  const before = await answered(ground.stripe.readPayoutSettings(stripeScopeOf(ground.box, connection)))
  if (before instanceof StripeFault) return refuseFault(before)
  const change = await inScope(ground.database, scope, async (rows) => {
    await lockConnection(rows, connection.id)
    const current = await findChargingConnection(rows)
    if (current?.id !== connection.id) return undefined
    noteAudit(rows, {
      action: 'payout_schedule.changed',
      object: { kind: 'payout_schedule', id: publicId('connection', connection.id) },
      before: { schedule: JSON.stringify(before.schedule), delayDays: before.delayDays },
      after: { schedule: JSON.stringify(seenOf(judged.value)), delayDays: wish.holdDays ?? null },
    })
    return insertScheduleChange(rows, { connectionId: connection.id, wish, requestedBy })
  })
  if (!change) return refuse('no_connection')
  const note = (state: Parameters<typeof updateScheduleChange>[2]) =>
    inScope(ground.database, scope, (rows) => updateScheduleChange(rows, change.id, state))
  await note({ state: 'sent' })
  const sent = await answered(
    ground.stripe.changePayoutSettings(stripeScopeOf(ground.box, connection), {
      schedule: seenOf(judged.value),
      delayDays: wish.holdDays,
      idempotencyKey: `payout-schedule:${connection.id}:${change.number}`,
      source: before.source,
      account: connection.accountId ?? undefined,
    }),
  )
  const fault = sent instanceof StripeFault ? sent : undefined
  await note(
    fault ? { state: fault.isOutcomeUnknown ? 'unknown' : 'failed', failure: fault.message } : { state: 'succeeded' },
  )
  if (!fault) return readPayouts(ground, scope)
  if (fault.isOutcomeUnknown) return refuse('unreachable')
  return fault.kind === 'invalid' ? refuse('schedule_refused') : refuseFault(fault)
}

/** The answer, or the fault as a value. */
async function answered<Value>(asking: Promise<Value>): Promise<Value | StripeFault> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof StripeFault) return error
    throw error
  }
}
