/**
 * Counts deliveries in the process and writes them at most once a second for each connection, so that a burst costs one write. What is
 * lost with a dying process is a count and nothing else.
 */
import { inScope, type Database, type Logs } from '#platform'
import type { Scope, Uuid } from '#kernel'
import { recordDeliveries } from './deliveries.ts'

type Seen = { readonly scope: Scope; readonly connectionId: Uuid; verified: Record<Uuid, number>; refused: number }

export type DeliveryTally = {
  /**
   * @param seen.secretId the secret that matched; without one the delivery was refused.
   * @returns when it is written, if it is written at once; a count that waits for its second is not waited for.
   */
  count(seen: { readonly scope: Scope; readonly connectionId: Uuid; readonly secretId?: Uuid }): Promise<void>
  /** Everything counted so far is written when it resolves. */
  flush(): Promise<void>
}

export function createDeliveryTally(ground: { readonly database: Database; readonly logs: Logs }): DeliveryTally {
  const waiting = new Map<Uuid, Seen>()
  const resting = new Set<Uuid>()
  const underWay = new Set<Promise<void>>()
  const write = (connectionId: Uuid): Promise<void> => {
    const writing = writeNow(connectionId).finally(() => underWay.delete(writing))
    underWay.add(writing)
    return writing
  }
  const writeNow = async (connectionId: Uuid): Promise<void> => {
    const seen = waiting.get(connectionId)
    if (!seen) return
    waiting.delete(connectionId)
    resting.add(connectionId)
    setTimeout(() => {
      resting.delete(connectionId)
      void write(connectionId)
    }, 1_000).unref()
    const { scope, ...counts } = seen
    const at = ground.database.clock.now()
    try {
      await inScope(ground.database, scope, (rows) => recordDeliveries(rows, { ...counts, at }))
    } catch (error) {
      ground.logs.error({ ...scope, connectionId, error: String(error) }, 'deliveries were not counted')
    }
  }
  return {
    async count({ scope, connectionId, secretId }) {
      const seen = waiting.get(connectionId) ?? { scope, connectionId, verified: {}, refused: 0 }
      waiting.set(connectionId, seen)
      if (secretId === undefined) seen.refused += 1
      else seen.verified[secretId] = (seen.verified[secretId] ?? 0) + 1
      if (!resting.has(connectionId)) await write(connectionId)
    },
    async flush() {
      await Promise.all([...underWay, ...[...waiting.keys()].map(write)])
    },
  }
}
