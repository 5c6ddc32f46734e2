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
