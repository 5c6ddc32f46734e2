/** Planned charges whose calls go through the proxy that can bend what Stripe says. */
import { afterAll, beforeAll } from 'vitest'
import { newId } from '#platform'
import { createStripe } from '#stripe'
import { openBentStripe, type BentStripe } from './bent-stripe.ts'
import { cards, type MoneyParts } from './charges.ts'

/** The proxy is open inside tests and hooks. */
export function bentCharges({ ground, sandbox, open }: Pick<MoneyParts, 'ground' | 'sandbox' | 'open'>) {
  let bent: BentStripe
  beforeAll(async () => {
    bent = await openBentStripe(sandbox().sandbox.url)
  })
  afterAll(() => bent?.close())

  return {
    bent: () => bent,
    /** One of 310.00 on the first invoice of a lease. */
    async planned(card: string = cards.good) {
      const { clock, logs } = ground()
      const stripe = createStripe({ apiBase: bent.url, clock, logs, installation: newId(clock) })
      const charging = await open({ manual: true, stripe })
      await charging.saveCard(card)
      const { invoiceId, leaseId } = await charging.checkOut()
      return { charging, invoiceId, leaseId, paymentId: await charging.plan(invoiceId) }
    },
  }
}
