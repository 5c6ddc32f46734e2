/** A connection whose deliveries go nowhere, and what happens at Stripe meanwhile. */
import { expect } from 'vitest'
import { authenticatePayment } from '#payments'
import { onStripePayout } from '#payouts'
import { onStripePayment } from '#reactions'
import { readCatchUp } from '#recovery'
import { onStripeRefund } from '#refunds'
import { listInboxEvents, type Reactions } from '#inbox'
import { backFill } from '../../src/recovery/back-fill.ts'
import { findBackFill } from '../../src/recovery/back-fill-store.ts'
import type { BackFillGround } from '../../src/recovery/back-fill-steps.ts'
import { cards, type Charging, type MoneyParts } from './charges.ts'
import { startInbox } from './inbox.ts'
import { valueOf } from './rental.ts'
import { soon } from './soon.ts'

const hour = 3_600_000

export const refusedEvents = {
  match: { method: 'GET', path: '/v1/events' },
  effect: { kind: 'status_before', status: 403 },
}

export function outages({ ground, sandbox, open }: Pick<MoneyParts, 'ground' | 'sandbox' | 'open'>) {
  /** A connection whose deliveries go nowhere. Everything before it is out of its sight. */
  const start = async () => {
    ground().clock.advance(2 * hour)
    const charging = await open()
    const { scope, connectionId, money } = charging
    const reactions = {
      payment_intent: onStripePayment(money),
      refund: onStripeRefund(money),
      payout: onStripePayout(money),
    } as Reactions
    const parts: BackFillGround = { ...money, reactions, onKept: () => {} }
    return {
      ...charging,
      parts,
      fetch: () => backFill(parts, scope, connectionId),
      events: async () => (await listInboxEvents(money.database, scope, { limit: 100 })).events,
      place: () => charging.within((rows) => findBackFill(rows, connectionId)),
      catchUp: () => charging.within(readCatchUp),
      /** Works the inbox until it is empty. */
      async work() {
        const inbox = startInbox({ ...parts, isOnlyProcess: true })
        await soon(async () => expect((await inbox.outlook()).earliestAt).toBeUndefined())
        await inbox.stop()
      },
    }
  }

  /** Waits for the renter's bank; nothing asks about it again by itself. */
  const pendingPayment = async (charging: Charging) => {
    await charging.saveCard(cards.challenged)
    const { invoiceId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    const { url } = valueOf(await authenticatePayment(charging.money, charging.scope, invoiceId))
    const token = new URL(url!).pathname.split('/').at(-1)!
    return { paymentId, confirm: () => sandbox().sandbox.stripe.finishChallenge({ token, outcome: 'complete' }) }
  }
  const payElsewhere = async (charging: Charging, count: number) => {
    const form = {
      amount: '900',
      currency: 'aud',
      payment_method: 'pm_card_visa',
      confirm: 'true',
      return_url: 'https://example.com',
    }
    await Promise.all(Array.from({ length: count }, () => charging.inDashboard('/v1/payment_intents', form)))
  }

  return { start, pendingPayment, payElsewhere }
}
