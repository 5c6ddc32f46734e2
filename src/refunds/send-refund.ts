/**
 * Carries a refund to Stripe. A refund has no two steps, so before anything is sent again the refunds of the PaymentIntent are listed
 * and ours is looked for by its metadata (TRU-136); only then, and only while the key lives, is the same key used again.
 */
import type { Scope } from '#kernel'
import { getConnection, isHeld, recheckKey, stripeScopeOf, type Connection } from '#connections'
import {
  findMoneyCall,
  findPayment,
  keys,
  mayRepeat,
  updateMoneyCall,
  type MoneyCall,
  type MoneyGround,
  type Payment,
} from '#payments'
import { inScope, recordFact, type ScopedHandle } from '#platform'
import { StripeFault, type RefundSeen } from '#stripe'
import { settleRefund } from './on-stripe-refund.ts'
import { postTakenBack } from './post-refund.ts'
import { refundIds, type Refund } from './refund.ts'
import { findRefund, lockRefund, updateRefund } from './store.ts'

type Sending = {
  readonly ground: MoneyGround
  readonly scope: Scope
  readonly refund: Refund
  readonly payment: Payment
  readonly connection: Connection
  readonly call: MoneyCall
}

/** @throws StripeFault when Stripe did not answer usefully; the job tries again and finds its place. */
export async function sendRefund(ground: MoneyGround, scope: Scope, refundId: string): Promise<void> {
  const sending = await begin(ground, scope, refundId)
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

/** `submitting` is committed before the call leaves, so whoever comes after a crash looks before sending. */
async function begin(ground: MoneyGround, scope: Scope, refundId: string): Promise<Sending | undefined> {
  return inScope(ground.database, scope, async (rows) => {
    const refund = await lockRefund(rows, refundId)
    if (!refund || !['requested', 'waiting_funds', 'submitting', 'unknown'].includes(refund.state)) return undefined
    const payment = (await findPayment(rows, refund.paymentId))!
    const connection = await getConnection(rows, payment.connectionId!)
    if (isHeld(connection)) return undefined
    const call = (await findMoneyCall(rows, keys.refund(refund.id, 1)))!
    await updateRefund(rows, refund.id, { state: 'submitting' })
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'sent' })
    return { ground, scope, refund, payment, connection, call }
  })
}

async function lookUp(sending: Sending): Promise<RefundSeen | undefined> {
  if (sending.call.state === 'created') return undefined
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
