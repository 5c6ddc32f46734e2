/**
 * Carries a refund to Stripe. A refund has no two steps, so before anything is sent again the refunds of the PaymentIntent are listed
 * and ours is looked for by its metadata (TRU-136); only then, and only while the key lives, is the same key used again. One that is larger
 * than the balance waits here (STR-109); one that Stripe refused for that reason waits, too, and goes out with a new key.
 */
import type { Scope } from '#kernel'
import { getConnection, isHeld, isJoined, recheckKey, stripeScopeOf, type Connection } from '#connections'
import {
  findMoneyCall,
  findPayment,
  keys,
  mayRepeat,
  planMoneyCall,
  updateMoneyCall,
  type MoneyCall,
  type MoneyGround,
  type Payment,
} from '#payments'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type RefundSeen } from '#stripe'
import { judgeFunds } from './judge-funds.ts'
import { settleRefund } from './on-stripe-refund.ts'
import { postTakenBack } from './post-refund.ts'
import { readFunds } from './read-funds.ts'
import { refundCallOf, refundIds, type Funds, type Refund } from './refund.ts'
import { mayStep, type RefundState } from './refund-state.ts'
import { findRefund, lockFunds, lockRefund, sumAhead, updateRefund } from './store.ts'
import { keepWaiting } from './waiting-refund.ts'

type Planned = {
  readonly ground: MoneyGround
  readonly scope: Scope
  readonly refund: Refund
  readonly payment: Payment
  readonly connection: Connection
}
type Sending = Planned & { readonly call: MoneyCall }

/** The balance is what a refund waits for, unless its requester or the balance itself leaves that to Stripe. */
type Looked = { readonly funds: Funds | 'left to Stripe' } | 'not looked'

/** @throws StripeFault when Stripe did not answer usefully; the job tries again and finds its place. */
export async function sendRefund(ground: MoneyGround, scope: Scope, refundId: string): Promise<void> {
  const planned = await findPlanned(ground, scope, refundId)
  const sending = planned && (await begin(planned, await lookAtFunds(planned)))
  if (!sending) return
  try {
    const listed = await lookUp(sending)
    const isTooOld = sending.call.state !== 'created' && !mayRepeat(sending.call, ground.database.clock.now())
    // Stripe's list is complete at once: what it does not show after so long never arrived, and a person decides about another.
    if (!listed && isTooOld) return await giveUp(sending, 'not_received')
    await accept(sending, listed ?? (await submit(sending)))
  } catch (error) {
    await onFault(sending, error)
  }
}

function findPlanned(ground: MoneyGround, scope: Scope, refundId: string): Promise<Planned | undefined> {
  return inScope(ground.database, scope, async (rows) => {
    const refund = await findRefund(rows, refundId)
    return refund && readPlanned(rows, { ground, scope, refund })
  })
}

/** Through a connection that is held or gone nothing is sent, and nothing of it fails: it goes on when the connection works again. */
async function readPlanned(
  rows: ScopedHandle,
  about: Pick<Planned, 'ground' | 'scope' | 'refund'>,
): Promise<Planned | undefined> {
  if (!isSendable(about.refund.state)) return undefined
  const payment = (await findPayment(rows, about.refund.paymentId))!
  const connection = await getConnection(rows, payment.connectionId!)
  return isHeld(connection) || !isJoined(connection) ? undefined : { ...about, payment, connection }
}

function isSendable(state: RefundState): boolean {
  return state === 'submitting' || mayStep(state, 'submitting')
}

function isUnsent({ state }: Refund): boolean {
  return mayStep(state, 'canceled')
}

/** Only before it was sent: whoever comes after a crash has to find out about that call, whatever the balance is now. */
async function lookAtFunds({ ground, scope, refund, connection }: Planned): Promise<Looked> {
  if (!isUnsent(refund)) return 'not looked'
  if (refund.whenShort === 'send') return { funds: 'left to Stripe' }
  const aheadMinor = await inScope(ground.database, scope, (rows) => aheadOf(rows, refund, connection))
  const { currency, amountMinor } = refund
  try {
    const funds = await readFunds(ground, { connection, currency, wantedMinor: amountMinor + aheadMinor })
    return { funds: funds ?? 'left to Stripe' }
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'auth') await recheckKey(ground, scope, connection.id)
    throw error
  }
}

function aheadOf(rows: ScopedHandle, refund: Refund, { id: connectionId }: Connection): Promise<bigint> {
  return sumAhead(rows, { refund, connectionId, isWaiting: refund.state === 'waiting_funds' })
}

/** `submitting` is committed before the call leaves, so whoever comes after a crash looks before sending. */
async function begin({ ground, scope, refund: { id }, connection }: Planned, looked: Looked) {
  return inScope(ground.database, scope, async (rows): Promise<Sending | undefined> => {
    await lockFunds(rows, connection.id)
    const planned = await readPlanned(rows, { ground, scope, refund: (await lockRefund(rows, id))! })
    if (!planned || !(await mayGo(rows, planned, looked))) return undefined
    await updateRefund(rows, id, { state: 'submitting' })
    return { ...planned, call: await startCall(rows, planned) }
  })
}

/** Whether the installation's fee goes back is decided with the first call of a key, as is all it asks for (STR-16). @returns it as before. */
async function startCall(rows: ScopedHandle, { ground, refund, payment }: Planned): Promise<MoneyCall> {
  const call = (await findMoneyCall(rows, refundCallOf(refund, payment).idempotencyKey))!
  const { idempotencyKey } = call
  if (call.state !== 'created') {
    await updateMoneyCall(rows, idempotencyKey, { state: 'sent' })
    return call
  }
  const charge = await findMoneyCall(rows, keys.createPayment(payment.id))
  const returnsApplicationFee = charge?.applicationFeeMinor !== undefined && !ground.platformFee?.isKeptOnRefund
  await updateMoneyCall(rows, idempotencyKey, { state: 'sent', returns_application_fee: returnsApplicationFee })
  return { ...call, returnsApplicationFee }
}

async function mayGo(rows: ScopedHandle, { refund, payment, connection }: Planned, looked: Looked): Promise<boolean> {
  if (!isUnsent(refund) || refund.whenShort === 'send') return true
  // Somebody else was refused meanwhile, and planned the next look.
  if (looked === 'not looked') return false
  const { funds } = looked
  if (funds === 'left to Stripe') return true
  const [aheadMinor, now] = [await aheadOf(rows, refund, connection), rows.clock.now()]
  const judged = judgeFunds(refund, { funds, aheadMinor, now })
  if (judged.verdict === 'send') return true
  const seen = { seenAt: now, availableMinor: funds.availableMinor, aheadMinor, expectedAt: judged.expectedAt }
  await keepWaiting(rows, { refund, payment, funds: seen })
  return false
}

async function lookUp(sending: Sending): Promise<RefundSeen | undefined> {
  if (sending.call.state === 'created' && sending.refund.attempt === 0) return undefined
  return (await listAtStripe(sending)).find((listed) => isFor(sending.refund, listed))
}

function isFor(refund: Refund, { metadata }: RefundSeen): boolean {
  return metadata['rentroll_refund'] === refund.id
}

function listAtStripe({ ground, payment, connection }: Sending): Promise<readonly RefundSeen[]> {
  const paymentIntent = payment.stripePaymentIntentId!
  return ground.stripe.listRefunds(stripeScopeOf(ground.box, connection), { paymentIntent })
}

async function submit({ ground, refund, payment, connection, call }: Sending): Promise<RefundSeen> {
  return ground.stripe.createRefund(stripeScopeOf(ground.box, connection), {
    paymentIntent: payment.stripePaymentIntentId!,
    amountMinor: refund.amountMinor,
    metadata: { rentroll_refund: refund.id, rentroll_payment: payment.id },
    returnsApplicationFee: call.returnsApplicationFee,
    idempotencyKey: call.idempotencyKey,
  })
}

/** An answer that is not about this refund, or not in its amount, books nothing; the next try looks again (STR-141). */
async function accept({ ground, scope, refund, connection, call }: Sending, observed: RefundSeen): Promise<void> {
  const verdict = await inScope(ground.database, scope, async (rows) => {
    const judged = isFor(refund, observed)
      ? await settleRefund(rows, { connectionId: connection.id, observed })
      : { quarantine: `It answered with ${observed.id}, which is not this refund.` }
    const isAccepted = judged === 'done'
    await updateMoneyCall(
      rows,
      call.idempotencyKey,
      isAccepted
        ? { state: 'succeeded', provider_id: observed.id }
        : { state: 'unknown', failure: 'answer_not_accepted' },
    )
    if (!isAccepted && (await isSubmitting(rows, refund))) await updateRefund(rows, refund.id, { state: 'unknown' })
    return judged
  })
  if (verdict !== 'done')
    throw new Error(`refund ${refund.id}: Stripe's answer was not accepted: ${JSON.stringify(verdict)}`)
}

/** Only a refused or lost sending says something about the refund; a reading that failed is simply tried again. */
async function onFault(sending: Sending, error: unknown): Promise<void> {
  if (!(error instanceof StripeFault)) throw error
  const { ground, scope, refund, connection, call } = sending
  if (error.kind === 'auth') await recheckKey(ground, scope, connection.id)
  const isRefusal = error.kind === 'invalid' || error.kind === 'missing' || error.kind === 'permission'
  if (error.operation !== 'refunds.create') throw error
  if (error.code === 'balance_insufficient') return waitAgain(sending)
  if (isRefusal) return giveUp(sending, error.code ?? error.kind)
  if (error.isOutcomeUnknown)
    await inScope(ground.database, scope, async (rows) => {
      if (!(await isSubmitting(rows, refund))) return
      await updateRefund(rows, refund.id, { state: 'unknown' })
      await updateMoneyCall(rows, call.idempotencyKey, { state: 'unknown', failure: error.kind })
    })
  throw error
}

async function isSubmitting(rows: ScopedHandle, { id }: Refund): Promise<boolean> {
  return (await lockRefund(rows, id))?.state === 'submitting'
}

/** Stripe refused it for lack of funds (STR-109): it waits here from now on, and goes out with a new key. */
async function waitAgain(sending: Sending): Promise<void> {
  const { ground, scope, refund, payment, connection, call } = sending
  const ours = (await listAtStripe(sending)).find((one) => isFor(refund, one))
  if (ours) return accept(sending, ours)
  const { currency, amountMinor, attempt } = refund
  const funds = await readFunds(ground, { connection, currency, wantedMinor: amountMinor })
  await inScope(ground.database, scope, async (rows) => {
    const now = (await lockRefund(rows, refund.id))!
    if (now.state !== 'submitting' || now.attempt !== attempt) return
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'failed', failure: 'balance_insufficient' })
    await updateRefund(rows, refund.id, { attempt: attempt + 1 })
    await planMoneyCall(rows, refundCallOf({ ...refund, attempt: attempt + 1 }, payment))
    const aheadMinor = await aheadOf(rows, { ...refund, state: 'waiting_funds' }, connection)
    const judged = funds && judgeFunds({ ...refund, state: 'requested' }, { funds, aheadMinor, now: rows.clock.now() })
    await keepWaiting(rows, {
      refund,
      payment,
      funds: {
        seenAt: rows.clock.now(),
        availableMinor: funds?.availableMinor,
        aheadMinor,
        expectedAt: judged?.verdict === 'wait' ? judged.expectedAt : undefined,
      },
    })
  })
}

/**
 * It will not go out: its source has the money again. What Stripe has instead, such as a refund made in its Dashboard that left too
 * little, is read first and kept (STR-89).
 */
async function giveUp(sending: Sending, reason: string): Promise<void> {
  const { ground, scope, refund, payment, connection, call } = sending
  const listed = await listAtStripe(sending)
  const ours = listed.find((one) => isFor(refund, one))
  if (ours) return accept(sending, ours)
  await inScope(ground.database, scope, async (rows) => {
    if (!(await isSubmitting(rows, refund))) return
    await updateRefund(rows, refund.id, { state: 'failed', failure_reason: reason })
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'failed', failure: reason })
    await postTakenBack(rows, (await findRefund(rows, refund.id))!)
    await recordFact(rows, { name: 'refund.failed', ids: refundIds(refund.id, payment) })
  })
  for (const observed of listed)
    await inScope(ground.database, scope, (rows) => settleRefund(rows, { connectionId: connection.id, observed }))
}
