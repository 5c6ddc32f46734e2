import type Stripe from 'stripe'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { connectAccount } from './connected-account.ts'

let bench: Bench
let platform: Stripe
let connected: Stripe
let accountId: string

beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  accountId = await connectAccount(bench)
  platform = bench.sdk('Rental')
  connected = bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: accountId })
})

afterAll(() => bench.close())

async function pay(
  amount: number,
  fee: number,
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.Charge> {
  const intent = await connected.paymentIntents.create({
    amount,
    currency: 'usd',
    application_fee_amount: fee,
    payment_method: 'pm_card_bypassPending',
    confirm: true,
    return_url: 'https://example.com',
    ...more,
  })
  return connected.charges.retrieve(String(intent.latest_charge))
}

async function available(stripe: Stripe): Promise<number | undefined> {
  return (await stripe.balance.retrieve()).available.find((line) => line.currency === 'usd')?.amount
}

describe('SBX-45: application fees of direct charges', () => {
  test('are a fee of the connected account and money of the platform', async () => {
    const charge = await pay(10_000, 500)
    const fee = await platform.applicationFees.retrieve(String(charge.application_fee), { expand: ['charge'] })
    const own = await connected.balanceTransactions.retrieve(String(charge.balance_transaction))
    const theirs = await platform.balanceTransactions.retrieve(String(fee.balance_transaction), { expand: ['source'] })

    expect(charge).toMatchObject({ application_fee_amount: 500, application: fee.application })
    expect(own).toMatchObject({ amount: 10_000, fee: 820, net: 9180 })
    expect(own.fee_details).toStrictEqual([
      {
        amount: 500,
        application: fee.application,
        currency: 'usd',
        description: 'Application fee',
        type: 'application_fee',
      },
      { amount: 320, application: null, currency: 'usd', description: 'Stripe processing fees', type: 'stripe_fee' },
    ])
    expect(fee).toMatchObject({
      object: 'application_fee',
      account: accountId,
      amount: 500,
      amount_refunded: 0,
      refunded: false,
      charge: { id: charge.id },
      fee_source: { charge: charge.id, type: 'charge' },
      refunds: { object: 'list', data: [] },
    })
    expect(fee.application).toMatch(/^ca_/)
    expect(theirs).toMatchObject({ amount: 500, net: 500, type: 'application_fee', source: { id: fee.id } })
    expect([await available(connected), await available(platform)]).toStrictEqual([9180, 500])
    await expect(eventTypesOf(platform, fee.id)).resolves.toStrictEqual(['application_fee.created'])
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('are pending as long as the charge, and capped at what is captured', async () => {
    const held = await pay(10_000, 5000, { payment_method: 'pm_card_visa', capture_method: 'manual' })
    const none = await platform.applicationFees.list()
    await connected.paymentIntents.capture(String(held.payment_intent), { amount_to_capture: 4000 })
    const [fee] = (await platform.applicationFees.list({ charge: held.id })).data
    const transaction = await platform.balanceTransactions.retrieve(String(fee?.balance_transaction))

    expect(none.data).toStrictEqual([])
    expect(fee?.amount).toBe(4000)
    expect(transaction).toMatchObject({ status: 'pending', amount: 4000 })
  })

  test('are taken from payments on hosted pages too', async () => {
    const sell = (fee: number): Promise<Stripe.Checkout.Session> =>
      connected.checkout.sessions.create({
        mode: 'payment',
        line_items: [
          { price_data: { currency: 'usd', product_data: { name: 'Rent' }, unit_amount: 5000 }, quantity: 1 },
        ],
        payment_intent_data: { application_fee_amount: fee },
        success_url: 'https://example.com/done',
      })
    const session = await sell(250)
    const tooMuch = await refusalOf(sell(5001))
    bench.sandbox.stripe.submitCheckout({
      sessionId: session.id,
      email: 'payer@example.com',
      card: { number: '4242424242424242', expMonth: 12, expYear: 2034, cvc: '123' },
    })
    const paid = await connected.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] })

    expect(paid.payment_intent).toMatchObject({
      status: 'succeeded',
      application_fee_amount: 250,
      latest_charge: { application_fee_amount: 250 },
    })
    expect((await platform.applicationFees.list()).data.map(({ amount }) => amount)).toStrictEqual([250])
    expect(tooMuch).toMatchObject({ statusCode: 400, param: 'payment_intent_data[application_fee_amount]' })
  })

  test('of nothing leave no fee', async () => {
    const charge = await pay(10_000, 0)

    expect(charge.application_fee).toBeNull()
    expect((await platform.applicationFees.list()).data).toStrictEqual([])
  })

  test('may change until the payment is made', async () => {
    const intent = await connected.paymentIntents.create({ amount: 1000, currency: 'usd', application_fee_amount: 100 })
    const more = await connected.paymentIntents.update(intent.id, { application_fee_amount: 200 })
    const none = await connected.paymentIntents.update(intent.id, { application_fee_amount: '' })
    const tooMuch = await refusalOf(connected.paymentIntents.update(intent.id, { application_fee_amount: 1001 }))

    expect([more.application_fee_amount, none.application_fee_amount]).toStrictEqual([200, null])
    expect(tooMuch).toMatchObject({ statusCode: 400, param: 'application_fee_amount' })
  })

  test('are refused on own charges, above the amount and below zero', async () => {
    const own = bench
      .sdk('Keystone')
      .paymentIntents.create({ amount: 1000, currency: 'usd', application_fee_amount: 1 })
    const refusals = await Promise.all([refusalOf(own), refusalOf(pay(1000, 1001)), refusalOf(pay(1000, -1))])

    expect(refusals.map(({ statusCode, param }) => [statusCode, param])).toStrictEqual(
      Array.from({ length: 3 }, () => [400, 'application_fee_amount']),
    )
    expect(refusals[0]?.message).toContain('Stripe-Account header')
  })

  test('belong to the platform alone', async () => {
    const charge = await pay(1000, 100)
    const id = String(charge.application_fee)

    const refusals = await Promise.all([
      refusalOf(connected.applicationFees.retrieve(id)),
      refusalOf(bench.sdk('Keystone').applicationFees.retrieve(id)),
      refusalOf(bench.sdk('Rental', 'live').applicationFees.retrieve(id)),
      refusalOf(bench.sdk('Keystone').applicationFees.createRefund(id)),
    ])

    expect(refusals.map(({ statusCode }) => statusCode)).toStrictEqual([404, 404, 404, 404])
  })
})

describe('SBX-45: refunds of application fees', () => {
  test('give parts back until nothing is left', async () => {
    const charge = await pay(10_000, 500)
    const id = String(charge.application_fee)
    const first = await platform.applicationFees.createRefund(id, { amount: 200, metadata: { n: '1' } })
    const tooMuch = await refusalOf(platform.applicationFees.createRefund(id, { amount: 301 }))
    const rest = await platform.applicationFees.createRefund(id)
    const none = await refusalOf(platform.applicationFees.createRefund(id))
    const fee = await platform.applicationFees.retrieve(id)
    const listed = await platform.applicationFees.listRefunds(id)

    expect(first).toMatchObject({ object: 'fee_refund', amount: 200, fee: id, metadata: { n: '1' } })
    expect([tooMuch, none].map(({ statusCode }) => statusCode)).toStrictEqual([400, 400])
    expect(fee).toMatchObject({ amount_refunded: 500, refunded: true })
    expect(fee.refunds.data.map((one) => one.id)).toStrictEqual([rest.id, first.id])
    expect(listed.data.map((one) => one.amount)).toStrictEqual([300, 200])
    expect([await available(connected), await available(platform)]).toStrictEqual([9680, 0])
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('are read and changed by metadata, with an event', async () => {
    const charge = await pay(10_000, 500)
    const id = String(charge.application_fee)
    const refund = await platform.applicationFees.createRefund(id, { amount: 200 })
    const changed = await platform.applicationFees.updateRefund(id, refund.id, { metadata: { a: '1' } })
    const read = await platform.applicationFees.retrieveRefund(id, refund.id)
    const missing = await refusalOf(platform.applicationFees.retrieveRefund(id, 'fr_none'))
    const events = (
      await platform.events.list({ types: ['application_fee.refunded', 'application_fee.refund.updated'] })
    ).data

    expect([changed.metadata, read.metadata]).toStrictEqual([{ a: '1' }, { a: '1' }])
    expect(missing).toMatchObject({ statusCode: 404, code: 'resource_missing' })
    expect(events.map((event) => event.type)).toStrictEqual([
      'application_fee.refund.updated',
      'application_fee.refunded',
    ])
    expect(events[0]?.data.previous_attributes).toStrictEqual({ metadata: { a: null } })
  })

  test('SBX-26: go with a refund in proportion, half-up, and the last refund takes the remainder', async () => {
    const charge = await pay(1000, 99)
    const refund = (amount: number): Promise<Stripe.Refund> =>
      connected.refunds.create({ charge: charge.id, amount, refund_application_fee: true })
    await bench.control('POST', '/funds', { account: accountId, currency: 'usd', amountMinor: 1000 })
    const parts = [await refund(333), await refund(500), await refund(167)]
    const rows = await Promise.all(
      parts.map(({ balance_transaction: id }) => connected.balanceTransactions.retrieve(String(id))),
    )
    const fee = await platform.applicationFees.retrieve(String(charge.application_fee))

    // 99 × 333 / 1000 = 32.967, 99 × 500 / 1000 = 49.5, and the rest.
    expect(rows.map((row) => [row.amount, row.fee, row.net])).toStrictEqual([
      [-333, -33, -300],
      [-500, -50, -450],
      [-167, -16, -151],
    ])
    expect(rows[0]?.fee_details).toMatchObject([{ amount: -33, type: 'application_fee' }])
    expect(fee).toMatchObject({ amount_refunded: 99, refunded: true })
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('SBX-26: stay with the platform unless the refund asks for them', async () => {
    const charge = await pay(1000, 99)
    await bench.control('POST', '/funds', { account: accountId, currency: 'usd', amountMinor: 1000 })
    await connected.refunds.create({ charge: charge.id })

    await expect(platform.applicationFees.retrieve(String(charge.application_fee))).resolves.toMatchObject({
      amount_refunded: 0,
    })
  })

  test('SBX-26: cannot be asked for where there is no fee, or by another', async () => {
    const free = await pay(1000, 0)
    const own = bench.sdk('Keystone')
    const wish = { amount: 1000, currency: 'usd', confirm: true, return_url: 'https://example.com' }
    const intent = await own.paymentIntents.create({ ...wish, payment_method: 'pm_card_bypassPending' })

    const refusals = await Promise.all([
      refusalOf(connected.refunds.create({ charge: free.id, refund_application_fee: true })),
      refusalOf(own.refunds.create({ payment_intent: intent.id, refund_application_fee: true })),
    ])
    expect(refusals.map(({ statusCode, param }) => [statusCode, param])).toStrictEqual([
      [400, 'refund_application_fee'],
      [400, 'refund_application_fee'],
    ])
  })
})
