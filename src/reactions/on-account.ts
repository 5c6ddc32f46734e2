/**
 * The reaction to news about the operator's own account (STR-147): what Stripe allows it now stands on the connection, so that a charge
 * that cannot succeed is explained before it is tried. Accounts made through Connect have their own judgement and are none of this.
 */
import { lockConnection, updateConnection } from '#connections'
import type { MoneyGround } from '#payments'
import { recordFact } from '#platform'
import type { Reaction } from '#stripe'
import { reactionTo } from './asking.ts'

export function onStripeAccount(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused:
      'The restricted key may not read its own account. Give it the permission Account (read), or use Test Connection.',
    ask: (stripeScope) => ground.stripe.readAccount(stripeScope),
    async apply(rows, connectionId, seen) {
      const connection = await lockConnection(rows, connectionId)
      if (connection.accountId !== seen.id) return 'foreign'
      const now = {
        accountName: seen.name,
        accountCountry: seen.country,
        accountCurrency: seen.currency,
        chargesEnabled: seen.chargesEnabled,
        payoutsEnabled: seen.payoutsEnabled,
        disabledReason: seen.disabledReason ?? null,
      }
      const isSame = Object.entries(now).every(([name, value]) => connection[name as keyof typeof now] === value)
      if (isSame) return 'done'
      await updateConnection(rows, connectionId, now)
      await recordFact(rows, { name: 'connection.account_changed', ids: { connection: connectionId }, actor: 'stripe' })
      return 'done'
    },
  })
}
