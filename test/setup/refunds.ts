/**
 * Paid invoices to give money back from, and the ways in which news of a refund reach this side. Amounts are minor units of AUD.
 */
import {
  listRefundsOfPayments,
  onStripeChargeRefunded,
  onStripeRefund,
  requestRefund,
  type RefundRequest,
} from '#refunds'
import { findRefund } from '../../src/refunds/store.ts'
import { cards, type Charging, type MoneyParts } from './charges.ts'
import { valueOf } from './rental.ts'

export function refundsOf({ sandbox, open }: MoneyParts) {
  /** A paid invoice of 310.00, of which 110.00 rent with tax and 200.00 deposit, and money in Stripe's balance to pay it back from. */
  const paid = async (card: string = cards.good, wish: Parameters<typeof open>[0] & { funds?: boolean } = {}) => {
    const charging = await open({ manual: true, ...wish })
    await charging.saveCard(card)
    const { invoiceId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    if (wish.funds !== false) {
      const { accountId } = sandbox().keysOf()
      await sandbox().control('/funds', { account: accountId, amountMinor: 100_000, currency: 'aud' })
    }
    const refund = (change: Partial<RefundRequest> & { amountMinor: bigint }) =>
      charging.within((rows) =>
        requestRefund(rows, { paymentId, reason: 'Agreed', requestKey: crypto.randomUUID(), actor: 'test', ...change }),
      )
    const refunded = async (amountMinor: bigint) => valueOf(await refund({ amountMinor })).refundId
    return { charging, invoiceId, paymentId, refund, refunded, before: (await charging.entries()).length }
  }
  const find = (charging: Charging, id: string) => charging.within((rows) => findRefund(rows, id))
  const all = (charging: Charging, paymentId: string) =>
    charging.within((rows) => listRefundsOfPayments(rows, [paymentId]))
  const tell = async ({ money, scope, within, connectionId }: Charging, stripeRefundId: string) => {
    const reaction = onStripeRefund(money)
    const observed = (await reaction.read(scope, connectionId, stripeRefundId))!
    return within((rows) => reaction.apply(rows, connectionId, observed))
  }
  const tellOfCharge = async ({ money, scope, within, connectionId }: Charging, chargeId: string) => {
    const reaction = onStripeChargeRefunded(money)
    const observed = (await reaction.read(scope, connectionId, chargeId))!
    return within((rows) => reaction.apply(rows, connectionId, observed))
  }
  const since = async (charging: Charging, before: number) => (await charging.entries()).slice(before)
  return { paid, find, all, tell, tellOfCharge, since }
}
