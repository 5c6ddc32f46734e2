/** The background work of recovery (ARC-43): one job per connection at a time, which plans itself again while there is more. */
import { isMode } from '#kernel'
import { inScope, type JobDeclaration, type JobHandler } from '#platform'
import { backFill } from './back-fill.ts'
import type { BackFillGround } from './back-fill-steps.ts'

export const recoveryJobs = [{ name: 'recovery.back-fill' }] as const satisfies readonly JobDeclaration[]

export function recoveryHandlers(ground: BackFillGround): Record<(typeof recoveryJobs)[number]['name'], JobHandler> {
  return {
    async 'recovery.back-fill'({ operatorId, mode, id }) {
      if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
      const scope = { operatorId, mode }
      if ((await backFill(ground, scope, id)) === 'goes_on')
        await inScope(ground.database, scope, (rows) => rows.enqueue({ name: 'recovery.back-fill', id }))
    },
  }
}
