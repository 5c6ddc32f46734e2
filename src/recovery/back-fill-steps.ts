/**
 * The lists a back-fill reads, page by page: events, which go the road of a delivery, or the objects themselves where events cannot be
 * asked (STR-72). Each object is settled by the reaction that news of it would have woken. What surprises: a refund is applied as it was
 * listed, and a payment is read once more, because its news bring its refunds along, which no list does.
 */
import { recordFoundByPoll } from '#endpoints'
import {
  judgeArrival,
  keepEvents,
  parseEvent,
  reactionFor,
  sourceAccountOf,
  type NewEvent,
  type Reactions,
  type Signer,
} from '#inbox'
import { assert, type Scope } from '#kernel'
import { inScope, newId, type Database, type Logs, type ScopedHandle, type SecretBox } from '#platform'
import { endpointEvents, type EventSeen, type StripeGateway, type StripeScope } from '#stripe'
import { findKnownEventIds, type Run } from './back-fill-store.ts'

export type BackFillGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
  readonly reactions: Reactions
  /** Told after the commit of events that need work. */
  readonly onKept: () => void
}

/** What one connection is asked with, and where what is found goes. */
export type Work = {
  readonly ground: BackFillGround
  readonly scope: Scope
  readonly stripeScope: StripeScope
  readonly signer: Signer
}

export type PageRead = { readonly lastId: string | undefined; readonly hasMore: boolean }

const typesPerCall = 20

export const typeChunks: readonly (readonly string[])[] = Array.from(
  { length: Math.ceil(endpointEvents.length / typesPerCall) },
  (_one, place) => endpointEvents.slice(place * typesPerCall, (place + 1) * typesPerCall),
)

export function stepsOf({ kind }: Run): readonly Step[] {
  return kind === 'events' ? typeChunks.map(eventStep) : objectSteps
}

/** Reads and keeps one page of its list, from where the run stands. */
type Step = (work: Work, run: Run) => Promise<PageRead>

function eventStep(types: readonly string[]): Step {
  return async (work, run) => {
    const { rows, hasMore } = await work.ground.stripe.listEvents(work.stripeScope, { types, ...spanOf(run) })
    if (rows.length > 0) await keepNew(work, rows)
    return { lastId: rows.at(-1)?.id, hasMore }
  }
}

function spanOf<Id extends string>(run: Run) {
  return { createdFrom: run.from, createdUntil: run.until, startingAfter: run.after as Id | undefined }
}

/** The same road as for a delivery: only who brings it differs. @throws when one could not be kept; the page is read again then. */
async function keepNew({ ground, scope, signer }: Work, page: readonly EventSeen[]): Promise<void> {
  const { database } = ground
  const known = await inScope(database, scope, (rows) => findKnown(rows, signer, page))
  const fresh = page.filter(({ id }) => !known.has(id)).map((event) => toNewEvent(database, signer, event))
  if (fresh.length === 0) return
  const kept = await keepEvents(database, fresh)
  for (const outcome of kept) if ('error' in outcome) throw outcome.error
  const isNew = fresh.filter((_event, place) => {
    const outcome = kept[place]
    return outcome && 'isNew' in outcome && outcome.isNew
  })
  if (isNew.some(({ state }) => state === 'received')) ground.onKept()
  for (const { state, eventId, reason } of isNew) {
    if (state === 'dead' || state === 'quarantined')
      ground.logs.error({ ...scope, eventId, state, reason }, 'an inbox event needs a person')
  }
  if (isNew.length === 0) return
  const added = new Set(isNew.map(({ eventId }) => eventId))
  const newestAt = new Date(
    Math.max(...page.filter(({ id }) => added.has(id)).map(({ createdAt }) => Number(createdAt))),
  )
  const found = { connectionId: signer.connectionId, count: isNew.length, at: database.clock.now(), newestAt }
  await inScope(database, scope, (rows) => recordFoundByPoll(rows, found))
}

export function findKnown(
  rows: ScopedHandle,
  { accountId, connectionId }: Signer,
  page: readonly EventSeen[],
): Promise<ReadonlySet<string>> {
  const sourceAccounts = [`own:${connectionId}`, ...(accountId === undefined ? [] : [accountId])]
  return findKnownEventIds(rows, { sourceAccounts, eventIds: page.map(({ id }) => id) })
}

function toNewEvent(database: Database, signer: Signer, seen: EventSeen): NewEvent {
  const body = Buffer.from(seen.rawText)
  const event = parseEvent(body)
  const { operatorId, mode, connectionId } = signer
  return {
    ...judgeArrival(event, signer),
    id: newId(database.clock),
    sourceAccount: sourceAccountOf(event, signer),
    operatorId,
    mode,
    connectionId,
    endpoint: 'own',
    eventId: seen.id,
    type: event?.type ?? 'unreadable',
    apiVersion: event?.apiVersion ?? '',
    via: 'poll',
    receivedAt: database.clock.now(),
    body,
  }
}

const objectSteps: readonly Step[] = [
  async (work, run) => {
    const { rows, hasMore } = await work.ground.stripe.pageOfPaymentIntents(work.stripeScope, spanOf(run))
    // Everything we ever made names us; whatever else the account does is none of ours (STR-67).
    const ours = rows.filter(({ metadata }) => metadata['rentroll_operator'] !== undefined)
    await applyEach(work, { kind: 'payment_intent', objects: ours, isWhole: false })
    return { lastId: rows.at(-1)?.id, hasMore }
  },
  async (work, run) => {
    const { rows, hasMore } = await work.ground.stripe.pageOfRefunds(work.stripeScope, spanOf(run))
    await applyEach(work, { kind: 'refund', objects: rows, isWhole: true })
    return { lastId: rows.at(-1)?.id, hasMore }
  },
]

type Listed = {
  readonly kind: 'payment_intent' | 'refund'
  readonly objects: readonly { readonly id: string }[]
  /** Whether the list holds all that the reaction looks at. */
  readonly isWhole: boolean
}

/** One that cannot be applied must not hold up the others. */
async function applyEach({ ground, scope, signer }: Work, { kind, objects, isWhole }: Listed): Promise<void> {
  const { database, logs, reactions } = ground
  const { connectionId } = signer
  const reaction = reactionFor(reactions, kind)
  assert(reaction !== undefined, `there is no reaction to a ${kind}`)
  for (const object of objects) {
    const { id } = object
    const about = { ...scope, connectionId, objectId: id }
    try {
      const observed = isWhole ? object : await reaction.read(scope, connectionId, id)
      if (observed === undefined) continue
      const verdict = await inScope(database, scope, (rows) => reaction.apply(rows, connectionId, observed))
      if (verdict !== 'done' && verdict !== 'foreign') logs.error({ ...about, verdict }, 'an object needs a person')
    } catch (error) {
      logs.error({ ...about, error: String(error) }, 'an object needs a person')
    }
  }
}
