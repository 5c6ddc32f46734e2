import type Stripe from 'stripe'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import type { Space } from '../world/space.ts'

let bench: Bench
let stripe: Stripe
let space: Space
const day = 86_400_000

beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  stripe = bench.sdk('Keystone')
  space = bench.running.world.space(bench.keys('Keystone').accountId, 'test')
  const pay = { amount: 10_000, currency: 'usd', confirm: true, return_url: 'https://example.com' }
  await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_bypassPending' })
  bench.clock.advance(day)
  await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_visa' })
})

afterAll(() => bench.close())

async function problems(): Promise<{ status: number; problems: string[] }> {
  const { status, body } = await bench.control('GET', '/health')
  return { status, problems: body.problems }
}

/** Spoils the newest transaction of a type behind the sandbox's back. */
function spoil(type: string, change: Partial<Stripe.BalanceTransaction>): void {
  const { world } = bench.running
  const [row] = space.newestFirst('balance_transaction', { where: ({ object }) => object.type === type })
  world.transaction(() => space.update('balance_transaction', row?.id ?? '', { object: change }))
}

describe('SBX-56: the audit of the books', () => {
  test('finds nothing in books that are right', async () => {
    await expect(problems()).resolves.toStrictEqual({ status: 200, problems: [] })
  })

  test('finds a balance that is not the sum of its transactions', async () => {
    spoil('charge', { net: 1 })

    const found = await problems()
    expect(found.status).toBe(500)
    expect(found.problems).toStrictEqual([`The balance of ${space.name} in usd does not match its transactions.`])
  })

  test('finds a payout that is not the sum of its transactions', async () => {
    const [payout] = (await stripe.payouts.list()).data
    const [row] = space.newestFirst('balance_transaction', { by: ['hidden.batch', payout?.id ?? ''] })
    bench.running.world.transaction(() =>
      space.update('balance_transaction', row?.id ?? '', { hidden: { batch: 'open:usd' } }),
    )
    const own = await problems()
    const [charge] = space.newestFirst('balance_transaction', { by: ['hidden.batch', payout?.id ?? ''] })
    bench.running.world.transaction(() =>
      space.update('balance_transaction', charge?.id ?? '', { hidden: { batch: 'open:usd' } }),
    )

    // Its own transaction is not part of the sum; the charge is.
    expect(own.problems).toStrictEqual([])
    expect((await problems()).problems).toStrictEqual([`The payout ${payout?.id} is not the sum of its transactions.`])
  })

  test('finds a payout that took another amount', async () => {
    const [payout] = (await stripe.payouts.list()).data
    bench.running.world.transaction(() => space.update('payout', payout?.id ?? '', { object: { amount: 9681 } }))

    expect((await problems()).problems).toStrictEqual([
      `The payout ${payout?.id} did not take its amount from the balance.`,
      `The payout ${payout?.id} is not the sum of its transactions.`,
    ])
  })

  test.each([['ch_none'], [null]])('finds a transaction whose source is %s', async (source) => {
    spoil('charge', { source })

    expect((await problems()).problems[0]).toMatch(
      /^The source of the balance transaction txn_\w+ of .* does not exist\.$/,
    )
  })
})
