/**
 * One pass over a connection that drains, from wherever the last one stopped: pages on which a card is being saved are closed, payments
 * that nobody confirmed are cancelled at Stripe, and when nothing is left the secrets go. Running it twice, or in two processes, does
 * everything once. What surprises: a key Stripe no longer accepts keeps nothing from ending that only waited to be cancelled.
 */
import { closeConnection, getConnection } from '#connections'
import type { Scope, Uuid } from '#kernel'
import { withdrawPayment } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { closeSetup } from '#renters'
import { StripeFault } from '#stripe'
import type { Draining, DrainingGround, Ending } from './draining.ts'
import {
  listPaymentsUnderWay,
  listRefundsUnderWay,
  listSetupsUnderWay,
  listUnconfirmedPaymentIds,
} from './affected-store.ts'
import { beginDraining, findDraining, updateDraining } from './store.ts'

/** @throws when the database is away; Stripe's silence is met again by the next pass. */
export async function drain(ground: DrainingGround, scope: Scope, connectionId: Uuid): Promise<void> {
  const draining = await inScope(ground.database, scope, (rows) => findPlace(rows, connectionId))
  if (!draining) return
  const heard = draining.closingAt ? 'all' : await endWhatCanEnd(ground, scope, connectionId)
  const closing = await inScope(ground.database, scope, (rows) => judge(rows, draining, heard))
  if (!closing) return
  const about = { scope, connectionId, actor: draining.begunBy, occasion: draining.id }
  try {
    if (await closeConnection(ground, about))
      await inScope(ground.database, scope, (rows) => end(rows, draining.id, closing))
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    ground.logs.warn({ ...scope, connectionId, fault: error.kind }, 'the endpoint could not be deleted yet')
  }
}

/** The draining to go on with. One whose account came back, or left by itself, is over. */
async function findPlace(rows: ScopedHandle, connectionId: Uuid): Promise<Draining | undefined> {
  const { state } = await getConnection(rows, connectionId)
  const draining = await findDraining(rows, connectionId)
  if (state === 'disconnecting') return draining ?? beginDraining(rows, { connectionId, actor: 'system' })
  if (draining && state !== 'disconnected') await end(rows, draining.id, 'resumed')
  if (draining && state === 'disconnected') {
    // Closed by us a moment before a crash, or by the account's owner at Stripe.
    if (!draining.closingAt) await updateDraining(rows, draining.id, { left_over: await leftOver(rows, connectionId) })
    await end(rows, draining.id, draining.closingAt ? outcomeOf(rows, draining) : 'left')
  }
  return undefined
}

async function end(rows: ScopedHandle, id: Uuid, outcome: Ending): Promise<void> {
  await updateDraining(rows, id, { ended_at: rows.clock.now(), outcome })
}

/** `refused`: Stripe does not accept the key, so nothing can be cancelled there. `silent`: the next pass tries again. */
type Heard = 'all' | 'refused' | 'silent'

async function endWhatCanEnd(ground: DrainingGround, scope: Scope, connectionId: Uuid): Promise<Heard> {
  const { setups, payments } = await inScope(ground.database, scope, async (rows) => ({
    setups: await listSetupsUnderWay(rows, connectionId),
    payments: await listUnconfirmedPaymentIds(rows, connectionId),
  }))
  const heard = new Set<Heard>()
  for (const paymentId of payments)
    heard.add(await hear(ground, () => withdrawPayment(ground, scope, { paymentId, actor: 'disconnecting' })))
  for (const { id } of setups) heard.add(await hear(ground, () => closeSetup(ground, scope, id)))
  if (heard.has('silent')) return 'silent'
  return heard.has('refused') ? 'refused' : 'all'
}

async function hear({ logs }: DrainingGround, work: () => Promise<void>): Promise<Heard> {
  try {
    await work()
    return 'all'
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    logs.warn({ fault: error.kind, operation: error.operation }, 'something of a connection could not be ended yet')
    return error.kind === 'auth' || error.kind === 'permission' ? 'refused' : 'silent'
  }
}

/** Under which outcome it ends now, written before anything is deleted; undefined while it has to wait. */
async function judge(rows: ScopedHandle, { id, connectionId }: Draining, heard: Heard): Promise<Ending | undefined> {
  const draining = await findDraining(rows, connectionId)
  if (draining?.id !== id) return undefined
  const isForced = outcomeOf(rows, draining) !== 'drained'
  if (!isForced && !draining.closingAt && !(await isDrained(rows, connectionId, heard))) return undefined
  if (!draining.closingAt)
    await updateDraining(rows, id, { closing_at: rows.clock.now(), left_over: await leftOver(rows, connectionId) })
  return outcomeOf(rows, draining)
}

function outcomeOf({ clock }: ScopedHandle, draining: Draining): Ending {
  if (draining.finishAskedAt) return 'finished_early'
  return clock.now() >= draining.endsAt ? 'time_over' : 'drained'
}

async function isDrained(rows: ScopedHandle, connectionId: Uuid, heard: Heard): Promise<boolean> {
  if ((await listPaymentsUnderWay(rows, connectionId)).length > 0) return false
  if ((await listRefundsUnderWay(rows, connectionId)).length > 0) return false
  // Without a key nobody can ever close a page or cancel a declined payment, and neither charges anything by itself.
  if (heard === 'refused') return true
  if ((await listSetupsUnderWay(rows, connectionId)).length > 0) return false
  return (await listUnconfirmedPaymentIds(rows, connectionId)).length === 0
}

async function leftOver(rows: ScopedHandle, connectionId: Uuid): Promise<string> {
  const left = [...(await listPaymentsUnderWay(rows, connectionId)), ...(await listRefundsUnderWay(rows, connectionId))]
  return JSON.stringify(
    left.map(({ label, state, amountMinor, currency, invoiceId, stripeId }) => ({
      label,
      state,
      amountMinor,
      currency,
      invoiceId,
      stripeId,
    })),
  )
}
