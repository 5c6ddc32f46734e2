/** Search: its language, its pages, and that it sees what was written only later (SBX-18). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { draftInvoice, refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  await setLag(0)
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

async function setLag(seconds: number): Promise<void> {
  await bench.control('POST', '/settings', { searchLagSeconds: seconds })
}

/** Names of the customers found, newest first. */
async function names(query: string): Promise<(string | null | undefined)[]> {
  const found = await stripe.customers.search({ query })
  return found.data.map((customer) => customer.name)
}

async function pay(amount: number, currency: string): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount,
    currency,
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://example.com',
  })
}

describe('the lag', () => {
  test('SBX-18: a new object is not found within a minute, unless told otherwise', async () => {
    await setLag(60)
    await stripe.customers.create({ name: 'Ada' })

    const atOnce = await names("name:'Ada'")
    bench.clock.advance(59_000)
    const almost = await names("name:'Ada'")
    bench.clock.advance(1000)

    expect([atOnce, almost]).toEqual([[], []])
    expect(await names("name:'Ada'")).toEqual(['Ada'])
  })

  test('SBX-18: a change is seen when its time has come, and until then what was', async () => {
    const { id } = await stripe.customers.create({ name: 'Ada' })
    bench.clock.advance(120_000)
    await setLag(60)
    await stripe.customers.update(id, { name: 'Grace' })

    const before = [await names("name:'Ada'"), await names("name:'Grace'")]
    bench.clock.advance(60_000)

    expect(before).toEqual([['Ada'], []])
    expect([await names("name:'Ada'"), await names("name:'Grace'")]).toEqual([[], ['Grace']])
  })

  test('SBX-47: a fault makes one search lag behind', async () => {
    await stripe.customers.create({ name: 'Ada' })
    await bench.control('POST', '/faults', { where: 'api', effect: { kind: 'search_lag', seconds: 3600 }, times: 1 })

    expect(await names("name:'Ada'")).toEqual([])
    expect(await names("name:'Ada'")).toEqual(['Ada'])
  })

  test('SBX-18: a deleted customer is not found', async () => {
    const { id } = await stripe.customers.create({ name: 'Ada' })

    await stripe.customers.del(id)

    expect(await names("name:'Ada'")).toEqual([])
  })
})

describe('the language', () => {
  beforeEach(async () => {
    await stripe.customers.create({ name: 'Ada', email: 'ada@example.com', metadata: { room: '1', "it's": 'quoted' } })
    bench.clock.advance(10_000)
    await stripe.customers.create({ name: 'Grace', email: 'grace@example.com', metadata: { room: '2' } })
    await stripe.customers.create({ name: 'Zoë “Z” 女', metadata: { room: '2' } })
  })

  test.each([
    ["name:'ada'", ['Ada']],
    ['email:"grace@example.com"', ['Grace']],
    ["metadata['room']:'2'", ['Zoë “Z” 女', 'Grace']],
    ["metadata['it\\'s']:'quoted'", ['Ada']],
    ["metadata['room']:'2' AND name:'Grace'", ['Grace']],
    ["metadata['room']:'2' name:'Grace'", ['Grace']],
    ["name:'Ada' OR name:'Grace'", ['Grace', 'Ada']],
    ["-name:'Ada'", ['Zoë “Z” 女', 'Grace']],
    ["-metadata['room']:null", ['Zoë “Z” 女', 'Grace', 'Ada']],
    ['email:null', ['Zoë “Z” 女']],
    ["email~'example'", ['Grace', 'Ada']],
    ["name:'Zoë “Z” 女'", ['Zoë “Z” 女']],
    ["name:'nobody'", []],
  ])('SBX-18: %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
  })

  test('SBX-18: times are compared', async () => {
    const [newest] = (await stripe.customers.list({ limit: 1 })).data

    expect(await names(`created<${newest?.created}`)).toEqual(['Ada'])
    expect(await names(`created>=${newest?.created} AND name:'Grace'`)).toEqual(['Grace'])
  })

  test.each([
    ['an empty word', 'name'],
    ['no field', "'Ada'"],
    ['an open quote', "name:'Ada"],
    ['something between', "name:'Ada' nor name:'x'"],
    ['a key for a field', "name['x']:'Ada'"],
    ['metadata without a key', "metadata:'Ada'"],
    ['an unknown field', "shoe_size:'44'"],
    ['a greater text', "name>'Ada'"],
    ['a time that is none', "created>'yesterday'"],
    ['a part too short', "name~'Ad'"],
    ['AND and OR', "name:'a' AND name:'b' OR name:'c'"],
    ['eleven clauses', Array.from({ length: 11 }, () => "name:'a'").join(' ')],
    ['greater than nothing', 'created>null'],
  ])('SBX-18: %s is refused', async (_, query) => {
    const refusal = await refusalOf(stripe.customers.search({ query }))

    expect(refusal).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError', param: 'query' })
  })

  test('SBX-11: a query must be there', async () => {
    expect(await refusalOf(stripe.customers.search({} as never))).toMatchObject({ code: 'parameter_missing' })
  })
})

describe('pages', () => {
  test('SBX-18: pages follow each other to the end and count when asked', async () => {
    for (let count = 0; count < 5; count += 1) await stripe.customers.create({ name: 'Ada', metadata: { n: count } })

    const first = await stripe.customers.search({ query: "name:'Ada'", limit: 2, expand: ['total_count'] })
    await stripe.customers.create({ name: 'Ada', metadata: { n: 'late' } })
    const all = await stripe.customers.search({ query: "name:'Ada'", limit: 2 }).autoPagingToArray({ limit: 100 })

    expect(first).toMatchObject({
      object: 'search_result',
      url: '/v1/customers/search',
      has_more: true,
      total_count: 5,
    })
    expect(all.map((one) => one.metadata['n'])).toEqual(['late', '4', '3', '2', '1', '0'])
    const page = first.next_page ?? ''
    const second = await stripe.customers.search({ query: "name:'Ada'", limit: 2, page })
    expect(second.data.map((one) => one.metadata['n'])).toEqual(['2', '1'])
    const last = await stripe.customers.search({ query: "name:'Ada'", limit: 2, page: second.next_page ?? '' })
    expect(last).toMatchObject({ has_more: false, next_page: null })
  })

  test.each(['nonsense', 'ÄÖ', ''])('SBX-18: the page %j is refused', async (page) => {
    const refusal = await refusalOf(stripe.customers.search({ query: "name:'Ada'", page }))

    expect(refusal).toMatchObject({ statusCode: 400, param: 'page' })
  })

  test('SBX-18: a page belongs to its query', async () => {
    for (let count = 0; count < 2; count += 1) await stripe.customers.create({ name: 'Ada' })
    const { next_page: page } = await stripe.customers.search({ query: "name:'Ada'", limit: 1 })

    const refusal = await refusalOf(stripe.customers.search({ query: "name:'Grace'", page: page ?? '' }))

    expect(refusal).toMatchObject({ statusCode: 400, param: 'page' })
  })
})

describe('the kinds', () => {
  test('SBX-18: payments are found by amount, currency, status and customer', async () => {
    const { id } = await pay(900, 'usd')
    await pay(500, 'usd')
    await pay(900, 'eur')

    const intents = await stripe.paymentIntents.search({
      query: "amount>600 AND currency:'usd' AND status:'succeeded'",
    })
    const charges = await stripe.charges.search({
      query: "amount:900 AND currency:'usd' AND refunded:'false' AND payment_method_details.card.last4:'4242'",
      expand: ['data.payment_intent'],
    })

    expect(intents.data.map((one) => one.id)).toEqual([id])
    expect(charges.data).toMatchObject([{ payment_intent: { id } }])
  })

  test('SBX-18: invoices are found by total and customer', async () => {
    const bill = await draftInvoice(stripe)
    await draftInvoice(stripe)

    const found = await stripe.invoices.search({ query: `total>=2000 AND customer:'${bill.customer}'` })

    expect(found.data.map((one) => one.id)).toEqual([bill.id])
  })

  test('SBX-9: another account finds nothing', async () => {
    await savedCustomer(stripe, 'pm_card_visa')

    const found = await bench.sdk('Harbour').customers.search({ query: "email:'renter@example.com'" })

    expect(found.data).toEqual([])
  })
})
