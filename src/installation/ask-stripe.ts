/**
 * What only Stripe can tell about the installation: how its endpoints stand, and whether the newest news of connected accounts came here.
 * All of it is reading. What surprises: Stripe lists events by account, so a few accounts stand for all: the one whose payment was missed
 * first, then those that were connected last.
 */
import { findConnection, isJoined, listTargets, stripeScopeOf, type Connection } from '#connections'
import type { Mode, Scope } from '#kernel'
import { inScope, withoutScope } from '#platform'
import { missingEvents, StripeFault, type EventSeen } from '#stripe'
import { installationScope, type InstallationWatch } from './installation.ts'
import { eventsOf } from './own-endpoints.ts'
import { presentOf, readStanding, type Standing, type WatchGround } from './standing.ts'
import { claimAsk, updateInstallationRow, updateWatch, wasDelivered, type WatchChange } from './store.ts'

const second = 1000
const minute = 60 * second
const graceMs = 10_000
const lookBackMs = 15 * minute
const accountsAsked = 5
const accountsLookedAt = 25
/** Stripe takes 20 types at once; these move most. */
const newsTypes = [
  'account.updated',
  'account.external_account.updated',
  'capability.updated',
  'person.updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'charge.succeeded',
  'charge.failed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'setup_intent.succeeded',
  'checkout.session.completed',
  'payout.created',
  'payout.paid',
  'payout.failed',
  'balance.available',
] as const

/** @returns false when another process is asking. */
export async function askInstallation(ground: WatchGround, mode: Mode): Promise<boolean> {
  const { database } = ground
  const standing = await readStanding(ground, mode)
  if (!standing.hasKey) return false
  const isOurs = await withoutScope(database, (rows) => claimAsk(rows, standing.watch, standing.now))
  if (!isOurs) return false
  const change = await ask(ground, standing)
  await withoutScope(database, (rows) => updateWatch(rows, change, mode))
  return true
}

async function ask(ground: WatchGround, standing: Standing): Promise<WatchChange> {
  try {
    const endpointCount = await lookAtEndpoints(ground, standing)
    return { endpointCount, keyProblem: '', ...(await lookForUnseen(ground, standing)) }
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    const isRefused = error.kind === 'auth' || error.kind === 'permission'
    if (!isRefused) return {}
    return {
      keyProblem:
        error.kind === 'auth'
          ? 'Stripe does not accept the key of this installation.'
          : 'The key of this installation lacks permissions on webhook endpoints or events.',
    }
  }
}

/** Keeps how each endpoint stands. @returns how many there are at Stripe in all. @throws StripeFault */
async function lookAtEndpoints({ database, stripe }: WatchGround, { mode, rows, now }: Standing): Promise<number> {
  const endpoints = await stripe.listEndpoints(installationScope(mode))
  for (const { id, kind, stripeEndpointId } of rows) {
    if (!stripeEndpointId) continue
    const there = endpoints.find((one) => one.id === stripeEndpointId)
    const seen = {
      checkedAt: now.toISOString(),
      isFound: there !== undefined,
      isEnabled: there?.isEnabled ?? false,
      missing: there ? missingEvents(there.enabledEvents, eventsOf(kind)) : [],
    }
    await updateInstallationRow(database, id, { seen })
  }
  return endpoints.length
}

/** Only while something points to it, so that rubbish at the address costs a few calls and no more. */
export function isSuspicious({ refusedAt, suspectedAt, unseenSince }: InstallationWatch, now: Date): boolean {
  return unseenSince !== null || [refusedAt, suspectedAt].some((at) => at && now.getTime() - at.getTime() < lookBackMs)
}

/** @throws StripeFault */
async function lookForUnseen(ground: WatchGround, standing: Standing): Promise<WatchChange> {
  const { mode, watch, now } = standing
  if (!isSuspicious(watch, now)) return {}
  for (const connection of await listSample(ground, mode, watch)) {
    const newest = await findNewestNews(ground, connection, spanOf(standing))
    if (!newest) continue
    const event = { account: connection.accountId ?? '', mode, eventId: newest.id }
    if (await withoutScope(ground.database, (rows) => wasDelivered(rows, event))) continue
    return { unseenSince: watch.unseenSince ?? newest.createdAt, unseenAccount: event.account }
  }
  return { unseenSince: null, unseenAccount: '' }
}

type Span = { readonly createdFrom: Date; readonly createdUntil: Date }

/** The last quarter of an hour, as far as deliveries have had time; what is older than the endpoint could not come by it. */
function spanOf({ now, rows }: Standing): Span {
  const present = presentOf(rows, 'connect')
  const standsSince = present?.tookOverAt ?? present?.createdAt ?? new Date(0)
  return {
    createdFrom: new Date(Math.max(now.getTime() - lookBackMs, standsSince.getTime() + second)),
    createdUntil: new Date(now.getTime() - graceMs),
  }
}

async function findNewestNews(
  { stripe, box }: WatchGround,
  connection: Connection,
  span: Span,
): Promise<EventSeen | undefined> {
  if (span.createdFrom >= span.createdUntil) return undefined
  try {
    const page = await stripe.listEvents(stripeScopeOf(box, connection), { types: newsTypes, ...span })
    return page.rows[0]
  } catch (error) {
    // An account that has left cannot be asked, and is no sign of anything.
    if (error instanceof StripeFault && error.code === 'account_invalid') return undefined
    throw error
  }
}

async function listSample(
  { database }: WatchGround,
  mode: Mode,
  { suspectOperator, suspectConnection }: InstallationWatch,
): Promise<readonly Connection[]> {
  const targets = (await listTargets(database, 'account')).filter((target) => target.mode === mode)
  const newest = targets.toSorted((one, other) => (one.connectionId < other.connectionId ? 1 : -1))
  const suspect =
    suspectOperator && suspectConnection ? [{ operatorId: suspectOperator, connectionId: suspectConnection }] : []
  const sample = new Map<string, Connection>()
  for (const { operatorId, connectionId } of [...suspect, ...newest.slice(0, accountsLookedAt)]) {
    if (sample.size >= accountsAsked) break
    const scope: Scope = { operatorId, mode }
    const connection = await inScope(database, scope, (rows) => findConnection(rows, connectionId))
    if (connection?.kind === 'connect' && isJoined(connection)) sample.set(connection.id, connection)
  }
  return [...sample.values()]
}
