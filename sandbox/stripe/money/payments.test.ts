import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, openIntent, refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const back = 'https://example.com/back?invoice=7'

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('payments', () => {
  test('SBX-21: a saved card is charged off session and leaves a paid charge with its fee', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_visa')
    const id = await openIntent(stripe, customer)

    const intent = await stripe.paymentIntents.confirm(id, {
      payment_method: method,
      off_session: true,
      expand: ['latest_charge.balance_transaction'],
    })

    const charge = intent.latest_charge as Stripe.Charge
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount_received: 12_500,
      next_action: null,
      last_payment_error: null,
      payment_method: method,
    })
    expect(charge).toMatchObject({
      amount_captured: 12_500,
      paid: true,
      status: 'succeeded',
      customer,
      outcome: { type: 'authorized' },
    })
    // 1.75 % of 125.00 is 2.1875: half up 2.19, and 0.30 fixed.
    expect(charge.balance_transaction).toMatchObject({
      amount: 12_500,
      fee: 249,
      net: 12_251,
      status: 'pending',
      source: charge.id,
    })
    expect(await eventTypesOf(stripe, id)).toStrictEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
  })

  test.each([
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', 'try_again_later'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
    ['pm_card_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'do_not_try_again'],
    ['pm_card_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', 'do_not_try_again'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card', 'do_not_try_again'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc', 'confirm_card_data'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error', 'try_again_later'],
    ['pm_card_riskLevelHighest', 'card_declined', 'fraudulent', 'do_not_try_again'],
  ])('SBX-43: %s is declined with %s / %s', async (card, ...[code, declineCode, adviceCode]) => {
    const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'aud' })

    const refusal = await refusalOf(
      stripe.paymentIntents.confirm(intent.id, { payment_method: card, return_url: back }),
    )

    const inside = refusal.raw as {
      payment_intent: Stripe.PaymentIntent
      advice_code: string
      payment_method: Stripe.PaymentMethod
    }
    const now = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] })
    expect(refusal).toMatchObject({ statusCode: 402, type: 'StripeCardError', code, decline_code: declineCode })
    expect(inside.advice_code).toBe(adviceCode)
    expect(inside.payment_intent).toStrictEqual(
      JSON.parse(JSON.stringify({ ...now, latest_charge: (now.latest_charge as Stripe.Charge).id })),
    )
    expect(now).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: {
        type: 'card_error',
        code,
        decline_code: declineCode,
        advice_code: adviceCode,
        payment_method: { id: inside.payment_method.id },
      },
      latest_charge: {
        status: 'failed',
        paid: false,
        failure_code: code,
        amount_captured: 0,
        balance_transaction: null,
      },
    })
    expect(await eventTypesOf(stripe, intent.id)).toStrictEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ])
  })

  test('SBX-43: a card that fails only when charged is saved, declined, and replaced on the same intent', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_chargeCustomerFail')
    const id = await openIntent(stripe, customer)

    const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: method, off_session: true }))
    const other = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: other.id, off_session: true })

    const charges = await stripe.charges.list({ payment_intent: id })
    expect(refusal).toMatchObject({ statusCode: 402, decline_code: 'generic_decline' })
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
    expect(charges.data.map((charge) => charge.status)).toStrictEqual(['succeeded', 'failed'])
  })

  test('SBX-43: the numbers and tokens of the table do what the names do; a real number is refused', async () => {
    const declined = await stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4000 0000 0000 9995', exp_month: 4, exp_year: 2030, cvc: '123' },
    })
    const token = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } })
    const payment = await refusalOf(
      stripe.paymentIntents.create({
        amount: 900,
        currency: 'aud',
        payment_method: declined.id,
        confirm: true,
        return_url: back,
      }),
    )
    const card = { exp_month: 4, exp_year: 2030, cvc: '123' }
    const refusals = await Promise.all([
      refusalOf(stripe.paymentMethods.create({ type: 'card', card: { ...card, number: '4012888888881881' } })),
      refusalOf(stripe.paymentMethods.create({ type: 'card', card: { ...card, number: '4242424242424241' } })),
      refusalOf(
        stripe.paymentMethods.create({ type: 'card', card: { ...card, number: '4242424242424242', exp_year: 2020 } }),
      ),
      refusalOf(stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_nothing' } })),
      refusalOf(stripe.paymentMethods.create({ type: 'affirm' })),
    ])

    expect(payment.decline_code).toBe('insufficient_funds')
    expect(token.card).toMatchObject({ brand: 'mastercard', last4: '4444' })
    expect(refusals[0]?.message).toContain('Use a test card')
    expect(refusals.map((refusal) => refusal.code)).toStrictEqual([
      undefined,
      'incorrect_number',
      'invalid_expiry_year',
      'resource_missing',
      'sandbox_not_supported',
    ])
  })

  test('money held by manual capture is taken in part, or goes back', async () => {
    const held = {
      amount: 10_000,
      currency: 'aud',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: back,
    } as const
    const first = await stripe.paymentIntents.create(held)
    const second = await stripe.paymentIntents.create(held)

    const tooMuch = await refusalOf(stripe.paymentIntents.capture(first.id, { amount_to_capture: 10_001 }))
    const captured = await stripe.paymentIntents.capture(first.id, {
      amount_to_capture: 7000,
      expand: ['latest_charge'],
    })
    const again = await refusalOf(stripe.paymentIntents.capture(first.id))
    const released = await stripe.paymentIntents.cancel(second.id, { cancellation_reason: 'requested_by_customer' })

    expect(first).toMatchObject({ status: 'requires_capture', amount_capturable: 10_000, amount_received: 0 })
    expect(tooMuch).toMatchObject({ statusCode: 400, code: 'amount_too_large' })
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_received: 7000,
      amount_capturable: 0,
      latest_charge: { amount_captured: 7000, captured: true },
    })
    expect(again).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
    expect(released).toMatchObject({ status: 'canceled', cancellation_reason: 'requested_by_customer' })
    expect(await eventTypesOf(stripe, first.id)).toContain('payment_intent.amount_capturable_updated')
    expect(await stripe.balanceTransactions.list({ source: String(second.latest_charge) })).toMatchObject({ data: [] })
  })
})

describe('SBX-29: wrong ways round', () => {
  test('a finished intent cannot be confirmed, canceled or changed; a canceled one stays canceled', async () => {
    const paid = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'aud',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: back,
    })
    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'aud' })
    await stripe.paymentIntents.cancel(open.id)

    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.confirm(paid.id, { payment_method: 'pm_card_visa' })),
      refusalOf(stripe.paymentIntents.cancel(paid.id)),
      refusalOf(stripe.paymentIntents.update(paid.id, { amount: 1000 })),
      refusalOf(stripe.paymentIntents.cancel(open.id)),
      refusalOf(stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_visa' })),
    ])

    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
      expect((refusal.raw as { payment_intent: Stripe.PaymentIntent }).payment_intent.object).toBe('payment_intent')
    }
    await expect(stripe.paymentIntents.update(paid.id, { metadata: { note: 'late' } })).resolves.toMatchObject({
      metadata: { note: 'late' },
    })
  })

  test("a foreign, a spent, a detached and another customer's method are refused", async () => {
    const one = await savedCustomer(stripe, 'pm_card_visa')
    const other = await savedCustomer(stripe, 'pm_card_visa')
    const foreign = await bench.sdk('Keystone').paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
    const spent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'aud',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: back,
    })
    await stripe.paymentMethods.detach(one.method)
    const id = await openIntent(stripe, other.customer)

    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.confirm(id, { payment_method: foreign.id, return_url: back })),
      refusalOf(stripe.paymentIntents.confirm(id, { payment_method: String(spent.payment_method), return_url: back })),
      refusalOf(stripe.paymentIntents.confirm(id, { payment_method: one.method, return_url: back })),
      refusalOf(stripe.paymentIntents.create({ amount: 900, currency: 'aud', payment_method: other.method })),
      refusalOf(stripe.paymentMethods.attach(one.method, { customer: one.customer })),
      refusalOf(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: one.customer })),
      refusalOf(stripe.paymentIntents.confirm(id)),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual([
      [404, 'resource_missing'],
      [400, 'payment_method_unexpected_state'],
      [400, 'payment_method_unexpected_state'],
      [400, 'payment_method_unexpected_state'],
      [400, 'payment_method_unexpected_state'],
      [402, 'card_declined'],
      [400, 'payment_intent_unexpected_state'],
    ])
  })

  test('a refused operation leaves nothing behind: no object, no event', async () => {
    const before = await bench.control('GET', '/state')

    const refusals = await Promise.all([
      refusalOf(stripe.customers.create({ payment_method: 'pm_card_chargeDeclined' })),
      refusalOf(
        stripe.paymentIntents.create({ amount: 900, currency: 'aud', payment_method: 'pm_none', confirm: true }),
      ),
    ])

    const after = await bench.control('GET', '/state')
    expect(refusals.map(({ statusCode }) => statusCode)).toStrictEqual([402, 404])
    // The two answers are kept under the keys the SDK sends by itself, nothing else changed.
    expect({ ...after.body.counts, stored_answer: 0 }).toStrictEqual({ ...before.body.counts, stored_answer: 0 })
  })

  test('what belongs to a confirmation is refused without one', async () => {
    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.create({ amount: 900, currency: 'aud', off_session: true })),
      refusalOf(stripe.paymentIntents.create({ amount: 900, currency: 'aud', return_url: back })),
      refusalOf(
        stripe.paymentIntents.create({ amount: 900, currency: 'aud', allowed_payment_method_types: ['affirm'] }),
      ),
    ])

    expect(refusals.map(({ param }) => param)).toStrictEqual([
      'off_session',
      'return_url',
      'allowed_payment_method_types',
    ])
    expect(refusals[2]?.code).toBe('sandbox_not_supported')
  })
})
