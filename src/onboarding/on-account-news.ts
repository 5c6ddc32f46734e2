/**
 * What news about a connected account do here (STR-35, STR-38): they only say that it is time to ask, whatever they tell. The one about
 * leaving is different, because an account that has left cannot be asked any more.
 */
import { getConnection } from '#connections'
import { inScope, type Database, type ScopedHandle } from '#platform'
import type { Reaction } from '#stripe'
import { markLeft } from './follow-account.ts'
import { lockAccount, updateAccount } from './store.ts'

/** @param otherwise what news do about an account that is reached with keys of its own. */
export function accountReactions(ground: { readonly database: Database }, otherwise: Reaction<unknown>) {
  return { account: onConnectedAccount(ground, otherwise), account_left: onAccountLeft() }
}

/** @param otherwise what news do about an account that is reached with keys of its own. */
function onConnectedAccount(
  { database }: { readonly database: Database },
  otherwise: Reaction<unknown>,
): Reaction<unknown> {
  return {
    async read(scope, connectionId, objectId) {
      const { kind } = await inScope(database, scope, (rows) => getConnection(rows, connectionId))
      return kind === 'connect' ? itIsTimeToAsk : otherwise.read(scope, connectionId, objectId)
    },
    async apply(rows, connectionId, observed) {
      if (observed !== itIsTimeToAsk) return otherwise.apply(rows, connectionId, observed)
      await markDirty(rows, connectionId)
      return 'done'
    },
  }
}

const itIsTimeToAsk = Symbol('it is time to ask')

async function markDirty(rows: ScopedHandle, connectionId: string): Promise<void> {
  if (!(await lockAccount(rows, connectionId))) return
  await updateAccount(rows, connectionId, { dirtyAt: rows.clock.now() })
  await rows.enqueue({ name: 'onboarding.follow', id: connectionId })
}

/** The account left the platform. Nothing is fetched. */
function onAccountLeft(): Reaction<unknown> {
  return {
    read: () => Promise.resolve('left'),
    async apply(rows, connectionId) {
      await markLeft(rows, connectionId, 'stripe')
      return 'done'
    },
  }
}
