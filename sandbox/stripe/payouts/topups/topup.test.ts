import type Stripe from 'stripe'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../../test-bench.ts'
import type { Bench } from '../../test-bench.ts'

let bench: Bench
let stripe: Stripe
const day = 86_400_000

beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

describe('SBX-45: top-ups', () => {
  test('are in the balance on the next business day', async () => {
    await stripe.balanceSettings.update({ payments: { payouts: { schedule: { interval: 'manual' } } } })
    const made = await stripe.topups.create({
      amount: 1000,
      currency: 'usd',
      description: 'more',
      metadata: { a: '1' },
    })
    const before = await stripe.balance.retrieve()
    bench.clock.advance(day)
    const done = await stripe.topups.retrieve(made.id, { expand: ['balance_transaction'] })
    const after = await stripe.balance.retrieve()

    expect(made).toMatchObject({
      status: 'pending',
      balance_transaction: null,
      description: 'more',
      metadata: { a: '1' },
    })
    expect(done).toMatchObject({
      status: 'succeeded',
      balance_transaction: { type: 'topup', amount: 1000, source: made.id },
    })
    expect([before, after].map(({ available }) => available[0]?.amount)).toStrictEqual([0, 1000])
    await expect(eventTypesOf(stripe, made.id)).resolves.toStrictEqual(['topup.created', 'topup.succeeded'])
  })

  test('are canceled while pending, and only then', async () => {
    const { id } = await stripe.topups.create({ amount: 1000, currency: 'usd' })
    const canceled = await stripe.topups.cancel(id)
    const again = await refusalOf(stripe.topups.cancel(id))
    bench.clock.advance(3 * day)

    expect([canceled.status, again.statusCode]).toStrictEqual(['canceled', 400])
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(0)
    expect(await eventTypesOf(stripe, id)).toStrictEqual(['topup.created', 'topup.canceled'])
  })

  test('change by metadata and description, and are listed by status and amount', async () => {
    const { id } = await stripe.topups.create({ amount: 1000, currency: 'usd', metadata: { a: '1' } })
    await stripe.topups.create({ amount: 2000, currency: 'usd' })
    const changed = await stripe.topups.update(id, { description: 'ü', metadata: { a: '', b: '2' } })

    expect(changed).toMatchObject({ description: 'ü', metadata: { b: '2' } })
    expect((await stripe.topups.list({ status: 'pending' })).data).toHaveLength(2)
    expect((await stripe.topups.list({ amount: { lt: 2000 } })).data.map((one) => one.id)).toStrictEqual([id])
  })

  test.each([
    [{ amount: 0, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: -5, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 5 }, 'parameter_missing', 'currency'],
    [{ amount: 5, currency: 'zzz' }, undefined, 'currency'],
    [{ amount: 5, currency: 'usd', statement_descriptor: 'x'.repeat(16) }, undefined, 'statement_descriptor'],
    [{ amount: 5, currency: 'usd', source: 'src_x' }, 'sandbox_not_supported', 'source'],
  ])('refuses %j', async (wish, code, param) => {
    const refusal = await refusalOf(stripe.topups.create(wish as Stripe.TopupCreateParams))

    expect([refusal.statusCode, refusal.code, refusal.param]).toStrictEqual([400, code, param])
  })

  test('of another account do not exist', async () => {
    const { id } = await stripe.topups.create({ amount: 1000, currency: 'usd' })

    expect(await refusalOf(bench.sdk('Harbour').topups.retrieve(id))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    })
  })
})
