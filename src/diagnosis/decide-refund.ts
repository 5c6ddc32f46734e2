/** The remedies of D8 (STR-109): what a person decides about a refund that waits, told in words. */
import type { ConnectionGround } from '#connections'
import { done, formatMoney, type Outcome, type Scope } from '#kernel'
import { inScope } from '#platform'
import { changeWaiting, type RefundDecision } from '#refunds'
import type { Changes } from './repair-webhook.ts'
import { watchTroubles } from './watch.ts'

export type RefundWish = { readonly refundId: string; readonly decision: RefundDecision; readonly actor: string }

const sentences: Readonly<Record<RefundDecision, (amount: string) => string>> = {
  wait: (amount) =>
    `The balance is being looked at now. The refund of ${amount} goes out by itself, once, as soon as funds arrive.`,
  send: (amount) =>
    `The refund of ${amount} is being sent to Stripe. Stripe sends it on, or holds it until funds settle; where Stripe refuses it, it waits here again.`,
  cancel: (amount) => `The refund of ${amount} was cancelled. Nothing was sent; the money is owed again.`,
}

export async function decideRefund(
  { database }: Pick<ConnectionGround, 'database'>,
  scope: Scope,
  wish: RefundWish,
): Promise<Outcome<Changes>> {
  return inScope(database, scope, async (rows) => {
    const changed = await changeWaiting(rows, wish)
    if (!changed.ok) return changed
    await watchTroubles(rows)
    return done({ changes: [sentences[wish.decision](formatMoney(changed.value))] })
  })
}
