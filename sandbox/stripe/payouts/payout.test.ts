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

/** Turns the clock to 00:00 UTC of a day in the next week: 1 is Monday. */
function turnToMidnightOf(weekday: number): void {
  const now = bench.clock.now()
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  const days = (weekday - now.getUTCDay() + 7) % 7 || 7
  bench.clock.advance(midnight + days * day - now.getTime())
}

async function addFunds(amountMinor: number, currency = 'usd', account = 'Keystone'): Promise<void> {
  await bench.control('POST', '/funds', { account: bench.keys(account).accountId, currency, amountMinor })
}

async function available(currency = 'usd', sdk = stripe): Promise<number | undefined> {
  return (await sdk.balance.retrieve()).available.find((line) => line.currency === currency)?.amount
}

async function listPayouts(sdk = stripe): Promise<Stripe.Payout[]> {
  return (await sdk.payouts.list({ limit: 100 })).data
}

async function netOf(payout: string, sdk = stripe): Promise<number> {
  const rows = await sdk.balanceTransactions.list({ payout, limit: 100 })
  return rows.data.filter((row) => row.type !== 'payout').reduce((sum, row) => sum + row.net, 0)
}

async function isHealthy(): Promise<boolean> {
  return (await bench.control('GET', '/health')).body.ok
}

describe('SBX-24: automatic payouts', () => {
  test('at midnight everything available goes out, and arrives on the next business day', async () => {
    turnToMidnightOf(1)
    await addFunds(50_000)
    turnToMidnightOf(2)
    const [created] = await listPayouts()
    bench.clock.advance(hour)
    const sent = await stripe.payouts.retrieve(created?.id ?? '')
    turnToMidnightOf(3)
    const paid = await stripe.payouts.retrieve(created?.id ?? '', { expand: ['destination', 'balance_transaction'] })

    expect(created).toMatchObject({ amount: 50_000, status: 'pending', automatic: true, currency: 'usd' })
    expect([created?.reconciliation_status, sent.reconciliation_status]).toStrictEqual(['in_progress', 'completed'])
    expect(sent).toMatchObject({ status: 'in_transit', trace_id: { status: 'pending', value: null } })
    expect(paid).toMatchObject({
      status: 'paid',
      trace_id: { status: 'supported' },
      destination: { object: 'bank_account', last4: '6789', currency: 'usd' },
      balance_transaction: { type: 'payout', amount: -50_000, source: paid.id, reporting_category: 'payout' },
    })
    expect(new Date(paid.arrival_date * 1000).getUTCDay()).toBe(3)
    await expect(available()).resolves.toBe(0)
    await expect(isHealthy()).resolves.toBe(true)
    await expect(eventTypesOf(stripe, paid.id)).resolves.toStrictEqual([
      'payout.created',
      'payout.updated',
      'payout.reconciliation_completed',
      'payout.updated',
      'payout.paid',
      'payout.updated',
    ])
  })

  test('the transactions of a payout are listed once they are final, and add up to it', async () => {
    turnToMidnightOf(2)
    const intent = await stripe.paymentIntents.create({
      amount: 10_000,
      currency: 'usd',
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      return_url: 'https://example.com',
    })
    await stripe.refunds.create({ payment_intent: intent.id, amount: 1000 })
    turnToMidnightOf(3)
    const [payout] = await listPayouts()
    const early = await refusalOf(stripe.balanceTransactions.list({ payout: payout?.id ?? '' }))
    await addFunds(700)
    bench.clock.advance(hour)
    const listed = await stripe.balanceTransactions.list({ payout: payout?.id ?? '' })

    expect(early).toMatchObject({ statusCode: 400, code: 'payout_reconciliation_not_ready', param: 'payout' })
    expect(listed.data.map((row) => [row.type, row.net])).toStrictEqual([
      ['payout', -8680],
      ['refund', -1000],
      ['charge', 9680],
    ])
    expect(payout?.amount).toBe(8680)
  })

  test('funds that become available at midnight are paid out on that day, with what was there before', async () => {
    turnToMidnightOf(1)
    bench.clock.advance(9 * hour)
    const pay = { amount: 10_000, currency: 'usd', confirm: true, return_url: 'https://example.com' }
    await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_visa' })
    turnToMidnightOf(2)
    bench.clock.advance(9 * hour)
    await addFunds(1)
    turnToMidnightOf(3)

    expect((await listPayouts()).map((payout) => payout.amount)).toStrictEqual([9681])
  })

  test('no payout is made on a weekend', async () => {
    turnToMidnightOf(5)
    bench.clock.advance(hour)
    await addFunds(5000)
    turnToMidnightOf(0)
    const onSunday = await listPayouts()
    turnToMidnightOf(1)

    expect(onSunday).toStrictEqual([])
    expect((await listPayouts())[0]).toMatchObject({ amount: 5000 })
  })

  test('each currency with a bank account has a payout of its own; others stay in the balance', async () => {
    const harbour = bench.sdk('Harbour')
    await addFunds(1000, 'aud', 'Harbour')
    await addFunds(2000, 'usd', 'Harbour')
    await addFunds(3000, 'eur', 'Harbour')
    turnToMidnightOf(3)

    const made = await listPayouts(harbour)
    expect(made.map(({ amount, currency }) => [amount, currency]).toSorted()).toStrictEqual([
      [1000, 'aud'],
      [2000, 'usd'],
    ])
    await expect(available('eur', harbour)).resolves.toBe(3000)
    expect(await listPayouts()).toStrictEqual([])
  })

  test('a debt is taken from the bank account, when the account allows it', async () => {
    await bench.control('POST', '/settings', {
      account: bench.keys('Keystone').accountId,
      refundWithoutFunds: 'overdraw',
    })
    turnToMidnightOf(1)
    bench.clock.advance(9 * hour)
    const pay = { amount: 10_000, currency: 'usd', confirm: true, return_url: 'https://example.com' }
    const intent = await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_visa' })
    await stripe.refunds.create({ payment_intent: intent.id })
    await stripe.balanceSettings.update({ payments: { debit_negative_balances: false } })
    turnToMidnightOf(2)
    const none = await listPayouts()
    const owed = await available()
    await stripe.balanceSettings.update({ payments: { debit_negative_balances: true } })
    const debited = await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_visa' })
    await stripe.refunds.create({ payment_intent: debited.id })
    turnToMidnightOf(3)

    const [payout] = await listPayouts()
    // The first payment, less its fee of 3.20, became available at the same midnight.
    expect([none, owed, payout?.amount]).toStrictEqual([[], -10_000, -10_320])
    await expect(available()).resolves.toBe(0)
    bench.clock.advance(hour)
    await expect(netOf(payout?.id ?? '')).resolves.toBe(-10_320)
    await expect(isHealthy()).resolves.toBe(true)
    await bench.control('POST', '/settings', { account: bench.keys('Keystone').accountId, refundWithoutFunds: 'pend' })
  })

  test('the minimum balance stays, held in one payout and released into the next', async () => {
    await stripe.balanceSettings.update({ payments: { payouts: { minimum_balance_by_currency: { usd: 300 } } } })
    turnToMidnightOf(1)
    await addFunds(1000)
    turnToMidnightOf(2)
    bench.clock.advance(hour)
    await addFunds(500)
    turnToMidnightOf(3)
    bench.clock.advance(hour)

    const [second, first] = await listPayouts()
    expect([first?.amount, second?.amount]).toStrictEqual([700, 500])
    await expect(netOf(first?.id ?? '')).resolves.toBe(700)
    await expect(netOf(second?.id ?? '')).resolves.toBe(500)
    await expect(available()).resolves.toBe(300)
    await stripe.balanceSettings.update({ payments: { payouts: { minimum_balance_by_currency: '' } } })
  })

  test('live and test are paid out apart', async () => {
    await addFunds(1000)
    turnToMidnightOf(3)

    expect(await listPayouts(bench.sdk('Keystone', 'live'))).toStrictEqual([])
    expect(await listPayouts()).toHaveLength(1)
  })
})

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
