/**
 * The mode of an address that names none (UI-3): test until a live connection first takes payments, and live from then on, also when that
 * connection leaves later.
 */
import { findChargingConnection } from '#connections'
import type { Mode, OperatorId } from '#kernel'
import { hasTakenPayment } from '#payments'
import { inScope, type Database } from '#platform'

export async function findDefaultMode(database: Database, operatorId: OperatorId): Promise<Mode> {
  const isLive = await inScope(
    database,
    { operatorId, mode: 'live' },
    async (rows) => (await findChargingConnection(rows)) !== undefined || (await hasTakenPayment(rows)),
  )
  return isLive ? 'live' : 'test'
}
