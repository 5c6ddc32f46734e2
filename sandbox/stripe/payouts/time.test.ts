import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'

const day = 86_400_000

/** A year on one account: some payments, a weekly schedule, one payout that fails; turned in steps of so many days. */
async function liveThroughAYear(daysPerStep: number): Promise<unknown> {
  const bench = await startBench({ publicUrl: 'http://sandbox.test' })
  try {
    const stripe = bench.sdk('Keystone')
    const schedule = { interval: 'weekly' as const, weekly_payout_days: ['tuesday' as const, 'friday' as const] }
    await stripe.balanceSettings.update({
      payments: { payouts: { schedule, minimum_balance_by_currency: { usd: 1000 } } },
    })
    const pay = (amount: number, payment_method: string): Promise<Stripe.PaymentIntent> =>
      stripe.paymentIntents.create({
        amount,
        currency: 'usd',
        payment_method,
        confirm: true,
        return_url: 'https://example.com',
      })
    await pay(50_000, 'pm_card_bypassPending')
    await pay(70_000, 'pm_card_visa')
    const failing = await pay(30_000, 'pm_card_refundFail')
    await stripe.refunds.create({ payment_intent: failing.id })
    const waiting = await pay(90_000, 'pm_card_visa')
    await stripe.refunds.create({ payment_intent: waiting.id })
    const manual = await stripe.payouts.create({ amount: 5000, currency: 'usd' })
    await bench.control('POST', `/payouts/${manual.id}/fail`, { code: 'insufficient_funds', laterDays: 4 })
    for (let passed = 0; passed < 365; passed += daysPerStep) {
      bench.clock.advance(daysPerStep * day)
      await bench.running.runDue()
    }
    const { data: payouts } = await stripe.payouts.list({ limit: 100 })
    const lines = await Promise.all(
      payouts
        .filter(({ automatic }) => automatic)
        .map(async ({ id }) => (await stripe.balanceTransactions.list({ payout: id, limit: 100 })).data),
    )
    const events = [...bench.running.world.space(bench.keys('Keystone').accountId, 'test').oldestFirst('event')]
    const { available, pending } = await stripe.balance.retrieve()
    // The SDK draws its idempotency keys at random.
    const told = events.map(({ object: { id, type, created, data } }) => ({ id, type, created, data }))
    return { payouts, lines, told, available, pending }
  } finally {
    await bench.close()
  }
}

test('SBX-39: a year in one turn of the clock and a year of single days give the same payouts in the same order', async () => {
  const atOnce = await liveThroughAYear(365)
  const daily = await liveThroughAYear(1)

  expect((atOnce as { payouts: unknown[] }).payouts.length).toBeGreaterThan(3)
  expect(atOnce).toStrictEqual(daily)
})
