/**
 * The work on one object with news (architecture §8): re-read it with no transaction open, then one transaction in which the
 * reaction writes and all its inbox rows end. What surprises: the lease is renewed only while Stripe is asked. From the start of the
 * transaction a lock on the object takes its place, and a claim that was taken over meanwhile writes nothing at all.
 */
import { assert } from '#kernel'
import { inScope, withoutScope, type Database, type Logs, type ScopedHandle } from '#platform'
import type { Reaction } from '#stripe'
import { endByFailure, endByVerdict, endMissing, endUnhandled, type Claim, type Ending } from './event-end.ts'
import { mayMove } from './inbox-state.ts'
import { reactionFor, words, type Reactions } from './routes.ts'
import { endEvent, extendLease, holdClaim } from './store.ts'

export type HandlerParts = { readonly database: Database; readonly reactions: Reactions; readonly logs: Logs }

/** How long a silent owner keeps its objects (STR-119). */
export const leaseMs = 10_000
const renewEveryMs = 3_000
const longestReadMs = 120_000

/** A claim in this process; `until` moves while its lease is renewed. */
export type Held = { readonly claim: Claim; until: Date }

/** Never throws for what an event does wrong: that ends in the row. @throws when the database cannot be written. */
export async function handleClaim(parts: HandlerParts, held: Held): Promise<void> {
  const { claim } = held
  try {
    await finish(parts, held, await decideEnd(parts, held))
  } catch (error) {
    if (error instanceof LostClaim) return parts.logs.warn(facts(claim), takenOver)
    parts.logs.warn({ ...facts(claim), error: textOf(error) }, 'an inbox event failed')
    await finish(parts, held, async () => endByFailure(error)).catch((second: unknown) => {
      if (!(second instanceof LostClaim)) throw second
      parts.logs.warn(facts(claim), takenOver)
    })
  }
}

/** Asks Stripe, and says what the transaction is to do. */
async function decideEnd(parts: HandlerParts, held: Held): Promise<(rows: ScopedHandle) => Promise<Ending>> {
  const { objectKind, objectId, connectionId } = held.claim
  const reaction = reactionFor(parts.reactions, objectKind)
  if (!reaction) return async () => endUnhandled
  const observed = await readRenewing(parts, { held, reaction })
  if (observed === undefined) return async () => endMissing(`${words(objectKind)} ${objectId}`)
  return async (rows) => endByVerdict(await reaction.apply(rows, connectionId, observed))
}

const takenOver = 'an inbox claim was taken over meanwhile, nothing was written'

class LostClaim extends Error {}

async function readRenewing(
  parts: HandlerParts,
  { held, reaction }: { held: Held; reaction: Reaction<unknown> },
): Promise<unknown> {
  const { claim } = held
  let renewal = Promise.resolve()
  const renewing = setInterval(() => {
    renewal = renewal
      .then(() => renew(parts, held))
      .catch((error: unknown) => parts.logs.warn({ ...facts(claim), error: String(error) }, 'a lease was not renewed'))
  }, renewEveryMs)
  let giveUp: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    giveUp = setTimeout(
      () => reject(new Error(`Reading ${claim.objectId} took longer than ${longestReadMs / 1000} seconds.`)),
      longestReadMs,
    )
  })
  try {
    return await Promise.race([reaction.read(claim.scope, claim.connectionId, claim.objectId), tooLong])
  } finally {
    clearInterval(renewing)
    clearTimeout(giveUp)
    await renewal
  }
}

async function renew({ database }: HandlerParts, held: Held): Promise<void> {
  const until = new Date(database.clock.now().getTime() + leaseMs)
  const isOurs = await withoutScope(database, (rows) => extendLease(rows, held.claim, { held: held.until, until }))
  if (isOurs) held.until = until
}

/** One transaction: the object locked, the effect, and the end of its rows (STR-66). @throws LostClaim when it is no longer ours. */
async function finish(
  { database, logs }: HandlerParts,
  { claim, until }: Held,
  decide: (rows: ScopedHandle) => Promise<Ending>,
): Promise<void> {
  const ends = await inScope(database, claim.scope, async (rows) => {
    if (!(await holdClaim(rows, claim, until))) throw new LostClaim()
    const ending = await decide(rows)
    const now = rows.clock.now()
    const ended = claim.events.map((event) => ({ event, end: ending(event, now) }))
    for (const { event, end } of ended) {
      assert(mayMove('processing', end.state), `an inbox event cannot go from processing to ${end.state}`)
      await endEvent(rows, event, { end, now })
    }
    return ended
  })
  for (const { event, end } of ends) {
    const line = { ...facts(claim), eventId: event.eventId, type: event.type, state: end.state, reason: end.reason }
    if (end.state === 'dead' || end.state === 'quarantined') logs.error(line, 'an inbox event needs a person')
    else logs.info(line, 'inbox event')
  }
}

function facts({ scope, objectKind, objectId, connectionId }: Claim) {
  return { operatorId: scope.operatorId, mode: scope.mode, connectionId, objectKind, objectId }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
