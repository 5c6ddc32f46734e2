/**
 * The reaction to everything that happens to one payment (PERF-51, PERF-52): charge, intent and refund events share one object, one read
 * and one transaction. The payment is settled first, because a refund is given back from what was received. Payments of one operator are
 * settled in sets (PERF-53); one with refunds stands alone, because their rows are locked after the books were written.
 */
import type { PaymentIntentId } from '#kernel'
import { settle, settleAll, type MoneyGround } from '#payments'
import { settleRefund } from '#refunds'
import { StripeFault, type PaymentSeen, type Reaction, type ReactionVerdict, type StripeScope } from '#stripe'
import { stripeScopeFor } from './asking.ts'

export function onStripePayment(ground: MoneyGround): Reaction<PaymentSeen> {
  return {
    read: async (scope, connectionId, objectId) =>
      readPayment(ground, await stripeScopeFor(ground, scope, connectionId), objectId as PaymentIntentId),
    async apply(rows, connectionId, { intent, refunds }) {
      const verdict = await settle(rows, { connectionId, observed: intent, actor: 'stripe' })
      if (verdict !== 'done') return verdict
      const verdicts: ReactionVerdict[] = []
      // Oldest first, as they were made: one brought in from the Dashboard must not stand before one of ours.
      for (const refund of refunds.toReversed())
        verdicts.push(await settleRefund(rows, { connectionId, observed: refund }))
      return verdicts.find((each) => each !== 'done') ?? 'done'
    },
    sets: {
      fits: ({ refunds }) => refunds.length === 0,
      apply: (rows, news) =>
        settleAll(
          rows,
          news.map(({ connectionId, observed }) => ({ connectionId, observed: observed.intent, actor: 'stripe' })),
        ),
    },
  }
}

/** One request, and a second only for a payment with more than ten refunds. @throws StripeFault when Stripe did not answer. */
export async function readPayment(
  { stripe }: MoneyGround,
  stripeScope: StripeScope,
  id: PaymentIntentId,
): Promise<PaymentSeen | undefined> {
  const seen = await stripe.findPaymentWithRefunds(stripeScope, id).catch((error: unknown) => {
    // Money received counts although the key may not read refunds.
    if (error instanceof StripeFault && error.kind === 'permission') return withoutRefunds(stripe, stripeScope, id)
    throw error
  })
  if (!seen?.hasMoreRefunds) return seen
  return { ...seen, refunds: await stripe.listRefunds(stripeScope, { paymentIntent: id }), hasMoreRefunds: false }
}

async function withoutRefunds(
  stripe: MoneyGround['stripe'],
  stripeScope: StripeScope,
  id: PaymentIntentId,
): Promise<PaymentSeen | undefined> {
  const intent = await stripe.findPaymentIntent(stripeScope, id)
  return intent && { intent, refunds: [], hasMoreRefunds: false }
}
