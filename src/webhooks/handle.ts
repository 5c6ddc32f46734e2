/**
 * The work on one object with news (architecture §8): re-read it with no transaction open, then hand over to the transaction in which
 * the reaction writes and all its inbox rows end. Nothing an event does wrong is thrown from here: that ends in its row.
 */
import { reactionFor, words, type Reactions } from '#inbox'
import type { Database, Logs } from '#platform'
import type { Reaction } from '#stripe'
import { endByFailure, endMissing, endUnhandled, type Claim, type Ending } from './event-end.ts'

export type HandlerParts = { readonly database: Database; readonly reactions: Reactions; readonly logs: Logs }

const longestReadMs = 120_000

/** What the transaction is to do with a claim: apply what was read, or end its events without. */
export type Decided = { readonly claim: Claim } & (
  | { readonly reaction: Reaction<unknown>; readonly observed: unknown }
  | { readonly ending: Ending }
)

/** Asks Stripe for the object of a claim. A fault of the outside is an end like any other. */
export async function readClaim({ reactions, logs }: HandlerParts, claim: Claim): Promise<Decided> {
  const { objectKind, objectId, connectionId, scope } = claim
  const reaction = reactionFor(reactions, objectKind)
  if (!reaction) return { claim, ending: endUnhandled }
  try {
    const observed = await withinTime(objectId, reaction.read(scope, connectionId, objectId))
    if (observed === undefined) return { claim, ending: endMissing(`${words(objectKind)} ${objectId}`) }
    return { claim, reaction, observed }
  } catch (error) {
    logs.warn({ ...factsOf(claim), error: textOf(error) }, 'the object of an inbox event could not be read')
    return { claim, ending: endByFailure(error) }
  }
}

async function withinTime<Value>(objectId: string, reading: Promise<Value>): Promise<Value> {
  let giveUp: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`Reading ${objectId} took longer than ${longestReadMs / 1000} seconds.`))
    giveUp = setTimeout(fail, longestReadMs)
  })
  try {
    return await Promise.race([reading, tooLong])
  } finally {
    clearTimeout(giveUp)
  }
}

/** What a line in the log says about a claim. */
export function factsOf({ scope, objectKind, objectId, connectionId }: Claim) {
  return { operatorId: scope.operatorId, mode: scope.mode, connectionId, objectKind, objectId }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
