/** The background work of payouts (ARC-43): looking at a connection's payouts, seeing to a failed one, sending it again. */
import { isMode, type Scope } from '#kernel'
import { getFact, inScope, type JobDeclaration, type JobHandler, type JobPayload } from '#platform'
import { followUpPayout, lookForPayouts } from './follow-payouts.ts'
import type { PayoutWork } from './payout.ts'
import { sendRetry } from './payout-retry.ts'

export const payoutJobs = [
  { name: 'payouts.look' },
  { name: 'payouts.follow-up' },
  { name: 'payouts.retry', retryLimit: 1000 },
  { name: 'payouts.on-connection', reads: ['connection.verified', 'connection.revived'] },
] as const satisfies readonly JobDeclaration[]

export function payoutHandlers(work: PayoutWork): Record<(typeof payoutJobs)[number]['name'], JobHandler> {
  return {
    async 'payouts.look'(payload) {
      await lookForPayouts(work, scopeOf(payload), payload.id)
    },
    'payouts.follow-up': (payload) => followUpPayout(work, scopeOf(payload), payload.id),
    'payouts.retry': (payload) => sendRetry(work, scopeOf(payload), payload.id),
    async 'payouts.on-connection'(payload) {
      const scope = scopeOf(payload)
      const { ids } = await inScope(work.database, scope, (rows) => getFact(rows, payload.id))
      if (ids['connection']) await lookForPayouts(work, scope, ids['connection'])
    },
  }
}

function scopeOf({ operatorId, mode }: JobPayload): Scope {
  if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
  return { operatorId, mode }
}
