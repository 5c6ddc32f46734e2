/**
 * Fetching what deliveries did not bring (STR-72). Events are asked for from an hour before the watermark, page by page, and go the road
 * of a delivery: judged, kept, worked. What surprises: the watermark moves only when a whole run is done, and the place inside a run is
 * written after every page, so a death costs one page. Where events are too old or the key may not read them, the objects themselves
 * are looked at: payments, refunds and payouts, because disputes are not kept here yet.
 */
import { findConnection, isJoined, listConnections, recheckKey, stripeScopeOf, type Connection } from '#connections'
import { readHealth } from '#endpoints'
import type { Signer } from '#inbox'
import type { Scope } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { StripeFault } from '#stripe'
import { stepsOf, type BackFillGround, type Work } from './back-fill-steps.ts'
import {
  findBackFill,
  insertBackFill,
  updateBackFill,
  type BackFill,
  type BackFillChange,
  type Run,
} from './back-fill-store.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** A job that worked for ever would be taken for dead; the rest is a job of its own. */
const longestSliceMs = 30 * second
/** Deliveries are given this long before their events are fetched. */
const graceMs = 30 * second
/** Stripe keeps events for 30 days; the last of them is for being late. */
export const eventLifeMs = 29 * day

/**
 * Plans the fetching for each of the operator's connections when it is due: at the start, after 15 minutes, after 5 while something waits
 * or deliveries are not well, and at once where a run was left in the middle.
 */
export async function planBackFill(rows: ScopedHandle, about: Occasion): Promise<void> {
  for (const connection of await listAskable(rows)) {
    if (await isDue(rows, connection, about)) await rows.enqueue({ name: 'recovery.back-fill', id: connection.id })
  }
}

type Occasion = { readonly isStart: boolean; readonly hasPending: boolean }

async function isDue(rows: ScopedHandle, connection: Connection, occasion: Occasion): Promise<boolean> {
  if (occasion.isStart) return true
  const found = await findBackFill(rows, connection.id)
  if (!found?.lastPolledAt || found.run) return true
  const agoMs = rows.clock.now().getTime() - found.lastPolledAt.getTime()
  if (agoMs < 5 * minute || agoMs >= 15 * minute) return agoMs >= 15 * minute
  if (occasion.hasPending) return true
  // What serves connected accounts is the installation's endpoint, which is watched by itself.
  return connection.kind === 'own_keys' && (await readHealth(rows, connection)) !== 'healthy'
}

/** The connections Stripe can be asked about: own keys, a connected account, and what still drains (STR-26). */
export async function listAskable(rows: ScopedHandle): Promise<readonly Connection[]> {
  return (await listConnections(rows)).filter(isUsable)
}

function isUsable(connection: Connection): boolean {
  return (connection.state === 'connected' || connection.state === 'disconnecting') && isJoined(connection)
}

type End = 'done' | 'goes_on' | 'stopped'

/**
 * Works for at most half a minute. @returns `goes_on` when there is more, `stopped` when Stripe did not let us or another process is at
 * it; the next planning goes on from there. @throws when the database cannot be written.
 */
export async function backFill(ground: BackFillGround, scope: Scope, connectionId: string): Promise<End> {
  const work = await openWork(ground, scope, connectionId)
  if (!work) return 'stopped'
  const endAt = performance.now() + longestSliceMs
  for (;;) {
    const at = await inScope(ground.database, scope, (rows) => openRun(rows, connectionId))
    if (!at) return 'goes_on'
    const end = await onePage(work, at).catch((error: unknown) => onFault(work, at, error))
    if (end !== 'goes_on') return end
    if (performance.now() > endAt) return 'goes_on'
  }
}

async function openWork(ground: BackFillGround, scope: Scope, connectionId: string): Promise<Work | undefined> {
  const connection = await inScope(ground.database, scope, (rows) => findConnection(rows, connectionId))
  if (!connection || !isUsable(connection)) return undefined
  const endpoint = connection.kind === 'connect' ? 'connect' : 'own'
  return { ground, scope, stripeScope: stripeScopeOf(ground.box, connection), signer: signerOf(connection), endpoint }
}

/** Whatever is fetched with a connection's key is judged as if its secret had signed it. */
export function signerOf({ operatorId, mode, id, accountId }: Connection): Signer {
  return { operatorId, mode, connectionId: id, accountId: accountId ?? undefined }
}

type Place = BackFill & { readonly run: Run }

/** The run to go on with. @returns undefined when another process has just begun one. */
async function openRun(rows: ScopedHandle, connectionId: string): Promise<Place | undefined> {
  const connection = await findConnection(rows, connectionId)
  if (!connection) return undefined
  await insertBackFill(rows, { connectionId, watermark: connection.createdAt })
  const found = (await findBackFill(rows, connectionId))!
  const now = rows.clock.now()
  if (found.run && !isForgotten(found.run, now)) return { ...found, run: found.run }
  const run = nextRun(found, now)
  const byObjects = run.kind === 'objects' ? ('too_old' as const) : found.byObjects
  return (await updateBackFill(rows, found, { run, byObjects })) ? { ...found, byObjects, run } : undefined
}

/** Left alone for so long that Stripe no longer has its first events: the watermark still stands before them. */
function isForgotten({ kind, from }: Run, now: Date): boolean {
  return kind === 'events' && now.getTime() - from.getTime() > eventLifeMs + day
}

/** From an hour before the watermark, because Stripe's own order is only roughly that of time; of before the connection nothing. */
function nextRun({ watermark, lastPolledAt }: BackFill, now: Date): Run {
  const isTooOld = now.getTime() - watermark.getTime() > eventLifeMs
  const from = lastPolledAt ? new Date(watermark.getTime() - hour) : watermark
  const until = new Date(Math.max(watermark.getTime(), now.getTime() - graceMs))
  return { kind: isTooOld ? 'objects' : 'events', from, until, step: 0, after: undefined }
}

/** Reads and keeps one page, and writes down where to go on. */
async function onePage(work: Work, at: Place): Promise<End> {
  const { run } = at
  const steps = stepsOf(run)
  const step = steps[run.step]
  const { lastId, hasMore } = step ? await step(work, run) : { lastId: undefined, hasMore: false }
  const isStepDone = !hasMore || lastId === undefined
  const next: Run = isStepDone ? { ...run, step: run.step + 1, after: undefined } : { ...run, after: lastId }
  const isRunDone = isStepDone && next.step >= steps.length
  const change = isRunDone ? endOfRun(at, work.ground.database.clock.now()) : { run: next }
  const isOurs = await inScope(work.ground.database, work.scope, (rows) => updateBackFill(rows, at, change))
  if (!isOurs) return 'stopped'
  return isRunDone && !isTooOldRun(at) ? 'done' : 'goes_on'
}

function isTooOldRun({ run, byObjects }: Place): boolean {
  return run.kind === 'objects' && byObjects === 'too_old'
}

/** After a search by objects because events were too old, those that Stripe still has are fetched as well. */
function endOfRun(at: Place, now: Date): BackFillChange {
  const end = { run: undefined, lastPolledAt: now, problem: '' }
  if (isTooOldRun(at)) return { ...end, watermark: new Date(at.run.until.getTime() - eventLifeMs + 2 * hour) }
  return { ...end, watermark: at.run.until, ...(at.run.kind === 'events' && { byObjects: '' as const }) }
}

const sentences = {
  key: 'Stripe no longer accepts the key. Replace it; what happened meanwhile is fetched then.',
  permission:
    'The key may read neither events nor payments, so nothing can be fetched that a delivery did not bring. Give it the rights of the list.',
  silence: 'Stripe did not answer when it was asked for missed events. It is asked again within a minute.',
}

/** A run goes on where it stood; only a key that may not read events, and a place Stripe has forgotten, begin another one. */
async function onFault(work: Work, at: Place, error: unknown): Promise<End> {
  if (!(error instanceof StripeFault)) throw error
  const { ground, scope, signer } = work
  const now = ground.database.clock.now()
  const write = (change: BackFillChange) => inScope(ground.database, scope, (rows) => updateBackFill(rows, at, change))
  if (error.kind === 'permission' && at.run.kind === 'events') {
    await write({ byObjects: 'permission', run: { ...at.run, kind: 'objects', step: 0, after: undefined } })
    return 'goes_on'
  }
  if (error.kind === 'missing' && at.run.after !== undefined) {
    await write({ run: undefined })
    return 'goes_on'
  }
  ground.logs.warn({ ...scope, connectionId: signer.connectionId, fault: error.kind }, 'the back-fill was stopped')
  if (error.kind === 'auth') await recheckKey(ground, scope, signer.connectionId)
  if (error.kind === 'permission') await write({ run: undefined, lastPolledAt: now, problem: sentences.permission })
  else await write({ problem: error.kind === 'auth' ? sentences.key : sentences.silence })
  return 'stopped'
}
