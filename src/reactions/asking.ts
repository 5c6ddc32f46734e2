/** How reactions ask Stripe: with the connection's key, and with words where a restricted key may not read what the news is about. */
import { getConnection, stripeScopeOf } from '#connections'
import type { Scope } from '#kernel'
import type { MoneyGround } from '#payments'
import { inScope, type Database, type ScopedHandle } from '#platform'
import { StripeFault, type Reaction, type ReactionVerdict, type StripeScope } from '#stripe'

/**
 * Whoever asks for a key while it is being looked up gets the same answer: the objects of one operator are read together, and one
 * transaction serves them all. Nothing is kept once it has been answered. @throws when the connection has no key any more.
 */
export function stripeScopeFor(ground: MoneyGround, scope: Scope, connectionId: string): Promise<StripeScope> {
  const asked = lookUps.get(ground.database) ?? new Map<string, Promise<StripeScope>>()
  lookUps.set(ground.database, asked)
  const name = `${scope.operatorId} ${scope.mode} ${connectionId}`
  const underWay = asked.get(name)
  if (underWay) return underWay
  const looking = inScope(ground.database, scope, (rows) => getConnection(rows, connectionId))
    .then((connection) => stripeScopeOf(ground.box, connection))
    .finally(() => asked.delete(name))
  asked.set(name, looking)
  return looking
}

const lookUps = new WeakMap<Database, Map<string, Promise<StripeScope>>>()

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
