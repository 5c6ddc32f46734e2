import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const hour = 3_600_000
const day = 24 * hour

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

async function addFunds(amountMinor: number, currency = 'usd', account = 'Keystone'): Promise<void> {
  await bench.control('POST', '/funds', { account: bench.keys(account).accountId, currency, amountMinor })
}

async function available(currency = 'usd', sdk = stripe): Promise<number | undefined> {
  return (await sdk.balance.retrieve()).available.find((line) => line.currency === currency)?.amount
}

async function listPayouts(sdk = stripe): Promise<Stripe.Payout[]> {
  return (await sdk.payouts.list({ limit: 100 })).data
}

describe('SBX-24: manual payouts', () => {
  test('is paid like an automatic one, without a list of transactions', async () => {
    await addFunds(5000)
    const payout = await stripe.payouts.create({
      amount: 1100,
      currency: 'USD',
      description: 'rent',
      metadata: { n: '1' },
      statement_descriptor: 'KEYSTONE',
    })
    const left = await available()
    const refusal = await refusalOf(stripe.balanceTransactions.list({ payout: payout.id }))
    bench.clock.advance(4 * day)

    expect(payout).toMatchObject({
      amount: 1100,
      automatic: false,
      reconciliation_status: 'not_applicable',
      status: 'pending',
      description: 'rent',
      metadata: { n: '1' },
      statement_descriptor: 'KEYSTONE',
      method: 'standard',
      type: 'bank_account',
      source_type: 'card',
    })
    expect(left).toBe(3900)
    expect(refusal.message).toBe('Balance transaction history can only be filtered on automatic payouts, not manual.')
    await expect(stripe.payouts.retrieve(payout.id)).resolves.toMatchObject({ status: 'paid' })
    expect(await eventTypesOf(stripe, payout.id)).not.toContain('payout.reconciliation_completed')
  })

  test.each([
    [{ amount: 5001, currency: 'usd' }, 'balance_insufficient', undefined],
    [{ amount: 1, currency: 'usd', source_type: 'bank_account' }, 'balance_insufficient', undefined],
    [{ amount: 0, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: -1, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 99_999_999_999_999, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: '1.5', currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 1 }, 'parameter_missing', 'currency'],
    [{ amount: 1, currency: '💶' }, undefined, 'currency'],
    [{ amount: 1, currency: 'eur' }, undefined, 'currency'],
    [{ amount: 1, currency: 'usd', destination: 'ba_none' }, 'resource_missing', 'destination'],
    [{ amount: 1, currency: 'usd', method: 'instant' }, 'instant_payouts_unsupported', 'method'],
    [{ amount: 1, currency: 'usd', statement_descriptor: 'x'.repeat(23) }, undefined, 'statement_descriptor'],
    [{ amount: 1, currency: 'usd', payout_method: 'x' }, 'sandbox_not_supported', 'payout_method'],
    [{ amount: 1, currency: 'usd', colour: 'red' }, 'parameter_unknown', 'colour'],
  ])('refuses %j', async (wish, code, param) => {
    await addFunds(5000)

    const refusal = await refusalOf(stripe.payouts.create(wish as Stripe.PayoutCreateParams))

    expect([refusal.statusCode, refusal.code, refusal.param]).toStrictEqual([400, code, param])
    expect(await listPayouts()).toStrictEqual([])
  })

  test('is canceled while pending, and only then', async () => {
    await addFunds(5000)
    const first = await stripe.payouts.create({ amount: 1000, currency: 'usd' })
    const canceled = await stripe.payouts.cancel(first.id, { expand: ['failure_balance_transaction'] })
    const again = await refusalOf(stripe.payouts.cancel(first.id))
    const second = await stripe.payouts.create({ amount: 1000, currency: 'usd' })
    bench.clock.advance(hour)
    const late = await refusalOf(stripe.payouts.cancel(second.id))

    expect(canceled).toMatchObject({
      status: 'canceled',
      failure_balance_transaction: { type: 'payout_cancel', amount: 1000, source: first.id },
    })
    expect([again.statusCode, late.statusCode]).toStrictEqual([400, 400])
    expect(late.message).toContain('in_transit')
    await expect(available()).resolves.toBe(4000)
    await expect(eventTypesOf(stripe, first.id)).resolves.toStrictEqual([
      'payout.created',
      'payout.canceled',
      'payout.updated',
    ])
  })

  test('changes by metadata only, and tells what they were', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 1000, currency: 'usd', metadata: { a: '1' } })

    const changed = await stripe.payouts.update(id, { metadata: { a: '', b: '2' } })
    const refusal = await refusalOf(stripe.payouts.update(id, { amount: 3 } as Stripe.PayoutUpdateParams))

    const [event] = (await stripe.events.list({ type: 'payout.updated' })).data
    expect(changed.metadata).toStrictEqual({ b: '2' })
    expect(event?.data.previous_attributes).toStrictEqual({ metadata: { a: '1', b: null } })
    expect(refusal).toMatchObject({ code: 'parameter_unknown', param: 'amount' })
  })

  test('an own account cannot take a payout back', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 1000, currency: 'usd' })

    const refusal = await refusalOf(stripe.payouts.reverse(id))

    expect(refusal).toMatchObject({ statusCode: 400 })
    expect(refusal.message).toContain('connected accounts')
  })

  test('lists filter by status, arrival, creation and destination', async () => {
    await addFunds(5000)
    const one = await stripe.payouts.create({ amount: 1000, currency: 'usd' })
    const other = await stripe.payouts.create({ amount: 500, currency: 'usd' })
    await stripe.payouts.cancel(other.id)
    const count = async (filter: Stripe.PayoutListParams): Promise<string[]> =>
      (await stripe.payouts.list(filter)).data.map(({ id }) => id)

    await expect(count({ status: 'pending' })).resolves.toStrictEqual([one.id])
    await expect(count({ status: 'canceled' })).resolves.toStrictEqual([other.id])
    await expect(count({ arrival_date: one.arrival_date })).resolves.toHaveLength(2)
    await expect(count({ arrival_date: { gt: one.arrival_date } })).resolves.toStrictEqual([])
    await expect(count({ created: { lt: one.created } })).resolves.toStrictEqual([])
    await expect(count({ destination: String(one.destination) })).resolves.toHaveLength(2)
    await expect(count({ destination: 'ba_other' })).resolves.toStrictEqual([])
    expect(await refusalOf(stripe.payouts.list({ status: 'lost' }))).toMatchObject({ param: 'status' })
  })

  test('a payout of another account does not exist', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 1000, currency: 'usd' })

    const refusals = await Promise.all([
      refusalOf(bench.sdk('Harbour').payouts.retrieve(id)),
      refusalOf(bench.sdk('Keystone', 'live').payouts.retrieve(id)),
      refusalOf(bench.sdk('Harbour').payouts.cancel(id)),
      refusalOf(bench.sdk('Harbour').balanceTransactions.list({ payout: id })),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual(
      Array.from({ length: 4 }, () => [404, 'resource_missing']),
    )
  })
})
