import type Stripe from 'stripe'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { connectAccount } from './connected-account.ts'

let bench: Bench
let connected: Stripe
const day = 86_400_000

// Monday, 2 November 2026, 09:00 UTC.
beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  const accountId = await connectAccount(bench)
  connected = bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: accountId })
  await bench.control('POST', '/funds', { account: accountId, currency: 'usd', amountMinor: 5000 })
})

afterAll(() => bench.close())

test('SBX-45: a payout of a connected account comes back from the bank as a payout of its own', async () => {
  await connected.balanceSettings.update({ payments: { payouts: { schedule: { interval: 'manual' } } } })
  const first = await connected.payouts.create({ amount: 3000, currency: 'usd' })
  bench.clock.advance(day)
  const back = await connected.payouts.reverse(first.id, { metadata: { why: 'mistake' } })
  const before = await connected.balance.retrieve()
  const again = await refusalOf(connected.payouts.reverse(first.id))
  const itself = await refusalOf(connected.payouts.reverse(back.id))
  bench.clock.advance(day)
  const [after, done] = [await connected.balance.retrieve(), await connected.payouts.retrieve(back.id)]
  const reversed = await connected.payouts.retrieve(first.id)

  expect(back).toMatchObject({
    amount: -3000,
    original_payout: first.id,
    automatic: false,
    metadata: { why: 'mistake' },
  })
  expect([before.available[0]?.amount, before.pending[0]?.amount]).toStrictEqual([2000, 3000])
  expect([after.available[0]?.amount, after.pending[0]?.amount]).toStrictEqual([5000, 0])
  expect([done.status, reversed.reversed_by]).toStrictEqual(['paid', back.id])
  expect([again.statusCode, itself.statusCode]).toStrictEqual([400, 400])
  expect((await eventTypesOf(connected, first.id)).at(-1)).toBe('payout.updated')
  expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
})

test('SBX-45: a pending manual payout is canceled, not reversed', async () => {
  const { id } = await connected.payouts.create({ amount: 3000, currency: 'usd' })

  const refusal = await refusalOf(connected.payouts.reverse(id))

  expect(refusal.statusCode).toBe(400)
  expect(refusal.message).toContain(`/v1/payouts/${id}/cancel`)
})

test('SBX-24: an account whose payouts are off gets none, automatic or manual', async () => {
  const { world } = bench.running
  const [account] = world.root.newestFirst('account')
  world.transaction(() => world.root.update('account', account?.id ?? '', { object: { payouts_enabled: false } }))
  const refusal = await refusalOf(connected.payouts.create({ amount: 3000, currency: 'usd' }))
  const settings = await connected.balanceSettings.retrieve()
  bench.clock.advance(5 * day)

  expect(refusal).toMatchObject({ statusCode: 400, code: 'payouts_not_allowed' })
  expect(settings.payments.payouts?.status).toBe('disabled')
  expect((await connected.payouts.list()).data).toStrictEqual([])
})
