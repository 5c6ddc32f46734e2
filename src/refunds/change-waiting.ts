/**
 * What a person may still decide about a refund: before it has left, to wait, to let Stripe have it now, or to cancel it (STR-109); once it
 * has failed, to request it once more as a new one (UI-94).
 */
import { noteAudit } from '#audit'
import { done, moneyText, publicId, type Outcome } from '#kernel'
import { findPayment, lockPayment, type Payment } from '#payments'
import { recordFact, type ScopedHandle } from '#platform'
import { postTakenBack } from './post-refund.ts'
import { refuse, type RefundRefusal } from './problems.ts'
import { isHeldByStripe, refundIds, type Refund } from './refund.ts'
import { mayStep } from './refund-state.ts'
import { requestRefund } from './request-refund.ts'
import { findRefund, lockRefund, retryKey, updateRefund } from './store.ts'

export const refundDecisions = ['wait', 'send', 'cancel'] as const
export type RefundDecision = (typeof refundDecisions)[number]

export type DecisionWish = { readonly refundId: string; readonly decision: RefundDecision; readonly actor: string }

const actions: Readonly<Record<RefundDecision, string>> = {
  wait: 'refund.left_waiting',
  send: 'refund.sent_now',
  cancel: 'refund.cancelled',
}

/**
 * `wait` looks at the balance at once, too. `send` holds for one try: what Stripe refuses for lack of funds waits again. `cancel` gives the
 * money back to its sources, and nothing of it ever reaches Stripe. @returns the refund as it was decided about.
 */
export async function changeWaiting(
  rows: ScopedHandle,
  { refundId, decision, actor }: DecisionWish,
): Promise<Outcome<Refund, RefundRefusal>> {
  const found = await lockUnsent(rows, refundId)
  if (!found.ok) return found
  const { refund, payment } = found.value
  if (decision === 'cancel') {
    await updateRefund(rows, refundId, { state: 'canceled' })
    await postTakenBack(rows, refund)
    await recordFact(rows, { name: 'refund.canceled', ids: refundIds(refundId, payment), actor })
  } else {
    await updateRefund(rows, refundId, { when_short: decision })
    await rows.enqueue({ name: 'refunds.send', id: refundId, onceFor: 'decided' })
  }
  noteAudit(rows, {
    action: actions[decision],
    object: { kind: 'refund', id: publicId('refund', refundId) },
    before: { amount: moneyText(refund), state: refund.state },
  })
  return done(refund)
}

/**
 * The same amount of the same payment, as a new refund with guards and source of its own. Asked twice, there is one: whoever wants yet
 * another refund after that one failed as well asks for it there.
 */
export async function retryAsNew(
  rows: ScopedHandle,
  { refundId, actor }: Omit<DecisionWish, 'decision'>,
): Promise<Outcome<{ refundId: string }, RefundRefusal>> {
  const refund = await findRefund(rows, refundId)
  if (!refund) return refuse('refund_missing')
  if (isHeldByStripe(refund)) return refuse('held_by_stripe')
  if (refund.state !== 'failed') return refuse('refund_not_failed')
  const { paymentId, amountMinor, reason } = refund
  return requestRefund(rows, { paymentId, amountMinor, reason, requestKey: retryKey(refundId), actor })
}

/** The payment first, as everybody does who counts what may still go back of it. */
async function lockUnsent(
  rows: ScopedHandle,
  refundId: string,
): Promise<Outcome<{ readonly refund: Refund; readonly payment: Payment }, RefundRefusal>> {
  const unlocked = await findRefund(rows, refundId)
  if (!unlocked) return refuse('refund_missing')
  await lockPayment(rows, unlocked.paymentId)
  const refund = (await lockRefund(rows, refundId))!
  if (!mayStep(refund.state, 'canceled')) return refuse(refund.state === 'canceled' ? 'refund_canceled' : 'refund_sent')
  return done({ refund, payment: (await findPayment(rows, refund.paymentId))! })
}
