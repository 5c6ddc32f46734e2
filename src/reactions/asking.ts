/** How reactions ask Stripe: with the connection's key, and with words where a restricted key may not read what the news is about. */
import { getConnection, stripeScopeOf } from '#connections'
import type { Scope } from '#kernel'
import type { MoneyGround } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { StripeFault, type Reaction, type ReactionVerdict, type StripeScope } from '#stripe'

/** @throws when the connection has no key any more. */
export async function stripeScopeFor(ground: MoneyGround, scope: Scope, connectionId: string): Promise<StripeScope> {
  return stripeScopeOf(ground.box, await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId)))
}

type Asking<Seen> = {
  ask(stripeScope: StripeScope, objectId: string): Promise<Seen | undefined>
  apply(rows: ScopedHandle, connectionId: string, seen: Seen): Promise<ReactionVerdict>
  /** Said when a restricted key may not read it; nothing is tried again then. */
  readonly whenRefused: string
}

/** A reaction whose object a restricted key need not be allowed to read: then the news rest with the reason. */
export function reactionTo<Seen>(ground: MoneyGround, asking: Asking<Seen>): Reaction<Seen | 'refused'> {
  return {
    async read(scope, connectionId, objectId) {
      try {
        return await asking.ask(await stripeScopeFor(ground, scope, connectionId), objectId)
      } catch (error) {
        if (error instanceof StripeFault && error.kind === 'permission') return 'refused'
        throw error
      }
    },
    apply: async (rows, connectionId, seen) =>
      seen === 'refused' ? { ignore: asking.whenRefused } : asking.apply(rows, connectionId, seen),
  }
}
