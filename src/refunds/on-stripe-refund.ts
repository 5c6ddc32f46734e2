/**
 * The reaction to news about a refund, ours or one made in Stripe's Dashboard (STR-147, STR-90). The refund is re-read, matched by our
 * metadata or Stripe's id, judged, and booked from Stripe's balance transactions.
 */
import { pollPauseMs, type ChargeId, type PaymentIntentId, type Scope, type StripeRefundId } from '#kernel'
import { getConnection, stripeScopeOf } from '#connections'
import { findPaymentByIntent, lockPayment, type MoneyGround, type Payment } from '#payments'
import { inScope, newId, recordFact, type ScopedHandle } from '#platform'
import type { Reaction, ReactionVerdict, RefundSeen } from '#stripe'
import { onStripeBalance } from './on-balance.ts'
import { postBalanceTransaction, postPromised, postTakenBack } from './post-refund.ts'
import { refundIds, type Refund } from './refund.ts'
import { decide, isFinal, isReported, type ReportedState } from './refund-state.ts'
import { findRefund, findRefundByStripeId, insertRefund, lockRefund, updateRefund } from './store.ts'

/** What news about each kind of object do here. */
export function refundReactions(ground: MoneyGround) {
  return { refund: onStripeRefund(ground), charge: onStripeChargeRefunded(ground), balance: onStripeBalance() }
}

/** `refund.*` and `charge.refund.updated`: the object is the refund. */
export function onStripeRefund(ground: MoneyGround): Reaction<RefundSeen> {
  return {
    read: async (scope, connectionId, objectId) =>
      ground.stripe.findRefund(await stripeScope(ground, scope, connectionId), objectId as StripeRefundId),
    apply: (rows, connectionId, observed) => settleRefund(rows, { connectionId, observed }),
  }
}

/** `charge.refunded`: the object is the charge; each of its refunds is read, and the charge itself books no amount. */
export function onStripeChargeRefunded(ground: MoneyGround): Reaction<readonly RefundSeen[]> {
  return {
    read: async (scope, connectionId, objectId) =>
      ground.stripe.listRefunds(await stripeScope(ground, scope, connectionId), { charge: objectId as ChargeId }),
    async apply(rows, connectionId, observed) {
      const verdicts: ReactionVerdict[] = []
      for (const refund of observed) verdicts.push(await settleRefund(rows, { connectionId, observed: refund }))
      return verdicts.find((verdict) => verdict !== 'done') ?? 'done'
    },
  }
}

async function stripeScope(ground: MoneyGround, scope: Scope, connectionId: string) {
  return stripeScopeOf(ground.box, await inScope(ground.database, scope, (rows) => getConnection(rows, connectionId)))
}

type RefundNews = { readonly connectionId: string; readonly observed: RefundSeen }

/** The only writer of what Stripe says about a refund. */
export async function settleRefund(rows: ScopedHandle, news: RefundNews): Promise<ReactionVerdict> {
  const found = await findOurs(rows, news)
  if ('verdict' in found) return found.verdict
  const { payment } = found
  const refund = (await lockRefund(rows, found.refund.id))!
  const { observed, connectionId } = news
  if (observed.currency !== refund.currency || observed.amountMinor !== refund.amountMinor)
    return {
      quarantine: `It is ${observed.amountMinor} ${observed.currency}, ours is ${refund.amountMinor} ${refund.currency} (minor units).`,
    }
  if (!refund.stripeRefundId && isFinal(refund.state))
    throw new Error(`impossible_news: refund ${refund.id} never reached Stripe, and Stripe has ${observed.id} for it`)
  if (!refund.stripeRefundId) await updateRefund(rows, refund.id, { stripe_refund_id: observed.id })
  await move(rows, { refund, payment, observed })
  if (isReported(observed.status)) await book(rows, { refund, connectionId, observed })
  return 'done'
}

async function findOurs(
  rows: ScopedHandle,
  { connectionId, observed }: RefundNews,
): Promise<{ refund: Refund; payment: Payment } | { verdict: ReactionVerdict }> {
  const owner = observed.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { verdict: { quarantine: 'Its metadata names another operator than the account it came from.' } }
  const payment =
    observed.paymentIntent &&
    (await findPaymentByIntent(rows, { connectionId, intentId: observed.paymentIntent as PaymentIntentId }))
  if (!payment) return { verdict: owner ? { park: 'The payment it gives back is not here yet.' } : 'foreign' }
  const named = observed.metadata['rentroll_refund']
  // Two events tell of one refund made in the Dashboard; under the payment's lock only the first of them brings it in.
  await lockPayment(rows, payment.id)
  const refund = (await findRefundByStripeId(rows, observed.id)) ?? (named ? await findRefund(rows, named) : undefined)
  if (refund)
    return refund.paymentId === payment.id
      ? { refund, payment }
      : { verdict: { quarantine: 'Its metadata names a refund of another payment.' } }
  if (named) return { verdict: { park: 'The refund it names is not here yet.' } }
  return { refund: await importRefund(rows, payment, observed), payment }
}

/** Made in Stripe's Dashboard: shown at once, and explained later (P21s, MON-12). */
async function importRefund(rows: ScopedHandle, payment: Payment, observed: RefundSeen): Promise<Refund> {
  const id = newId(rows.clock)
  const source = {
    unappliedMinor: 0n,
    creditNoteId: undefined,
    creditMinor: 0n,
    depositId: undefined,
    depositMinor: 0n,
    suspenseMinor: observed.amountMinor,
  }
  await insertRefund(rows, {
    id,
    paymentId: payment.id,
    state: 'submitting',
    amountMinor: observed.amountMinor,
    currency: observed.currency,
    source,
    reason: 'Refunded in the Stripe Dashboard',
    requestedBy: 'stripe',
    stripeRefundId: observed.id,
  })
  const refund = (await findRefund(rows, id))!
  await postPromised(rows, refund)
  return refund
}

async function move(
  rows: ScopedHandle,
  { refund, payment, observed }: { refund: Refund; payment: Payment; observed: RefundSeen },
): Promise<void> {
  const { verdict, to, isFollowed } = decide(refund.state, observed.status)
  if (verdict === 'impossible')
    throw new Error(`impossible_news: refund ${refund.id} is ${refund.state}, Stripe reports ${observed.status}`)
  if (to === 'unknown') await updateRefund(rows, refund.id, { state: to })
  else if (to) await moveTo(rows, { refund, payment, observed, state: to })
  if (isFollowed) await planNextPoll(rows, refund)
}

async function moveTo(
  rows: ScopedHandle,
  about: { refund: Refund; payment: Payment; observed: RefundSeen; state: ReportedState },
): Promise<void> {
  const { refund, payment, observed, state } = about
  await updateRefund(rows, refund.id, {
    state,
    failure_reason: observed.failureReason ?? null,
    pending_reason: observed.pendingReason ?? null,
  })
  if (state === 'failed' || state === 'canceled') await postTakenBack(rows, refund)
  await recordFact(rows, { name: factOf[state], ids: refundIds(refund.id, payment), actor: 'stripe' })
}

const factOf = {
  succeeded: 'refund.succeeded',
  failed: 'refund.failed',
  pending: 'refund.pending',
  canceled: 'refund.failed',
  requires_action: 'refund.pending',
} as const

async function book(
  rows: ScopedHandle,
  { refund, connectionId, observed }: { refund: Refund; connectionId: string; observed: RefundSeen },
): Promise<void> {
  if (observed.balanceTransaction && !refund.balanceTransactionId) {
    const isBooked = await postBalanceTransaction(rows, {
      refund,
      connectionId,
      transaction: observed.balanceTransaction,
      rule: 'P19',
    })
    if (isBooked) await updateRefund(rows, refund.id, { balance_transaction_id: observed.balanceTransaction.id })
  }
  if (observed.failureBalanceTransaction)
    await postBalanceTransaction(rows, {
      refund,
      connectionId,
      transaction: observed.failureBalanceTransaction,
      rule: 'P20b',
    })
  if (observed.status === 'succeeded' && !observed.balanceTransaction) await planNextPoll(rows, refund)
}

async function planNextPoll(rows: ScopedHandle, refund: Refund): Promise<void> {
  await updateRefund(rows, refund.id, { polls: refund.polls + 1 })
  await rows.enqueue({
    name: 'refunds.follow',
    id: refund.id,
    startAt: new Date(rows.clock.now().getTime() + pollPauseMs(refund.polls)),
  })
}
