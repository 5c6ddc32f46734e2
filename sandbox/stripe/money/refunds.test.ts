import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
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

async function pay(amount: number, card = 'pm_card_bypassPending'): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    payment_method: card,
    confirm: true,
    return_url: 'https://example.com',
  })
}

async function balance(): Promise<{ available: number | undefined; pending: number | undefined }> {
  const { available, pending } = await stripe.balance.retrieve()
  return { available: available[0]?.amount, pending: pending[0]?.amount }
}

async function eventTypes(): Promise<string[]> {
  return (await stripe.events.list({ limit: 100 })).data.map((event) => event.type)
}

describe('SBX-23: the balance', () => {
  test('funds are pending for two business days, then available, and the sums always match', async () => {
    await stripe.balanceSettings.update({ payments: { payouts: { schedule: { interval: 'manual' } } } })
    const { latest_charge: charge } = await pay(10_000, 'pm_card_visa')
    const [transaction] = (await stripe.balanceTransactions.list({ source: String(charge) })).data
    const pending = await balance()
    // Monday 09:00 to Wednesday 00:00.
    bench.clock.advance(38 * hour)
    const tooEarly = await balance()
    bench.clock.advance(hour)
    const available = await balance()

    expect(transaction).toMatchObject({
      amount: 10_000,
      fee: 320,
      net: 9680,
      type: 'charge',
      reporting_category: 'charge',
    })
    expect(new Date((transaction?.available_on ?? 0) * 1000).getUTCHours()).toBe(0)
    expect([pending, tooEarly, available]).toStrictEqual([
      { available: 0, pending: 9680 },
      { available: 0, pending: 9680 },
      { available: 9680, pending: 0 },
    ])
    expect(await eventTypes()).toContain('balance.available')
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('funds taken on a Friday are available on Tuesday', async () => {
    const now = bench.clock.now()
    const untilFriday = ((5 - now.getUTCDay() + 7) % 7) * day
    bench.clock.advance(untilFriday)
    const { latest_charge: charge } = await pay(10_000, 'pm_card_visa')

    const [transaction] = (await stripe.balanceTransactions.list({ source: String(charge) })).data

    expect(new Date((transaction?.available_on ?? 0) * 1000).getUTCDay()).toBe(2)
  })

  test('SBX-52: money that is available at once is told of, a debit is not', async () => {
    const intent = await pay(10_000)
    const told = (await eventTypes()).filter((type) => type === 'balance.available').length
    await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })

    expect(told).toBe(1)
    expect((await eventTypes()).filter((type) => type === 'balance.available')).toHaveLength(1)
  })
})

describe('SBX-26: refunds', () => {
  test('parts go back until nothing is left', async () => {
    const intent = await pay(10_000)
    const first = await stripe.refunds.create({
      payment_intent: intent.id,
      amount: 3000,
      reason: 'requested_by_customer',
      metadata: { n: '1' },
    })
    const tooMuch = await refusalOf(stripe.refunds.create({ payment_intent: intent.id, amount: 7001 }))
    await bench.control('POST', '/funds', {
      account: bench.keys('Keystone').accountId,
      currency: 'usd',
      amountMinor: 5000,
    })
    const rest = await stripe.refunds.create({ charge: String(intent.latest_charge) })
    const none = await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))

    const charge = await stripe.charges.retrieve(String(intent.latest_charge))
    const [transaction] = (await stripe.balanceTransactions.list({ source: first.id })).data
    expect(first).toMatchObject({
      status: 'succeeded',
      amount: 3000,
      metadata: { n: '1' },
      payment_intent: intent.id,
      balance_transaction: transaction?.id,
    })
    expect(first).not.toHaveProperty('pending_reason')
    expect(transaction).toMatchObject({ amount: -3000, fee: 0, net: -3000, type: 'refund' })
    expect(tooMuch).toMatchObject({ statusCode: 400 })
    expect(tooMuch.message).toBe('Refund amount (70.01 usd) is greater than unrefunded amount on charge (70.00 usd)')
    expect(rest.amount).toBe(7000)
    expect(none).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' })
    expect(charge).toMatchObject({ amount_refunded: 10_000, refunded: true })
    // 100.00 less fee 3.20, top-up 50.00, both parts back.
    expect(await balance()).toStrictEqual({ available: 10_000 - 320 + 5000 - 10_000, pending: 0 })
  })

  test('a refund tells of itself under all four names', async () => {
    const intent = await pay(10_000)
    await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })

    expect((await eventTypes()).slice(0, 4)).toStrictEqual([
      'charge.refund.updated',
      'refund.updated',
      'charge.refunded',
      'refund.created',
    ])
  })

  test('without funds a refund waits, is not taken twice, and is paid when funds arrive', async () => {
    const intent = await pay(10_000, 'pm_card_visa')

    const waiting = await stripe.refunds.create({ payment_intent: intent.id })
    const again = await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))
    await pay(20_000, 'pm_card_visa')
    bench.clock.advance(7 * day - hour)
    const paid = await stripe.refunds.retrieve(waiting.id)

    expect(waiting).toMatchObject({
      status: 'pending',
      pending_reason: 'insufficient_funds',
      balance_transaction: null,
    })
    expect(again.code).toBe('charge_already_refunded')
    expect(paid).toMatchObject({ status: 'succeeded' })
    expect(paid.balance_transaction).toMatch(/^txn_/)
    expect((await bench.control('GET', '/health')).body.ok).toBe(true)
  })

  test('funds that are there at once pay the refunds that wait, as far as they reach', async () => {
    const one = await pay(10_000, 'pm_card_visa')
    const first = await stripe.refunds.create({ payment_intent: one.id, amount: 6000 })
    const second = await stripe.refunds.create({ payment_intent: one.id })
    await bench.control('POST', '/funds', {
      account: bench.keys('Keystone').accountId,
      currency: 'usd',
      amountMinor: 7000,
    })

    await expect(stripe.refunds.retrieve(first.id)).resolves.toMatchObject({ status: 'succeeded' })
    await expect(stripe.refunds.retrieve(second.id)).resolves.toMatchObject({ status: 'pending' })
    expect((await balance()).available).toBe(1000)
  })

  test('a refund that waits seven days in vain fails, and the charge owes the money again', async () => {
    const intent = await pay(10_000, 'pm_card_visa')
    const waiting = await stripe.refunds.create({ payment_intent: intent.id })

    bench.clock.advance(7 * day + hour)

    await expect(stripe.refunds.retrieve(waiting.id)).resolves.toMatchObject({
      status: 'failed',
      failure_reason: 'insufficient_funds',
    })
    await expect(stripe.charges.retrieve(String(intent.latest_charge))).resolves.toMatchObject({
      amount_refunded: 0,
      refunded: false,
    })
    expect(await eventTypes()).toContain('refund.failed')
  })

  test.each([
    ['reject', [400, 'balance_insufficient']],
    ['overdraw', [200, 'succeeded']],
  ])('an account set to %s', async (policy, expected) => {
    await bench.control('POST', '/settings', { account: bench.keys('Keystone').accountId, refundWithoutFunds: policy })
    const intent = await pay(10_000, 'pm_card_visa')

    const { status, body } = await bench.raw('/v1/refunds', {
      method: 'POST',
      key: bench.keys('Keystone').secret,
      body: `payment_intent=${intent.id}`,
    })

    expect([status, body.error?.code ?? body.status]).toStrictEqual(expected)
    await bench.control('POST', '/settings', { account: bench.keys('Keystone').accountId, refundWithoutFunds: 'pend' })
  })

  test('SBX-43: the card whose refunds fail a day later, and the card whose refunds take an hour', async () => {
    await bench.control('POST', '/funds', {
      account: bench.keys('Keystone').accountId,
      currency: 'usd',
      amountMinor: 100_000,
    })
    const failing = await stripe.refunds.create({ payment_intent: (await pay(5000, 'pm_card_refundFail')).id })
    const slow = await stripe.refunds.create({ payment_intent: (await pay(5000, 'pm_card_pendingRefund')).id })
    const before = await balance()

    bench.clock.advance(hour + 1000)
    const done = await stripe.refunds.retrieve(slow.id)
    bench.clock.advance(day)
    const failed = await stripe.refunds.retrieve(failing.id, { expand: ['failure_balance_transaction'] })

    expect([failing.status, slow.status, slow.pending_reason]).toStrictEqual(['succeeded', 'pending', 'processing'])
    expect(done).toMatchObject({ status: 'succeeded' })
    expect(failed).toMatchObject({
      status: 'failed',
      failure_balance_transaction: { amount: 5000, type: 'refund_failure' },
    })
    expect((await balance()).available).toBe((before.available ?? 0) + 5000)
  })

  test('refunds are found by charge and by intent, changed by metadata only, and cannot be canceled', async () => {
    const intent = await pay(10_000)
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })

    const byIntent = await stripe.refunds.list({ payment_intent: intent.id })
    const byCharge = await stripe.refunds.list({ charge: String(intent.latest_charge) })
    const changed = await stripe.refunds.update(refund.id, { metadata: { seen: 'yes' } })
    const refusal = await refusalOf(stripe.refunds.cancel(refund.id))

    expect([byIntent.data[0]?.id, byCharge.data[0]?.id]).toStrictEqual([refund.id, refund.id])
    expect(changed.metadata).toStrictEqual({ seen: 'yes' })
    expect(refusal).toMatchObject({ statusCode: 400, code: undefined, type: 'StripeInvalidRequestError' })
  })

  test('an unpaid intent, nothing at all and both names are refused', async () => {
    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' })
    const refusals = await Promise.all([
      refusalOf(stripe.refunds.create({ payment_intent: open.id })),
      refusalOf(stripe.refunds.create({})),
      refusalOf(stripe.refunds.create({ charge: 'ch_none' })),
      refusalOf(stripe.refunds.create({ charge: 'ch_x', payment_intent: open.id })),
    ])

    expect(refusals.map(({ statusCode, param }) => [statusCode, param])).toStrictEqual([
      [400, 'payment_intent'],
      [400, 'charge'],
      [404, 'charge'],
      [400, 'payment_intent'],
    ])
  })
})
