import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

describe('SBX-16: lists', () => {
  test('pages go newest first in both directions, and new objects do not shift them', async () => {
    for (const name of ['1', '2', '3', '4', '5']) await stripe.customers.create({ name })

    const first = await stripe.customers.list({ limit: 2 })
    await stripe.customers.create({ name: '6' })
    const second = await stripe.customers.list({ limit: 2, starting_after: String(first.data[1]?.id) })
    const last = await stripe.customers.list({ limit: 2, starting_after: String(second.data[1]?.id) })
    const back = await stripe.customers.list({ limit: 2, ending_before: String(last.data[0]?.id) })
    const newest = await stripe.customers.list({ limit: 10, ending_before: String(first.data[0]?.id) })

    const names = (page: Stripe.ApiList<Stripe.Customer>): string[] => page.data.map((customer) => customer.name ?? '')
    expect([names(first), first.has_more]).toStrictEqual([['5', '4'], true])
    expect([names(second), second.has_more]).toStrictEqual([['3', '2'], true])
    expect([names(last), last.has_more]).toStrictEqual([['1'], false])
    expect([names(back), back.has_more]).toStrictEqual([['3', '2'], true])
    expect([names(newest), newest.has_more]).toStrictEqual([['6'], false])
    expect(first).toMatchObject({ object: 'list', url: '/v1/customers' })
  })

  test('the SDK pages through everything once', async () => {
    const names: string[] = []
    for await (const customer of stripe.customers.list({ limit: 2 })) names.push(customer.name ?? '')

    expect(names).toStrictEqual(['6', '5', '4', '3', '2', '1'])
  })

  test('limits outside 1 to 100, both cursors and an unknown cursor are refused', async () => {
    const refusals = await Promise.all([
      refusalOf(stripe.customers.list({ limit: 0 })),
      refusalOf(stripe.customers.list({ limit: 101 })),
      refusalOf(stripe.customers.list({ starting_after: 'cus_a', ending_before: 'cus_b' })),
      refusalOf(stripe.customers.list({ starting_after: 'cus_none' })),
    ])

    expect(refusals.map(({ statusCode, code, param }) => [statusCode, code, param])).toStrictEqual([
      [400, 'parameter_invalid_integer', 'limit'],
      [400, 'parameter_invalid_integer', 'limit'],
      [400, undefined, 'ending_before'],
      [400, 'resource_missing', 'starting_after'],
    ])
  })

  test('created and e-mail filter', async () => {
    const before = bench.clock.now().getTime() / 1000
    bench.clock.advance(60_000)
    await stripe.customers.create({ name: 'late', email: 'late@example.com' })

    const later = await stripe.customers.list({ created: { gt: before } })
    const earlier = await stripe.customers.list({ created: { lte: before } })
    const byMail = await stripe.customers.list({ email: 'late@example.com' })

    expect(later.data.map((one) => one.name)).toStrictEqual(['late'])
    expect(earlier.data).toHaveLength(6)
    expect(byMail.data.map((one) => one.name)).toStrictEqual(['late'])
  })

  test('a deleted customer leaves the list and is shown as deleted', async () => {
    const { id } = await stripe.customers.create({ name: 'gone' })

    await stripe.customers.del(id)

    await expect(stripe.customers.retrieve(id)).resolves.toStrictEqual(
      expect.objectContaining({ id, object: 'customer', deleted: true }),
    )
    const listed = await stripe.customers.list({ limit: 100 })
    expect(listed.data.map((one) => one.id)).not.toContain(id)
    expect(await refusalOf(stripe.customers.update(id, { name: 'back' }))).toMatchObject({ statusCode: 404 })
    expect(await refusalOf(stripe.setupIntents.create({ customer: id }))).toMatchObject({ code: 'resource_missing' })
  })
})

describe('SBX-17: expand', () => {
  test('an expanded object equals a retrieve, through several levels and in lists', async () => {
    const customer = await stripe.customers.create({ name: 'Kim' })
    const intent = await stripe.paymentIntents.create({
      amount: 800,
      currency: 'usd',
      customer: customer.id,
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
      expand: ['latest_charge.balance_transaction.source', 'customer'],
    })

    const charge = intent.latest_charge as Stripe.Charge
    const transaction = charge.balance_transaction as Stripe.BalanceTransaction
    const plainCharge = await stripe.charges.retrieve(charge.id)
    expect(transaction.source).toStrictEqual(expect.objectContaining({ id: charge.id, object: 'charge' }))
    expect({ ...charge, balance_transaction: transaction.id }).toStrictEqual({ ...plainCharge })
    expect((intent.customer as Stripe.Customer).name).toBe('Kim')

    const listed = await stripe.paymentIntents.list({
      customer: customer.id,
      expand: ['data.latest_charge', 'data.payment_method'],
    })
    expect(listed.data[0]).toMatchObject({
      latest_charge: { id: charge.id },
      payment_method: { object: 'payment_method' },
    })
    await expect(stripe.charges.retrieve(charge.id, { expand: ['refunds'] })).resolves.toMatchObject({
      refunds: { object: 'list', data: [] },
    })
  })

  test('the rows of a list inside an object are opened by their data', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_bypassPending')
    const wish = { amount: 900, currency: 'usd', customer, payment_method: method, confirm: true, off_session: true }
    const { id } = await stripe.paymentIntents.create(wish)
    for (const amount of [100, 200]) await stripe.refunds.create({ payment_intent: id, amount })

    const inside = 'latest_charge.refunds.data'
    const opened = await stripe.paymentIntents.retrieve(id, {
      expand: [`${inside}.balance_transaction`, `${inside}.failure_balance_transaction`],
    })

    expect((opened.latest_charge as Stripe.Charge).refunds?.data).toMatchObject([
      { amount: 200, balance_transaction: { amount: -200 } },
      { amount: 100, balance_transaction: { amount: -100 } },
    ])
    for (const path of ['latest_charge.refunds.balance_transaction', inside])
      expect(await refusalOf(stripe.paymentIntents.retrieve(id, { expand: [path] }))).toMatchObject({ param: 'expand' })
  })

  test('an expansion changes the answer only, never the object', async () => {
    const [intent] = (await stripe.paymentIntents.list({ limit: 1, expand: ['data.customer'] })).data

    const plain = await stripe.paymentIntents.retrieve(String(intent?.id))

    expect(typeof plain.customer).toBe('string')
  })

  test('a null field stays null; unknown fields, too many levels and a missing data. are refused', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 800,
      currency: 'usd',
      expand: ['latest_charge', 'customer'],
    })
    expect(intent).toMatchObject({ latest_charge: null, customer: null })

    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.retrieve(intent.id, { expand: ['amount'] })),
      refusalOf(stripe.paymentIntents.retrieve(intent.id, { expand: ['a.b.c.d.e'] })),
      refusalOf(stripe.paymentIntents.list({ expand: ['customer'] })),
    ])

    expect(refusals[0]?.message).toContain('This property cannot be expanded (amount)')
    expect(refusals[1]?.message).toContain('more than 4 levels')
    expect(refusals[2]?.message).toContain("'data.customer'")
  })
})
