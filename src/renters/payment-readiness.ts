/** Whether a renter can be charged without anybody doing anything (BIL-8): by a usable default in the connection that takes payments. */
import type { Uuid } from '#kernel'
import { findChargingConnection } from '#connections'
import type { ScopedHandle } from '#platform'
import { findDefaultMethod } from './store.ts'

/** `not_connected` when no connection takes payments at all. */
export async function readPaymentReadiness(
  rows: ScopedHandle,
  renterId: Uuid,
): Promise<'ready' | 'no_method' | 'not_connected'> {
  const connection = await findChargingConnection(rows)
  if (!connection) return 'not_connected'
  const method = await findDefaultMethod(rows, { renterId, connectionId: connection.id })
  return method ? 'ready' : 'no_method'
}
