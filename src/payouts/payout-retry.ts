/**
 * Sending the money of a failed payout again (STR-107, MON-35): only where payouts are made by hand, only where the bank account is not the
 * cause, at most three times and once a business day. The intent and its key are written before anything leaves, so a second press, another
 * worker or a death in between sends once. What surprises: a payout has no unconfirmed step. After a lost answer the payouts made since are
 * listed and ours is looked for by its metadata before the same key is used again (TRU-136).
 */
import { noteAudit } from '#audit'
import { getConnection, isHeld, recheckKey, stripeScopeOf, type Connection } from '#connections'
import { bankZone, done, localDateAt, moneyText, publicId, type Outcome, type Scope, type Uuid } from '#kernel'
import { getCompany } from '#operators'
import { findMoneyCall, mayRepeat, planMoneyCall, updateMoneyCall, type MoneyCall } from '#payments'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type PayoutSeen } from '#stripe'
import { settlePayout } from './on-stripe-payout.ts'
import { isTroubled, payoutIds, retryKey, type Payout, type PayoutWork } from './payout.ts'
import { mayBeSentAgain, mostRetries } from './payout-failure.ts'
import { refuse, refuseFault, type PayoutProblem } from './problems.ts'
import { findPayout, listRetries, lockPayout, updateChain } from './store.ts'

/** Why a payout is not sent again, by what is known here; undefined when it may be. */
export function judgeRetry(payout: Payout): PayoutProblem | undefined {
  if (!isTroubled(payout)) return 'payout_not_failed'
  if (!mayBeSentAgain(payout)) return 'payout_not_ours'
  return payout.retries >= mostRetries ? 'payout_retries_used' : undefined
}

export type RetryWish = { readonly payoutId: Uuid; readonly requestedBy: string }

/** Writes down that the money is sent again and plans it. Asked twice it answers the same and sends once. */
export async function requestRetry(
  work: PayoutWork,
  scope: Scope,
  { payoutId, requestedBy }: RetryWish,
): Promise<Outcome<Payout | undefined, PayoutProblem>> {
  const { database, box, stripe } = work
  const found = await inScope(database, scope, async (rows) => {
    const payout = await findPayout(rows, payoutId)
    return payout && { payout, connection: await getConnection(rows, payout.connectionId) }
  })
  if (!found) return done(undefined)
  const { payout, connection } = found
  const problem = judgeRetry(payout)
  if (problem) return refuse(problem)
  if (isHeld(connection)) return refuse('no_connection')
  const stripeScope = stripeScopeOf(box, connection)
  const asked = await answered(Promise.all([stripe.readPayoutSettings(stripeScope), stripe.readBalance(stripeScope)]))
  if (asked instanceof StripeFault) return refuseFault(asked)
  const [{ schedule }, { available }] = asked
  if (schedule.interval !== 'manual') return refuse('payout_not_manual')
  const there = available.find(({ currency }) => currency === payout.currency)?.amountMinor ?? 0n
  if (there <= 0n) return refuse('payout_no_funds')
  const amountMinor = there < payout.amountMinor ? there : payout.amountMinor
  return inScope(database, scope, (rows) => plan(rows, { payout, amountMinor, requestedBy }))
}

type Plan = { readonly payout: Payout; readonly amountMinor: bigint; readonly requestedBy: string }

/** Under the lock of the first payout of the chain, which counts its tries. */
async function plan(rows: ScopedHandle, wish: Plan): Promise<Outcome<Payout | undefined, PayoutProblem>> {
  const rootId = wish.payout.retryOf ?? wish.payout.id
  const root = (await lockPayout(rows, rootId))!
  const payout = (await findPayout(rows, wish.payout.id))!
  const problem = judgeRetry({ ...payout, retries: root.retries })
  if (problem) return refuse(problem)
  if (await isUnderWay(rows, root)) return done(payout)
  if (await wasTriedToday(rows, root)) return refuse('payout_retried_today')
  const number = root.retries + 1
  const key = retryKey(root, number)
  await planMoneyCall(rows, {
    connectionId: root.connectionId,
    purpose: 'payout.create',
    objectId: root.id,
    idempotencyKey: key,
    requestHash: `${wish.amountMinor} ${root.currency}`,
    amountMinor: wish.amountMinor,
    currency: root.currency,
  })
  await updateChain(rows, root.id, { retries: number, retryProblem: '' })
  await recordFact(rows, { name: 'payout.retry_requested', ids: payoutIds(payout), actor: wish.requestedBy })
  await rows.enqueue({ name: 'payouts.retry', id: root.id })
  noteAudit(rows, {
    action: 'payout.sent_again',
    object: { kind: 'payout', id: publicId('payout', payout.id) },
    after: { amount: moneyText({ amountMinor: wish.amountMinor, currency: root.currency }), number },
  })
  return done({ ...payout, retries: number, retryProblem: '' })
}

/** Planned, sent and unanswered, or made and not at its end. */
async function isUnderWay(rows: ScopedHandle, root: Payout): Promise<boolean> {
  const call = await findMoneyCall(rows, retryKey(root, root.retries))
  if (call && call.state !== 'succeeded' && call.state !== 'failed') return true
  return (await listRetries(rows, root.id)).some(({ state }) => state !== 'failed' && state !== 'canceled')
}

async function wasTriedToday(rows: ScopedHandle, root: Payout): Promise<boolean> {
  const call = await findMoneyCall(rows, retryKey(root, root.retries))
  if (!call) return false
  const zone = bankZone(root.bankCountry, await getCompany(rows))
  return localDateAt(call.createdAt, zone) === localDateAt(rows.clock.now(), zone)
}

type Sending = {
  readonly work: PayoutWork
  readonly scope: Scope
  readonly root: Payout
  readonly connection: Connection
  /** As it was before this sending. */
  readonly call: MoneyCall
}

/** @param rootId the first payout of the chain. @throws StripeFault when Stripe did not answer usefully; the job finds its place again. */
export async function sendRetry(work: PayoutWork, scope: Scope, rootId: Uuid): Promise<void> {
  const sending = await begin(work, scope, rootId)
  if (!sending) return
  try {
    const { call } = sending
    const made = call.state === 'created' ? undefined : await lookUp(sending)
    const isTooOld = call.state !== 'created' && !mayRepeat(call, work.database.clock.now())
    // Stripe's list is complete at once: what it does not show after so long never arrived, and the next try has a key of its own.
    if (!made && isTooOld) return await giveUp(sending, 'not_received')
    await accept(sending, made ?? (await submit(sending)))
  } catch (error) {
    await onFault(sending, error)
  }
}

/** `sent` is committed before the call leaves, so whoever comes after a crash looks before sending. */
function begin(work: PayoutWork, scope: Scope, rootId: Uuid): Promise<Sending | undefined> {
  return inScope(work.database, scope, async (rows) => {
    const root = await lockPayout(rows, rootId)
    const call = root && (await findMoneyCall(rows, retryKey(root, root.retries)))
    if (!call || call.state === 'succeeded' || call.state === 'failed') return undefined
    const connection = await getConnection(rows, root.connectionId)
    if (isHeld(connection)) return undefined
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'sent' })
    return { work, scope, root, connection, call }
  })
}

async function lookUp({ work, root, connection, call }: Sending): Promise<PayoutSeen | undefined> {
  const since = new Date(call.createdAt.getTime() - 3_600_000)
  const listed = await work.stripe.listPayouts(stripeScopeOf(work.box, connection), since)
  return listed.find((payout) => isFor(root, payout))
}

function isFor(root: Payout, { metadata }: PayoutSeen): boolean {
  return metadata['rentroll_payout'] === root.id && metadata['rentroll_retry'] === String(root.retries)
}

function submit({ work, root, connection, call }: Sending): Promise<PayoutSeen> {
  return work.stripe.createPayout(stripeScopeOf(work.box, connection), {
    amountMinor: call.amountMinor ?? 0n,
    currency: root.currency,
    metadata: { rentroll_payout: root.id, rentroll_retry: String(root.retries) },
    idempotencyKey: call.idempotencyKey,
  })
}

async function accept({ work, scope, root, connection, call }: Sending, observed: PayoutSeen): Promise<void> {
  const isOurs = isFor(root, observed) && observed.amountMinor === call.amountMinor
  const verdict = await inScope(work.database, scope, async (rows) => {
    const judged = isOurs ? await settlePayout(rows, { connectionId: connection.id, observed }) : 'foreign'
    await updateMoneyCall(
      rows,
      call.idempotencyKey,
      judged === 'done'
        ? { state: 'succeeded', provider_id: observed.id }
        : { state: 'unknown', failure: 'answer_not_accepted' },
    )
    return judged
  })
  if (verdict !== 'done')
    throw new Error(`retry of payout ${root.id}: Stripe's answer was not accepted: ${JSON.stringify(verdict)}`)
}

async function onFault(sending: Sending, error: unknown): Promise<void> {
  if (!(error instanceof StripeFault)) throw error
  const { work, scope, connection, call } = sending
  if (error.kind === 'auth') await recheckKey(work, scope, connection.id)
  if (error.operation !== 'payouts.create') throw error
  const isRefusal = ['invalid', 'missing', 'permission', 'card'].includes(error.kind)
  if (isRefusal) return giveUp(sending, error.kind === 'permission' ? 'permission' : (error.code ?? error.kind))
  if (error.isOutcomeUnknown)
    await inScope(work.database, scope, (rows) =>
      updateMoneyCall(rows, call.idempotencyKey, { state: 'unknown', failure: error.kind }),
    )
  throw error
}

/** Refused or never received: nothing left, and why stands on the payout until the next business day. */
function giveUp({ work, scope, root, call }: Sending, reason: string): Promise<void> {
  return inScope(work.database, scope, async (rows) => {
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'failed', failure: reason })
    await updateChain(rows, root.id, { retryProblem: reason })
  })
}

async function answered<Value>(asking: Promise<Value>): Promise<Value | StripeFault> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof StripeFault) return error
    throw error
  }
}
