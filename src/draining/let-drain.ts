/** The beginning, in the transaction of whatever makes a connection leave. Twice is once. */
import { stopNewCharges } from '#connections'
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { beginDraining } from './store.ts'

/** The first pass is made by who began it; this one is for their death. */
const nextPassMs = 15_000

export async function letDrain(
  rows: ScopedHandle,
  { connectionId, actor }: { readonly connectionId: Uuid; readonly actor: string },
): Promise<void> {
  await stopNewCharges(rows, connectionId, actor)
  await beginDraining(rows, { connectionId, actor })
  const startAt = new Date(rows.clock.now().getTime() + nextPassMs)
  await rows.enqueue({ name: 'draining.drain', id: connectionId, startAt })
}
