/**
 * The renter's part: confirming a payment with their bank (3-D Secure), and giving up on it. The same PaymentIntent is confirmed again
 * with the renter present and answers with the address of the challenge (STR-80); nothing is charged until the renter passes it.
 */
import { noteAlone } from '#audit'
import { done, publicId, type Outcome, type Scope } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { StripeFault } from '#stripe'
import { drivePayment, followPayment } from './drive-payment.ts'
import { cancelIntent } from './payment-intent.ts'
import { keys, type MoneyGround, type Payment } from './payment.ts'
import { refuse, type PaymentRefusal } from './problems.ts'
import { findMoneyCall, planMoneyCall, recordAttempts } from './money-call-store.ts'
import { findOpenPayment, findPayment, lockPayment, updatePayment } from './store.ts'

/** @returns the address the renter goes to, or undefined when the payment needs nobody any more (it may just have been paid). */
export async function authenticatePayment(
  ground: MoneyGround,
  scope: Scope,
  invoiceId: string,
): Promise<Outcome<{ url: string | undefined }, PaymentRefusal>> {
  const open = await inScope(ground.database, scope, (rows) => findOpenPayment(rows, invoiceId))
  if (open?.state !== 'requires_action') return refuse('nothing_to_authenticate')
  try {
    await followPayment(ground, scope, open.id)
    const waiting = await inScope(ground.database, scope, (rows) => planOnSession(rows, open.id))
    if (waiting?.isPlanned) await drivePayment(ground, scope, open.id)
  } catch (error) {
    if (error instanceof StripeFault) return refuse('stripe_away')
    throw error
  }
  const after = await inScope(ground.database, scope, (rows) => findPayment(rows, open.id))
  return done({ url: after?.state === 'requires_action' ? after.nextActionUrl : undefined })
}

/** A challenge that still stands is used again; else the next attempt is planned, with the renter present. */
async function planOnSession(rows: ScopedHandle, paymentId: string): Promise<{ isPlanned: boolean } | undefined> {
  const payment = await lockPayment(rows, paymentId)
  if (payment?.state !== 'requires_action') return undefined
  if (payment.nextActionUrl) return { isPlanned: false }
  const call = await findMoneyCall(rows, keys.confirmPayment(payment.id, payment.attempt))
  if (!payment.isOffSession && call && call.state !== 'succeeded') return { isPlanned: true }
  await planAttempt(rows, payment)
  return { isPlanned: true }
}

async function planAttempt(rows: ScopedHandle, payment: Payment): Promise<void> {
  const attempt = payment.attempt + 1
  await updatePayment(rows, payment.id, { attempt, is_off_session: false, polls: 0 })
  await planMoneyCall(rows, {
    connectionId: payment.connectionId!,
    purpose: 'payment.confirm',
    objectId: payment.id,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    requestHash: `${payment.stripePaymentIntentId}|${attempt}|on_session`,
    idempotencyKey: keys.confirmPayment(payment.id, attempt),
  })
  const { id: paymentId, methodLabel } = payment
  await recordAttempts(rows, [{ paymentId, attempt, methodLabel, outcome: 'created' }])
}

/** Gives a waiting payment up, so that another card or cash can be used. Stripe decides whether it still can (STR-100). */
export async function cancelPayment(
  ground: MoneyGround,
  scope: Scope,
  request: { paymentId: string; actor: string },
): Promise<Outcome<true, PaymentRefusal>> {
  const payment = await inScope(ground.database, scope, (rows) => findPayment(rows, request.paymentId))
  if (payment?.state !== 'requires_action') return refuse('cannot_cancel')
  try {
    if ((await cancelIntent(ground, scope, request)) !== 'canceled') return refuse('cannot_cancel')
    const object = { kind: 'payment', id: publicId('payment', payment.id) }
    await noteAlone(ground.database, scope, { action: 'payment.cancelled', object, before: { state: payment.state } })
    return done(true)
  } catch (error) {
    if (error instanceof StripeFault) return refuse('stripe_away')
    throw error
  }
}
