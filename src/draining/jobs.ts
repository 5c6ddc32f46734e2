/** The background work of draining: a pass for every connection that drains, whenever it was asked for and once a minute (STR-26). */
import { isMode } from '#kernel'
import type { JobDeclaration, JobHandler, ScopedHandle } from '#platform'
import { drain } from './drain.ts'
import type { DrainingGround } from './draining.ts'
import { listDrainingConnectionIds } from './store.ts'

export const drainingJobs = [{ name: 'draining.drain', retryLimit: 1000 }] as const satisfies readonly JobDeclaration[]

export function drainingHandlers(ground: DrainingGround): Record<(typeof drainingJobs)[number]['name'], JobHandler> {
  return {
    async 'draining.drain'({ operatorId, mode, id }) {
      if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
      await drain(ground, { operatorId, mode }, id)
    },
  }
}

/** Plans a pass for every connection that drains; each finds its own place (STR-71). */
export async function recoverDrainings(rows: ScopedHandle): Promise<void> {
  for (const id of await listDrainingConnectionIds(rows)) await rows.enqueue({ name: 'draining.drain', id })
}
