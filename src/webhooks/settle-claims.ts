/**
 * The transactions of the loop (STR-66, PERF-53): what was read of one operator's objects is applied in sets of up to fifty, and
 * one transaction of an operator is under way at a time; what becomes ready meanwhile makes the next one. A set is of one reaction that
 * locks all before it writes; every other object has a transaction of its own, so that nobody waits in a circle. A set that fails is
 * done again claim by claim, so one bad object spoils nobody's work. Each ends by showing that its claims are still ours.
 */
import { mayMove } from '#inbox'
import { assert } from '#kernel'
import { inScopeByKey, type ScopedHandle } from '#platform'
import type { Reaction } from '#stripe'
import { endByFailure, endByVerdict, type Claim, type Ending } from './event-end.ts'
import { factsOf, textOf, type Decided, type HandlerParts } from './handle.ts'
import { endClaims, type ClaimEnd } from './store.ts'

export type Settler = {
  /** Resolves when the claim has ended, or has been lost to somebody else. @throws when the database cannot be written. */
  settle(decided: Decided): Promise<void>
}

const mostTogether = 50

type Waiting = Decided & { readonly resolve: () => void; readonly reject: (error: unknown) => void }

export function createSettler(parts: HandlerParts): Settler {
  const lines = new Map<string, Waiting[]>()
  const work = async (name: string, line: Waiting[]) => {
    while (line.length > 0) await settleTogether(parts, takeSet(line))
    lines.delete(name)
  }
  return {
    settle: (decided) =>
      new Promise((resolve, reject) => {
        const { operatorId, mode } = decided.claim.scope
        const name = `${operatorId} ${mode}`
        const line = lines.get(name)
        if (line) return void line.push({ ...decided, resolve, reject })
        const begun = [{ ...decided, resolve, reject }]
        lines.set(name, begun)
        void work(name, begun)
      }),
  }
}

/** The first of the line, with those behind it that may share its transaction. */
function takeSet(line: Waiting[]): readonly Waiting[] {
  const first = line[0]
  const isMate = (waiting: Waiting) =>
    waiting === first || (reactionOfSet(waiting) === reactionOfSet(first) && reactionOfSet(waiting))
  const taken = new Set(line.filter(isMate).slice(0, mostTogether))
  line.splice(0, line.length, ...line.filter((waiting) => !taken.has(waiting)))
  return [...taken]
}

/** Undefined for what has to be alone. */
function reactionOfSet(decided: Decided | undefined): Reaction<unknown> | undefined {
  if (!decided || !('reaction' in decided)) return undefined
  return decided.reaction.sets?.fits(decided.observed) ? decided.reaction : undefined
}

async function settleTogether(parts: HandlerParts, batch: readonly Waiting[]): Promise<void> {
  const [first] = batch
  if (!first) return
  if (batch.length === 1) return settleAlone(parts, first)
  try {
    await finish(parts, batch)
    for (const { resolve } of batch) resolve()
  } catch (error) {
    parts.logs.info({ ...factsOf(first.claim), error: String(error) }, 'objects of one operator are settled one by one')
    for (const waiting of batch) await settleAlone(parts, waiting)
  }
}

async function settleAlone(parts: HandlerParts, waiting: Waiting): Promise<void> {
  const { claim, resolve, reject } = waiting
  try {
    await finish(parts, [waiting])
    resolve()
  } catch (error) {
    if (error instanceof LostClaim) return sayTakenOver(parts, claim, resolve)
    parts.logs.warn({ ...factsOf(claim), error: textOf(error) }, 'an inbox event failed')
    await finish(parts, [{ claim, ending: endByFailure(error) }]).then(resolve, (second: unknown) =>
      second instanceof LostClaim ? sayTakenOver(parts, claim, resolve) : reject(second),
    )
  }
}

function sayTakenOver({ logs }: HandlerParts, claim: Claim, resolve: () => void): void {
  logs.warn(factsOf(claim), 'an inbox claim was taken over meanwhile, nothing was written')
  resolve()
}

class LostClaim extends Error {}

/** One transaction: the effects, and the end of the rows. @throws LostClaim when one of them is no longer ours. */
async function finish({ database, logs }: HandlerParts, batch: readonly Decided[]): Promise<void> {
  const scope = batch[0]?.claim.scope
  assert(scope !== undefined, 'there is nothing to settle')
  const inOrder = batch.toSorted((one, two) => (one.claim.objectId < two.claim.objectId ? -1 : 1))
  const apply = async (rows: ScopedHandle) => {
    const endings = await applyAll(rows, inOrder)
    const ended = inOrder.map(({ claim }, index) => endOf(claim, endings[index]!, rows.clock.now()))
    if (!(await endClaims(rows, ended, rows.clock.now()))) throw new LostClaim()
    return ended
  }
  const finished = await inScopeByKey(database, scope, apply)
  for (const { claim, ends } of finished)
    for (const { event, end } of ends) {
      const line = { ...factsOf(claim), eventId: event.eventId, type: event.type, state: end.state, reason: end.reason }
      if (end.state === 'dead' || end.state === 'quarantined') logs.error(line, 'an inbox event needs a person')
      else logs.info(line, 'inbox event')
    }
}

/** @returns how the events of each are to end. */
async function applyAll(rows: ScopedHandle, batch: readonly Decided[]): Promise<readonly Ending[]> {
  const [first] = batch
  const sets = reactionOfSet(first)?.sets
  if (sets) {
    const news = batch.flatMap((each) =>
      'reaction' in each ? [{ connectionId: each.claim.connectionId, observed: each.observed }] : [],
    )
    return (await sets.apply(rows, news)).map(endByVerdict)
  }
  assert(first && batch.length === 1, 'objects that are no set are applied together')
  if ('ending' in first) return [first.ending]
  return [endByVerdict(await first.reaction.apply(rows, first.claim.connectionId, first.observed))]
}

function endOf(claim: Claim, ending: Ending, now: Date): ClaimEnd {
  const ends = claim.events.map((event) => ({ event, end: ending(event, now) }))
  for (const { end } of ends)
    assert(mayMove('processing', end.state), `an inbox event cannot go from processing to ${end.state}`)
  return { claim, ends }
}
