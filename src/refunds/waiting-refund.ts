/**
 * A refund that waits for funds (STR-109): what is written about it, and when the balance is looked at again: every hour, shortly before the
 * expected instant, and at it. What surprises: each of these looks has one place in the queue, so however often somebody looks, there is
 * never more than one waiting of each kind.
 */
import type { Payment } from '#payments'
import { recordFact, type ScopedHandle } from '#platform'
import { handOverMs } from './judge-funds.ts'
import { refundIds, type FundsSeen, type Refund } from './refund.ts'
import { writeWaiting } from './store.ts'

const everyMs = 3_600_000

/** Writes what the balance was, and plans the next looks; the caller holds the refund. */
export async function keepWaiting(
  rows: ScopedHandle,
  { refund, payment, funds }: { readonly refund: Refund; readonly payment: Payment; readonly funds: FundsSeen },
): Promise<void> {
  await writeWaiting(rows, refund.id, funds)
  if (refund.state !== 'waiting_funds')
    await recordFact(rows, { name: 'refund.waiting', ids: refundIds(refund.id, payment) })
  await planLooks(rows, { id: refund.id, funds })
}

/** Every look that is still to come; planning them again changes nothing. */
export async function planLooks(rows: ScopedHandle, { id, funds }: Pick<Refund, 'id' | 'funds'>): Promise<void> {
  const now = rows.clock.now()
  const seenAt = funds?.seenAt ?? now
  const look = (onceFor: string, startAt: Date) => ({ name: 'refunds.send', id, onceFor, startAt })
  await rows.enqueue(look('hour', new Date(seenAt.getTime() + everyMs)))
  const { expectedAt } = funds ?? {}
  if (!expectedAt || expectedAt <= now) return
  const before = new Date(expectedAt.getTime() - handOverMs)
  await rows.enqueue(look(`on ${expectedAt.toISOString()}`, expectedAt))
  if (before > now) await rows.enqueue(look(`before ${expectedAt.toISOString()}`, before))
}
