/**
 * Asks Stripe about a connection's payouts without waiting for news (STR-71): one list tells of all of them, every hour while something is
 * under way or a failed one waits, and once a day otherwise. While a failed one waits, the schedule and the banks are asked as well. What
 * surprises: looking never sends money; it only decides whether a trouble is over, and a failed one is looked after again each business day.
 */
import { findConnection, isJoined, recheckKey, stripeScopeOf, type Connection } from '#connections'
import { addDays, localDateAt, type Scope, type Uuid } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { StripeFault, type BankSeen, type PayoutSeen } from '#stripe'
import { clearTrouble, endTroubles, planFollowUp, settlePayout } from './on-stripe-payout.ts'
import { isTroubled, type Payout, type PayoutWork } from './payout.ts'
import { explainFailure, isManual } from './payout-failure.ts'
import { requestRetry } from './payout-retry.ts'
import { mayStillMove } from './payout-state.ts'
import {
  findLook,
  findPayout,
  listDueWork,
  listMovingPayouts,
  listTroubledPayouts,
  writeLook,
  type PayoutLook,
} from './store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** How far back the first look reaches; later ones reach back to where a payout may still turn. */
const firstLookMs = 90 * dayMs
const backMs = 14 * dayMs
/** A failed payout nobody could help within this time is not asked about every day any more. */
const patienceMs = 30 * dayMs

type Looking = {
  readonly work: PayoutWork
  readonly scope: Scope
  readonly connection: Connection
}

/** @returns why Stripe could not be asked; undefined when it was, or when there is nothing to ask. */
export async function lookForPayouts(
  work: PayoutWork,
  scope: Scope,
  connectionId: Uuid,
): Promise<StripeFault | undefined> {
  const { database, box, stripe } = work
  const found = await inScope(database, scope, async (rows) => ({
    connection: await findConnection(rows, connectionId),
    look: await findLook(rows, connectionId),
  }))
  const { connection, look } = found
  if (!connection || !isJoined(connection) || connection.state === 'broken') return undefined
  const looking = { work, scope, connection }
  try {
    const now = database.clock.now().getTime()
    const since = look && look.problem === '' ? Math.min(now, look.lookedAt.getTime()) - backMs : now - firstLookMs
    const listed = await stripe.listPayouts(stripeScopeOf(box, connection), new Date(since))
    await settleEach(looking, listed)
    await askAboutOlder(looking, listed)
    await askAboutTroubles(looking)
    return undefined
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    await noteFault(looking, error)
    return error
  }
}

/** The newest first, so that a failure that was made good long ago is never a trouble. One that cannot be taken in holds up no other. */
async function settleEach({ work, scope, connection }: Looking, listed: readonly PayoutSeen[]): Promise<void> {
  for (const observed of listed) {
    const about = { ...scope, connectionId: connection.id, payout: observed.id }
    try {
      const verdict = await inScope(work.database, scope, (rows) =>
        settlePayout(rows, { connectionId: connection.id, observed }),
      )
      if (verdict !== 'done') work.logs.error({ ...about, verdict }, 'a payout needs a person')
    } catch (error) {
      if (!String(error).includes('impossible_news')) throw error
      work.logs.error({ ...about, error: String(error) }, 'a payout needs a person')
    }
  }
}

/** What has not come to its end and is older than the list reaches is asked about one by one. */
async function askAboutOlder(looking: Looking, listed: readonly PayoutSeen[]): Promise<void> {
  const { work, scope, connection } = looking
  const moving = await inScope(work.database, scope, (rows) => listMovingPayouts(rows, connection.id))
  const older = moving.filter(({ stripePayoutId }) => !listed.some(({ id }) => id === stripePayoutId))
  const stripeScope = stripeScopeOf(work.box, connection)
  for (const { stripePayoutId } of older) {
    const observed = await work.stripe.findPayout(stripeScope, stripePayoutId)
    if (observed) await settleEach(looking, [observed])
  }
}

/** While a failed payout waits: the schedule, which decides who sends it again, and the banks, of which one may be another now. */
async function askAboutTroubles({ work, scope, connection }: Looking): Promise<void> {
  const { database, stripe } = work
  const troubled = await inScope(database, scope, (rows) => listTroubledPayouts(rows, connection.id))
  const stripeScope = stripeScopeOf(work.box, connection)
  const { accountId } = connection
  const isAboutBanks = troubled.some((payout) => explainFailure(payout).side === 'bank')
  const settings = troubled.length > 0 ? await shownOr(stripe.readPayoutSettings(stripeScope)) : undefined
  const banks = isAboutBanks && accountId !== null ? await shownOr(stripe.listBanks(stripeScope, accountId)) : undefined
  await inScope(database, scope, async (rows) => {
    for (const payout of troubled) if (isBankReplaced(payout, banks)) await clearTrouble(rows, payout, 'bank_replaced')
    await endTroubles(rows, connection.id)
    const now = rows.clock.now()
    await writeLook(rows, connection.id, {
      lookedAt: now,
      nextAt: new Date(now.getTime() + ((await isRestless(rows, connection.id)) ? hourMs : dayMs)),
      problem: '',
      ...(settings && { scheduleInterval: settings.schedule.interval }),
    })
  })
}

/** A narrow key may not see everything; what it does not see decides nothing. */
async function shownOr<Value>(asking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'permission') return undefined
    throw error
  }
}

/** Payouts of this currency go to another bank account now. Details changed on the same one are proven by the next payout alone. */
function isBankReplaced(payout: Payout, banks: readonly BankSeen[] | undefined): boolean {
  if (explainFailure(payout).side !== 'bank' || payout.bankId === '') return false
  const present = banks?.find(({ currency, isDefault }) => currency === payout.currency && isDefault)
  return present !== undefined && present.id !== payout.bankId && present.status !== 'errored'
}

async function isRestless(rows: ScopedHandle, connectionId: Uuid): Promise<boolean> {
  const today = localDateAt(rows.clock.now(), 'UTC')
  const moving = await listMovingPayouts(rows, connectionId)
  const isFresh = moving.some((payout) => mayStillMove(payout, today) && payout.arrivalOn >= addDays(today, -2))
  return isFresh || (await listTroubledPayouts(rows, connectionId)).length > 0
}

const mayNotRead = 'The restricted key may not read payouts. Give it the permission Payouts (read).'
const silent = 'Stripe did not answer when it was asked for payouts. It is asked again within a quarter of an hour.'

async function noteFault({ work, scope, connection }: Looking, fault: StripeFault): Promise<void> {
  const { database, logs } = work
  logs.warn({ ...scope, connectionId: connection.id, fault: fault.kind }, 'payouts could not be read')
  if (fault.kind === 'auth') await recheckKey(work, scope, connection.id)
  const isRefused = fault.kind === 'permission'
  await inScope(database, scope, (rows) =>
    writeLook(rows, connection.id, {
      nextAt: new Date(rows.clock.now().getTime() + (isRefused ? dayMs : hourMs / 4)),
      problem: isRefused ? mayNotRead : silent,
    }),
  )
}

/**
 * The next business day has come (STR-107): is a new payout there? If not, it is sent again where nobody else does that, and looked after
 * once more on the business day after.
 */
export async function followUpPayout(work: PayoutWork, scope: Scope, payoutId: Uuid): Promise<void> {
  const { database } = work
  const payout = await inScope(database, scope, (rows) => findPayout(rows, payoutId))
  const now = database.clock.now()
  if (!payout || !isTroubled(payout) || !payout.checkAt || payout.checkAt > now) return
  await lookForPayouts(work, scope, payout.connectionId)
  const found = await inScope(database, scope, async (rows) => {
    const present = await findPayout(rows, payoutId)
    if (!present || !isTroubled(present)) return undefined
    const isHopeless = now.getTime() - (present.failedAt ?? present.createdAt).getTime() > patienceMs
    if (isHopeless) return clearTrouble(rows, present, 'long_ago').then(() => undefined)
    await planFollowUp(rows, present)
    return { present, look: await findLook(rows, present.connectionId) }
  })
  if (found && isManual(found.present, intervalOf(found.look)))
    await requestRetry(work, scope, { payoutId, requestedBy: 'schedule' })
}

export function intervalOf(look: PayoutLook | undefined): string {
  return look?.scheduleInterval ?? ''
}

/** Plans what is due; each job finds its own place, so this may run at any time. */
export async function recoverPayouts(rows: ScopedHandle): Promise<void> {
  const due = await listDueWork(rows)
  if (due.length > 0) await rows.enqueue(...due)
}
