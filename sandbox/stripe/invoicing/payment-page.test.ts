/** Checkout Sessions over prices, and the unpublished page that the command line tool pays them with (SBX-45). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench, RawAnswer } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})
afterAll(() => bench.close())

const shipping = { name: 'Jenny Rosen', address: { line1: '510 Townsend St', city: 'San Francisco', country: 'US' } }

async function openSession(
  params: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const price = await stripe.prices.create({ currency: 'aud', unit_amount: 1500, product_data: { name: 'Desk' } })
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: price.id, quantity: 2 }],
    success_url: 'https://example.com',
    payment_intent_data: { shipping },
    ...params,
  })
}

/** `pm_card_…` is made a method of its own first, as the tool does. */
async function confirm(session: string, card: string, amount: number): Promise<RawAnswer> {
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { token: card },
    billing_details: { email: 'renter@example.com' },
  })
  const body = `payment_method=${method.id}&expected_amount=${amount}`
  return bench.raw(`/v1/payment_pages/${session}/confirm`, { method: 'POST', body })
}

describe('lines', () => {
  test('SBX-45: a session sells a price made before, by the name of its product', async () => {
    const session = await openSession()

    const lines = await stripe.checkout.sessions.listLineItems(session.id)

    expect(session).toMatchObject({ amount_total: 3000, currency: 'aud' })
    expect(lines.data).toMatchObject([
      { description: 'Desk', quantity: 2, amount_total: 3000, price: { active: true } },
    ])
  })

  test('SBX-45: a price made in passing can name a product', async () => {
    const product = await stripe.products.create({ name: 'Locker' })

    const session = await openSession({
      line_items: [{ price_data: { currency: 'aud', product: product.id, unit_amount: 900 }, quantity: 1 }],
    })

    const [line] = (await stripe.checkout.sessions.listLineItems(session.id)).data
    expect(line).toMatchObject({ description: 'Locker', price: { active: false, product: product.id } })
  })

  test('SBX-6: recurring prices and subscriptions are refused', async () => {
    const monthly = await stripe.prices.create({
      currency: 'aud',
      unit_amount: 1500,
      recurring: { interval: 'month' },
      product_data: { name: 'Desk' },
    })

    const recurring = await refusalOf(openSession({ line_items: [{ price: monthly.id, quantity: 1 }] }))
    const subscription = await refusalOf(openSession({ mode: 'subscription' }))

    expect(recurring).toMatchObject({ statusCode: 400, param: 'line_items[0][price]' })
    expect(subscription).toMatchObject({ code: 'sandbox_not_supported', param: 'mode' })
  })

  test.each([
    ['no price', {}, 'line_items[0][price]'],
    ['an unknown price', { price: 'price_no' }, 'line_items[0][price]'],
    ['two prices', { price: 'price_no', price_data: { currency: 'aud', unit_amount: 1 } }, 'line_items[0][price_data]'],
    ['no product', { price_data: { currency: 'aud', unit_amount: 1 } }, 'line_items[0][price_data]'],
  ])('SBX-11: a line with %s is refused', async (_, line, param) => {
    const refusal = await refusalOf(openSession({ line_items: [{ quantity: 1, ...line }] }))

    expect(refusal).toMatchObject({ statusCode: 400, param })
  })
})

describe('the page', () => {
  test('SBX-45: confirmed with the amount it shows, the session is complete and paid', async () => {
    const session = await openSession()
    const page = await bench.raw(`/v1/payment_pages/${session.id}`)

    const answer = await confirm(session.id, 'tok_visa', 3000)

    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    expect(page).toMatchObject({ status: 200, body: { id: session.id, status: 'open' } })
    expect(answer.status).toBe(200)
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer_details: { email: 'renter@example.com' },
      payment_intent: { status: 'succeeded', amount: 3000, shipping: { name: 'Jenny Rosen' } },
    })
    expect(await eventTypesOf(stripe, session.id)).toEqual(['checkout.session.completed'])
  })

  test('SBX-45: another amount than the session’s is not charged', async () => {
    const session = await openSession()

    const answer = await confirm(session.id, 'tok_visa', 2999)

    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'expected_amount' } } })
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open', payment_intent: null })
  })

  test('SBX-45: a declined card leaves the session open for the next one', async () => {
    const session = await openSession()

    const declined = await confirm(session.id, 'tok_chargeCustomerFail', 3000)
    const paid = await confirm(session.id, 'tok_visa', 3000)
    const again = await confirm(session.id, 'tok_visa', 3000)

    expect(declined).toMatchObject({ status: 402, body: { error: { type: 'card_error', code: 'card_declined' } } })
    expect(paid.status).toBe(200)
    expect(again.status).toBe(400)
  })

  test('SBX-9: a page of another account is not there', async () => {
    const session = await openSession()

    const answer = await bench.raw(`/v1/payment_pages/${session.id}`, { key: bench.keys('Keystone').secret })

    expect(answer.status).toBe(404)
  })
})
