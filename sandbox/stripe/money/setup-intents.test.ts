import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, savedCustomer, tokenOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const back = 'https://example.com/back?invoice=7'

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('SetupIntents', () => {
  test('SBX-21: a card is saved for its customer, and a declined one is not', async () => {
    const customer = await stripe.customers.create({})
    const setup = await stripe.setupIntents.create({ customer: customer.id, allowed_payment_method_types: ['card'] })

    const refusal = await refusalOf(stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_chargeDeclined' }))
    const failed = await stripe.setupIntents.retrieve(setup.id)
    const saved = await stripe.setupIntents.confirm(setup.id, {
      payment_method: 'pm_card_visa',
      expand: ['payment_method'],
    })

    expect(refusal).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((refusal.raw as { setup_intent: Stripe.SetupIntent }).setup_intent.id).toBe(setup.id)
    expect(failed).toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { decline_code: 'generic_decline' },
    })
    expect(saved).toMatchObject({
      status: 'succeeded',
      last_setup_error: null,
      payment_method: { customer: customer.id },
    })
    const methods = await stripe.customers.listPaymentMethods(customer.id)
    expect(methods.data.map((method) => method.card?.last4)).toStrictEqual(['4242'])
    expect(await eventTypesOf(stripe, setup.id)).toStrictEqual([
      'setup_intent.created',
      'setup_intent.setup_failed',
      'setup_intent.succeeded',
    ])
  })

  test('a failed challenge, a cancellation, and what is refused afterwards', async () => {
    const challenged = await stripe.setupIntents.create({
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
      return_url: back,
    })
    const canceled = await stripe.setupIntents.cancel((await stripe.setupIntents.create({})).id, {
      cancellation_reason: 'abandoned',
    })

    bench.sandbox.stripe.finishChallenge({ token: tokenOf(challenged as never), outcome: 'fail' })
    const refusal = await refusalOf(stripe.setupIntents.confirm(canceled.id, { payment_method: 'pm_card_visa' }))

    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' })
    expect(refusal).toMatchObject({ statusCode: 400, code: 'setup_intent_unexpected_state' })
    await expect(stripe.setupIntents.retrieve(challenged.id)).resolves.toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { code: 'setup_intent_authentication_failure' },
    })
  })

  test('a deleted customer lets go of its cards; a detached one leaves the defaults', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_visa')
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } })
    const kept = await stripe.paymentMethods.attach('pm_card_mastercard', { customer })

    await stripe.paymentMethods.detach(method)
    const changed = (await stripe.customers.retrieve(customer)) as Stripe.Customer
    await stripe.customers.del(customer)

    expect(changed.invoice_settings.default_payment_method).toBeNull()
    await expect(stripe.paymentMethods.retrieve(kept.id)).resolves.toMatchObject({ customer: null })
  })
})
