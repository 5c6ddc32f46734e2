/**
 * "Find missed events" (UI-154) and what the health page says about fetching (UI-155). A preview only counts; adding is a back-fill that
 * begins further back, so it goes on after a restart and brings nothing twice.
 */
import { noteAudit } from '#audit'
import { stripeScopeOf, type Connection } from '#connections'
import { done, publicId, type Outcome, type Scope } from '#kernel'
import { inScope, type Database, type ScopedHandle, type SecretBox } from '#platform'
import { StripeFault, type EventSeen, type StripeGateway } from '#stripe'
import { eventLifeMs, listAskable, signerOf } from './back-fill.ts'
import { countFoundByPoll, findBackFill, insertBackFill, updateBackFill } from './back-fill-store.ts'
import { findKnown, typeChunks } from './back-fill-steps.ts'
import { refuse, type RecoveryProblem } from './problems.ts'

type MissedGround = { readonly database: Database; readonly box: SecretBox; readonly stripe: StripeGateway }

export type MissedEvents = {
  readonly state: 'ok'
  readonly newCount: number
  readonly seenCount: number
  /** When the oldest of the new ones happened. */
  readonly oldestAt?: Date
  readonly byType: readonly { readonly type: string; readonly count: number }[]
  /** False when there were more than a person can wait for: then the newest were counted. Adding takes all. */
  readonly isComplete: boolean
}

/** A person waits for it, and Stripe allows 20 pages a second. */
const mostPagesPerList = 100

/** Asks Stripe for the events of the last 29 days and counts those that are not here; writes nothing. */
export async function previewMissedEvents(
  ground: MissedGround,
  scope: Scope,
): Promise<Outcome<MissedEvents, RecoveryProblem>> {
  const connections = await inScope(ground.database, scope, listAskable)
  if (connections.length === 0) return refuse('missed_not_connected')
  const missed: EventCount = { seenCount: 0, byType: new Map(), oldestAt: undefined, isComplete: true }
  try {
    for (const connection of connections)
      for (const types of typeChunks) await countList(ground, { scope, connection, types, missed })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return refuse(error.kind === 'permission' ? 'missed_not_readable' : 'missed_no_answer')
  }
  const byType = [...missed.byType].map(([type, count]) => ({ type, count }))
  const { seenCount, oldestAt, isComplete } = missed
  const newCount = byType.reduce((sum, { count }) => sum + count, 0)
  return done({ state: 'ok', newCount, seenCount, ...(oldestAt && { oldestAt }), byType, isComplete })
}

type EventCount = {
  seenCount: number
  readonly byType: Map<string, number>
  oldestAt: Date | undefined
  isComplete: boolean
}

async function countList(
  { database, box, stripe }: MissedGround,
  about: { scope: Scope; connection: Connection; types: readonly string[]; missed: EventCount },
): Promise<void> {
  const { scope, connection, types, missed } = about
  const createdUntil = database.clock.now()
  const createdFrom = new Date(createdUntil.getTime() - eventLifeMs)
  let startingAfter: EventSeen['id'] | undefined
  for (let pages = 0; pages < mostPagesPerList; pages += 1) {
    const wish = { types, createdFrom, createdUntil, startingAfter }
    const { rows: page, hasMore, lastId } = await stripe.listEvents(stripeScopeOf(box, connection), wish)
    startingAfter = lastId as EventSeen['id'] | undefined
    if (startingAfter === undefined) return
    countPage(missed, page, await inScope(database, scope, (rows) => findKnown(rows, signerOf(connection), page)))
    if (!hasMore) return
  }
  missed.isComplete = false
}

function countPage(missed: EventCount, page: readonly EventSeen[], known: ReadonlySet<string>): void {
  for (const { id, type, createdAt } of page) {
    missed.seenCount += 1
    if (known.has(id)) continue
    missed.byType.set(type, (missed.byType.get(type) ?? 0) + 1)
    if (!missed.oldestAt || createdAt < missed.oldestAt) missed.oldestAt = createdAt
  }
}

/** Fetches all of them in the background, beginning now. */
export async function addMissedEvents(
  { database }: Pick<MissedGround, 'database'>,
  scope: Scope,
): Promise<Outcome<{ readonly state: 'ok' }, RecoveryProblem>> {
  return inScope(database, scope, async (rows) => {
    const connections = await listAskable(rows)
    if (connections.length === 0) return refuse('missed_not_connected')
    for (const connection of connections) await beginFurtherBack(rows, connection)
    return done({ state: 'ok' })
  })
}

async function beginFurtherBack(rows: ScopedHandle, connection: Connection): Promise<void> {
  const until = rows.clock.now()
  const from = new Date(until.getTime() - eventLifeMs)
  await insertBackFill(rows, { connectionId: connection.id, watermark: connection.createdAt })
  const present = (await findBackFill(rows, connection.id))!
  // Whatever run is under way begins anew: this one reaches further in both directions.
  if (present.byObjects === '')
    await updateBackFill(rows, present, { run: { kind: 'events', from, until, step: 0, after: undefined } })
  await rows.enqueue({ name: 'recovery.back-fill', id: connection.id })
  const object = { kind: 'connection', id: publicId('connection', connection.id) }
  noteAudit(rows, { action: 'connection.missed_events_fetched', object, after: { from: from.toISOString() } })
}

export type CatchUp = {
  readonly lastPolledAt?: Date
  /** Everything Stripe had up to here has been kept. */
  readonly watermark?: Date
  readonly isUnderWay: boolean
  /** Events Stripe had and we had not. */
  readonly missedLast15Minutes: number
  /** A sentence with what to do. */
  readonly problem?: string
}

/** How well we keep up with Stripe without its deliveries. */
export async function readCatchUp(rows: ScopedHandle): Promise<CatchUp> {
  const since = new Date(rows.clock.now().getTime() - 15 * 60_000)
  const missedLast15Minutes = await countFoundByPoll(rows, since)
  const all = await Promise.all((await listAskable(rows)).map(({ id }) => findBackFill(rows, id)))
  // Of two the one that is further behind speaks for both.
  const [found] = all
    .filter((one) => one !== undefined)
    .toSorted((one, other) => one.watermark.getTime() - other.watermark.getTime())
  if (!found) return { isUnderWay: false, missedLast15Minutes }
  const { lastPolledAt, watermark, run, byObjects, unkept } = found
  const problem = found.problem || byObjectsSentences[byObjects] || sentenceOf(unkept)
  return {
    ...(lastPolledAt && { lastPolledAt }),
    watermark,
    isUnderWay: run !== undefined,
    missedLast15Minutes,
    ...(problem !== '' && { problem }),
  }
}

function sentenceOf(unkept: readonly string[]): string {
  if (unkept.length === 0) return ''
  return `Some of what Stripe listed could not be kept (${unkept.length}): ${unkept.slice(0, 3).join(', ')}. Everything else was. Look at those in Stripe's Dashboard; the log says why.`
}

const byObjectsSentences = {
  '': '',
  too_old: 'Stripe no longer has the oldest events, so payments and refunds themselves are looked at.',
  permission:
    'The key may not read events, so payments, refunds and payouts themselves are looked at instead. Disputes are not. Give the restricted key the right to read events.',
}
