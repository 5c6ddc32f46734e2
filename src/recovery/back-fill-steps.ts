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
  type KeepOutcome,
  type NewEvent,
  type Reactions,
  type Signer,
} from '#inbox'
import { assert, type Scope } from '#kernel'
import { inScope, newId, type Database, type Logs, type ScopedHandle, type SecretBox } from '#platform'
import { endpointEvents, type EventPage, type StripeGateway, type StripeScope } from '#stripe'
import { addUnkept, findKnownEventIds, type Run } from './back-fill-store.ts'

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
  /** By which endpoint the deliveries of this connection come. */
  readonly endpoint: NewEvent['endpoint']
}

export type PageRead = { readonly lastId: string | undefined; readonly hasMore: boolean }

const typesPerCall = 20

/** Whatever tells of one payment is asked for in one list, so that a page brings it together and one read closes all of it. */
const aboutPayments = /^(payment_intent|charge|refund|checkout)\.(?!dispute)/
const orderedEvents = [
  ...endpointEvents.filter((type) => aboutPayments.test(type)),
  ...endpointEvents.filter((type) => !aboutPayments.test(type)),
]

export const typeChunks: readonly (readonly string[])[] = Array.from(
  { length: Math.ceil(orderedEvents.length / typesPerCall) },
  (_one, place) => orderedEvents.slice(place * typesPerCall, (place + 1) * typesPerCall),
)

export function stepsOf({ kind }: Run): readonly Step[] {
  return kind === 'events' ? typeChunks.map(eventStep) : objectSteps
}

/** Reads and keeps one page of its list, from where the run stands. */
type Step = (work: Work, run: Run) => Promise<PageRead>

function eventStep(types: readonly string[]): Step {
  return async (work, run) => {
    const page = await work.ground.stripe.listEvents(work.stripeScope, { types, ...spanOf(run) })
    await keepNew(work, page)
    return { lastId: page.lastId, hasMore: page.hasMore }
  }
}

function spanOf<Id extends string>(run: Run) {
  return { createdFrom: run.from, createdUntil: run.until, startingAfter: run.after as Id | undefined }
}

/**
 * The same road as for a delivery: only who brings it differs. What cannot be kept for reasons of its own is noted and left behind, so
 * that it stops neither its page nor the watermark (TRU-192). @throws when the database is away; the page is read again then.
 */
async function keepNew(work: Work, { rows: page, strange }: EventPage): Promise<void> {
  const { ground, scope, signer, endpoint } = work
  const { database } = ground
  const [named, nameless] = partedByName([...page, ...strange])
  const known = await inScope(database, scope, (rows) => findKnown(rows, signer, named))
  const fresh = named
    .filter(({ id }) => !known.has(id))
    .map((event) => ({ ...toNewEvent(database, signer, event), endpoint }))
  const kept = fresh.length === 0 ? [] : await keepEvents(database, fresh)
  const refused = fresh.flatMap(({ eventId }, place) => refusalOf(eventId, kept[place]))
  await noteUnkept(work, [...nameless.map(({ id = '' }) => ({ id, error: 'It has no usable id.' })), ...refused])
  const isNew = fresh.filter((_event, place) => {
    const outcome = kept[place]
    return outcome && 'isNew' in outcome && outcome.isNew
  })
  if (isNew.some(({ state }) => state === 'received')) ground.onKept()
  for (const { state, eventId, reason } of isNew) {
    if (state === 'dead' || state === 'quarantined')
      ground.logs.error({ ...scope, eventId, state, reason }, 'an inbox event needs a person')
  }
  const added = new Set(isNew.map(({ eventId }) => eventId))
  const createdAt = page.filter(({ id }) => added.has(id)).map((event) => event.createdAt.getTime())
  if (createdAt.length === 0) return
  const newestAt = new Date(Math.max(...createdAt))
  const found = { connectionId: signer.connectionId, count: isNew.length, at: database.clock.now(), newestAt }
  await inScope(database, scope, (rows) => recordFoundByPoll(rows, found))
}

type Listed = { readonly id?: string | undefined; readonly rawText: string }
type Named = Listed & { readonly id: string }

/** What no row could be found by again is never asked of the database. */
function partedByName(events: readonly Listed[]): readonly [readonly Named[], readonly Listed[]] {
  const isNamed = (event: Listed): event is Named => /^evt_[\x21-\x7e]{1,251}$/.test(event.id ?? '')
  return [events.filter(isNamed), events.filter((event) => !isNamed(event))]
}

type Unkept = { readonly id: string; readonly error: string }

/** @throws the error itself when it is not about this one event: then the database is away, full or closed to us. */
function refusalOf(id: string, outcome: KeepOutcome | undefined): readonly Unkept[] {
  if (!outcome || !('error' in outcome)) return []
  const { error } = outcome
  const { code } = error as { code?: unknown }
  // Classes of SQLSTATE: wrong data, a broken constraint, more than fits.
  if (typeof code !== 'string' || !/^(22|23|54)[0-9A-Z]{3}$/.test(code)) throw error
  return [{ id, error: String(error) }]
}

const longestShown = 60

async function noteUnkept({ ground, scope, signer }: Work, unkept: readonly Unkept[]): Promise<void> {
  if (unkept.length === 0) return
  const { connectionId } = signer
  const shown = unkept.map(({ id, error }) => ({
    id: id.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, longestShown),
    error,
  }))
  for (const { id: eventId, error } of shown)
    ground.logs.error({ ...scope, connectionId, eventId, error }, 'an event cannot be kept, the back-fill goes on')
  await inScope(ground.database, scope, (rows) =>
    addUnkept(rows, { connectionId, ids: shown.map(({ id }) => id || '?') }),
  )
}

export async function findKnown(
  rows: ScopedHandle,
  { accountId, connectionId }: Signer,
  page: readonly { readonly id: string }[],
): Promise<ReadonlySet<string>> {
  if (page.length === 0) return new Set()
  const sourceAccounts = [`own:${connectionId}`, ...(accountId === undefined ? [] : [accountId])]
  return findKnownEventIds(rows, { sourceAccounts, eventIds: page.map(({ id }) => id) })
}

function toNewEvent(database: Database, signer: Signer, seen: Named): Omit<NewEvent, 'endpoint'> {
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
  async (work, run) => {
    const { rows, hasMore } = await work.ground.stripe.pageOfPayouts(work.stripeScope, spanOf(run))
    await applyEach(work, { kind: 'payout', objects: rows, isWhole: true })
    return { lastId: rows.at(-1)?.id, hasMore }
  },
]

type Sweep = {
  readonly kind: 'payment_intent' | 'refund' | 'payout'
  readonly objects: readonly { readonly id: string }[]
  /** Whether the list holds all that the reaction looks at. */
  readonly isWhole: boolean
}

/** One that cannot be applied must not hold up the others. */
async function applyEach({ ground, scope, signer }: Work, { kind, objects, isWhole }: Sweep): Promise<void> {
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
