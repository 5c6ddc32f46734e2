import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CardFields, SubmitOutcome } from '../index.ts'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const minute = 60_000

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

const line = {
  price_data: { currency: 'aud', unit_amount: 4400, product_data: { name: 'Desk 12, November' } },
  quantity: 2,
}

function createPayment(more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [line],
    success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}&state=s',
    cancel_url: 'https://example.com/back',
    ...more,
  })
}

function card(number: string): CardFields {
  return { number, expMonth: 12, expYear: 2030, cvc: '123' }
}

function submit(sessionId: string, number = '4242 4242 4242 4242'): SubmitOutcome {
  return bench.sandbox.stripe.submitCheckout({ sessionId, card: card(number), email: 'renter@example.com' })
}

function tokenOf(outcome: SubmitOutcome): string {
  return outcome.outcome === 'requires_action' ? new URL(outcome.redirectUrl).pathname.replace('/3ds/', '') : ''
}

describe('Checkout in payment mode', () => {
  test('a session is paid on the hosted page and leads to the success address', async () => {
    const session = await createPayment({
      client_reference_id: 'inv_7',
      metadata: { invoice: '7' },
      payment_intent_data: { metadata: { invoice: '7' }, description: 'Invoice 7' },
    })
    const view = bench.sandbox.stripe.findCheckoutSession(session.id)

    const outcome = submit(session.id)

    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent', 'line_items'] })
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 8800,
      payment_intent: null,
      url: `${bench.sandbox.url}/c/pay/${session.id}`,
    })
    expect(session.id).toMatch(/^cs_test_[A-Za-z0-9]+$/)
    expect(view).toMatchObject({
      kind: 'payment',
      amountMinor: 8800,
      currency: 'aud',
      status: 'open',
      email: null,
      lines: [{ description: 'Desk 12, November', quantity: 2, amountMinor: 8800 }],
    })
    expect(outcome).toStrictEqual({
      outcome: 'complete',
      redirectUrl: `https://example.com/done?session=${session.id}&state=s`,
    })
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      client_reference_id: 'inv_7',
      customer_details: { email: 'renter@example.com' },
      payment_intent: { status: 'succeeded', amount: 8800, metadata: { invoice: '7' }, description: 'Invoice 7' },
      line_items: { data: [{ amount_total: 8800, quantity: 2, description: 'Desk 12, November' }] },
    })
    expect((await stripe.events.list({ type: 'checkout.session.completed' })).data[0]?.data.object).toMatchObject({
      id: session.id,
    })
    expect((await stripe.checkout.sessions.listLineItems(session.id, { limit: 1 })).data).toHaveLength(1)
  })

  test('a declined card leaves the session open, the next one pays, and there is one payment', async () => {
    const session = await createPayment()

    const declined = submit(session.id, '4000000000009995')
    const view = bench.sandbox.stripe.findCheckoutSession(session.id)
    const paid = submit(session.id)
    const twice = submit(session.id)

    const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(session.id)
    const charges = await stripe.charges.list({ payment_intent: String(intent) })
    expect(declined).toStrictEqual({ outcome: 'declined', message: 'Your card has insufficient funds.' })
    expect(view).toMatchObject({ status: 'open', lastDecline: 'Your card has insufficient funds.' })
    expect([paid.outcome, twice.outcome]).toStrictEqual(['complete', 'already_complete'])
    expect(charges.data.map((charge) => charge.status)).toStrictEqual(['succeeded', 'failed'])
    expect((await stripe.checkout.sessions.list({ payment_intent: String(intent) })).data[0]?.id).toBe(session.id)
  })

  test('3-D Secure: passed leads to success, failed leads back to the page with the reason', async () => {
    const [first, second] = [await createPayment(), await createPayment()]
    const passing = submit(first.id, '4000002500003155')
    const failing = submit(second.id, '4000002500003155')
    const waiting = bench.sandbox.stripe.findCheckoutSession(first.id)

    const passed = bench.sandbox.stripe.finishChallenge({ token: tokenOf(passing), outcome: 'complete' })
    const failed = bench.sandbox.stripe.finishChallenge({ token: tokenOf(failing), outcome: 'fail' })

    expect(waiting?.challengePath).toBe(`/3ds/${tokenOf(passing)}`)
    expect(passed.redirectUrl).toBe(`https://example.com/done?session=${first.id}&state=s`)
    expect(failed.redirectUrl).toBe(`${bench.sandbox.url}/c/pay/${second.id}`)
    expect(bench.sandbox.stripe.findCheckoutSession(first.id)).toMatchObject({ status: 'complete' })
    expect(bench.sandbox.stripe.findCheckoutSession(second.id)?.lastDecline).toContain('failed authentication')
    expect(submit(second.id).outcome).toBe('complete')
  })

  test('typing errors name their field', async () => {
    const session = await createPayment()
    const type = (fields: Partial<CardFields>, email = 'a@b.c'): SubmitOutcome =>
      bench.sandbox.stripe.submitCheckout({
        sessionId: session.id,
        card: { ...card('4242424242424242'), ...fields },
        email,
      })

    const outcomes = [
      type({ number: '4242424242424241' }),
      type({ number: '4012888888881881' }),
      type({ expYear: 2020 }),
      type({ expMonth: 13 }),
      type({ cvc: '1' }),
      type({}, 'nonsense'),
    ]

    expect(outcomes.map((outcome) => (outcome.outcome === 'declined' ? outcome.field : outcome.outcome))).toStrictEqual(
      ['number', 'number', 'expiry', 'expiry', 'cvc', 'email'],
    )
    expect(submit('cs_test_none').outcome).toBe('unknown')
  })

  test('saving for later makes and keeps a customer whose card is offered next time', async () => {
    const session = await createPayment({ payment_intent_data: { setup_future_usage: 'off_session' } })
    submit(session.id)

    const { customer } = await stripe.checkout.sessions.retrieve(session.id)
    const again = await createPayment({ customer: String(customer) })
    const view = bench.sandbox.stripe.findCheckoutSession(again.id)
    const method = view?.savedMethods[0]?.id ?? ''
    const paid = bench.sandbox.stripe.submitCheckout({ sessionId: again.id, paymentMethod: method })

    expect(view).toMatchObject({ email: 'renter@example.com', savedMethods: [{ last4: '4242' }] })
    expect(paid.outcome).toBe('complete')
    await expect(
      stripe.paymentIntents.create({
        amount: 900,
        currency: 'aud',
        customer: String(customer),
        payment_method: method,
        off_session: true,
        confirm: true,
      }),
    ).resolves.toMatchObject({ status: 'succeeded' })
  })

  test('a session expires on the clock or by hand, takes its intent along, and takes no card afterwards', async () => {
    const nowSeconds = bench.clock.now().getTime() / 1000
    const timed = await createPayment({ expires_at: nowSeconds + 1800 })
    const byHand = await createPayment()
    submit(byHand.id, '4000000000009995')

    const expired = await stripe.checkout.sessions.expire(byHand.id)
    bench.clock.advance(30 * minute)
    const late = submit(timed.id)

    expect(expired).toMatchObject({ status: 'expired', url: null })
    await expect(stripe.paymentIntents.retrieve(String(expired.payment_intent))).resolves.toMatchObject({
      status: 'canceled',
    })
    expect(late.outcome).toBe('expired')
    expect(await refusalOf(stripe.checkout.sessions.expire(timed.id))).toMatchObject({ statusCode: 400 })
    expect(
      (await stripe.events.list({ type: 'checkout.session.expired' })).data.map(
        (event) => (event.data.object as { id: string }).id,
      ),
    ).toStrictEqual([timed.id, byHand.id])
  })

  test('the intent of a session is confirmed and canceled by the session only', async () => {
    const session = await createPayment()
    submit(session.id, '4000000000009995')
    const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(session.id)

    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.cancel(String(intent))),
      refusalOf(stripe.paymentIntents.confirm(String(intent), { payment_method: 'pm_card_visa' })),
    ])

    expect(refusals.map(({ code }) => code)).toStrictEqual([
      'payment_intent_unexpected_state',
      'payment_intent_unexpected_state',
    ])
  })

  test('what a session may not be told', async () => {
    const nowSeconds = bench.clock.now().getTime() / 1000
    const customer = await stripe.customers.create({})
    const refusals = await Promise.all([
      refusalOf(createPayment({ expires_at: nowSeconds + 60 })),
      refusalOf(createPayment({ expires_at: nowSeconds + 90_000 })),
      refusalOf(createPayment({ customer: customer.id, customer_email: 'a@b.c' })),
      refusalOf(createPayment({ setup_intent_data: { description: 'x' } })),
      refusalOf(createPayment({ mode: 'subscription' })),
      refusalOf(
        createPayment({ line_items: [{ ...line, quantity: 1, price_data: { ...line.price_data, unit_amount: 10 } }] }),
      ),
      refusalOf(stripe.checkout.sessions.create({ mode: 'payment', success_url: 'https://example.com' })),
      refusalOf(stripe.checkout.sessions.create({ mode: 'setup', success_url: 'https://example.com' })),
    ])

    expect(refusals.map(({ param }) => param)).toStrictEqual([
      'expires_at',
      'expires_at',
      'customer_email',
      'setup_intent_data',
      'mode',
      'amount',
      'line_items',
      'currency',
    ])
  })
})

describe('Checkout in setup mode', () => {
  test('a card is saved for the customer without a payment', async () => {
    const customer = await stripe.customers.create({ email: 'renter@example.com' })
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'aud',
      customer: customer.id,
      success_url: 'https://example.com/saved',
      setup_intent_data: { metadata: { setup: '1' } },
    })

    const declined = submit(session.id, '4000000000000002')
    const asked = submit(session.id, '4000002500003155')
    bench.sandbox.stripe.finishChallenge({ token: tokenOf(asked), outcome: 'complete' })

    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] })
    expect(session).toMatchObject({
      amount_total: null,
      payment_status: 'no_payment_required',
      url: `${bench.sandbox.url}/c/setup/${session.id}`,
    })
    expect(declined.outcome).toBe('declined')
    expect(done).toMatchObject({
      status: 'complete',
      payment_intent: null,
      setup_intent: {
        status: 'succeeded',
        metadata: { setup: '1' },
        payment_method: { customer: customer.id, card: { last4: '3155' } },
      },
    })
    expect((await stripe.events.list({ type: 'setup_intent.succeeded' })).data).toHaveLength(1)
  })
  test('a completed session has nothing left to expire', async () => {
    await bench.control('POST', '/reset')
    const customer = await stripe.customers.create({})
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'aud',
      customer: customer.id,
      success_url: 'https://example.com',
    })
    const dueWhileOpen = bench.sandbox.stripe.nextDueAt()

    submit(session.id)

    expect(dueWhileOpen?.getTime()).toBe(session.expires_at * 1000)
    expect(bench.sandbox.stripe.nextDueAt()).toBeNull()
  })
})
