/**
 * Carries a refund to Stripe. A refund has no two steps, so before anything is sent again the refunds of the PaymentIntent are listed
 * and ours is looked for by its metadata (TRU-136); only then, and only while the key lives, is the same key used again.
 */
import type { Scope } from '#kernel'
import { getConnection, recheckKey, stripeScopeOf, type Connection } from '#connections'
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
import { inScope, recordFact } from '#platform'
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
  if (!sending || sending.connection.state === 'broken' || sending.connection.writesFrozenReason) return
  try {
    const observed = (await lookUp(sending)) ?? (await submit(sending))
    await inScope(ground.database, scope, async (rows) => {
      await updateMoneyCall(rows, sending.call.idempotencyKey, { state: 'succeeded', provider_id: observed.id })
      await settleRefund(rows, { connectionId: sending.connection.id, observed })
    })
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
    const call = (await findMoneyCall(rows, keys.refund(refund.id, 1)))!
    await updateRefund(rows, refund.id, { state: 'submitting' })
    await updateMoneyCall(rows, call.idempotencyKey, { state: 'sent' })
    return { ground, scope, refund, payment, connection, call }
  })
}

async function lookUp({ ground, refund, payment, connection, call }: Sending): Promise<RefundSeen | undefined> {
  if (call.state === 'created') return undefined
  const listed = await ground.stripe.listRefunds(stripeScopeOf(ground.box, connection), {
    paymentIntent: payment.stripePaymentIntentId!,
  })
  const found = listed.find(({ metadata }) => metadata['rentroll_refund'] === refund.id)
  if (!found && !mayRepeat(call, ground.database.clock.now()))
    throw new Error(`refund ${refund.id}: Stripe does not list it and its key is too old to repeat; a person decides`)
  return found
}

async function submit({ ground, refund, payment, connection, call }: Sending): Promise<RefundSeen> {
  return ground.stripe.createRefund(stripeScopeOf(ground.box, connection), {
    paymentIntent: payment.stripePaymentIntentId!,
    amountMinor: refund.amountMinor,
    metadata: { rentroll_refund: refund.id, rentroll_payment: payment.id },
    idempotencyKey: call.idempotencyKey,
  })
}

async function onFault({ ground, scope, refund, payment, connection, call }: Sending, error: unknown): Promise<void> {
  if (!(error instanceof StripeFault)) throw error
  const isFinal = error.kind === 'invalid' || error.kind === 'missing' || error.kind === 'permission'
  if (error.kind === 'auth') await recheckKey(ground, scope, connection.id)
  await inScope(ground.database, scope, async (rows) => {
    const current = await findRefund(rows, refund.id)
    if (current?.state !== 'submitting') return
    if (error.isOutcomeUnknown) {
      await updateRefund(rows, refund.id, { state: 'unknown' })
      await updateMoneyCall(rows, call.idempotencyKey, { state: 'unknown', failure: error.kind })
    }
    if (isFinal) {
      await updateRefund(rows, refund.id, { state: 'failed', failure_reason: error.code ?? error.kind })
      await updateMoneyCall(rows, call.idempotencyKey, { state: 'failed', failure: error.code ?? error.kind })
      await postTakenBack(rows, refund)
      await recordFact(rows, { name: 'refund.failed', ids: refundIds(refund.id, payment) })
    }
  })
  if (!isFinal) throw error
}
