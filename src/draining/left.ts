/** What keeps a connection from ending, as the screen shows it shrinking (UI-132). */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { groupOf, type Group } from './draining.ts'
import { listPaymentsUnderWay, listRefundsUnderWay, listSetupsUnderWay } from './affected-store.ts'

/** What Stripe may still report about: while any of it is there, key, endpoint and webhook stay. */
export async function readLeft(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Group[]> {
  const payments = await listPaymentsUnderWay(rows, connectionId)
  const refunds = await listRefundsUnderWay(rows, connectionId)
  const setups = await listSetupsUnderWay(rows, connectionId)
  return [
    groupOf(
      'payments',
      payments.filter(({ isDebit }) => !isDebit),
    ),
    groupOf(
      'debits',
      payments.filter(({ isDebit }) => isDebit),
    ),
    groupOf(
      'refunds_pending',
      refunds.filter(({ isWaiting }) => !isWaiting),
    ),
    groupOf(
      'refunds_waiting',
      refunds.filter(({ isWaiting }) => isWaiting),
    ),
    groupOf('setups', setups),
  ]
}
