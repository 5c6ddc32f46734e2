/**
 * The reaction to `balance.available` (STR-109): what waits for funds is looked at again. Each refund reads the balance for itself when its
 * turn comes, so nothing is read here, and nothing that the event says counts.
 */
import { findPayment } from '#payments'
import type { Reaction } from '#stripe'
import { listRefundsShortOfFunds } from './store.ts'

export function onStripeBalance(): Reaction<true> {
  return {
    read: async () => true,
    async apply(rows, connectionId) {
      for (const refund of await listRefundsShortOfFunds(rows)) {
        if (refund.state !== 'waiting_funds') continue
        const payment = await findPayment(rows, refund.paymentId)
        if (payment?.connectionId === connectionId)
          await rows.enqueue({ name: 'refunds.send', id: refund.id, onceFor: 'funds' })
      }
      return 'done'
    },
  }
}
