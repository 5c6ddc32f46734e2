import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, openIntent, refusalOf, savedCustomer, tokenOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const back = 'https://example.com/back?invoice=7'

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('SBX-22: 3-D Secure', () => {
  test("a passed challenge takes the money and leads back with Stripe's parameters; the same token twice is done", async () => {
    const id = await openIntent(stripe, (await stripe.customers.create({})).id)
    const asked = await stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: back,
    })
    const token = tokenOf(asked)

    const seen = bench.sandbox.stripe.findChallenge(token)
    const passed = bench.sandbox.stripe.finishChallenge({ token, outcome: 'complete' })
    const twice = bench.sandbox.stripe.finishChallenge({ token, outcome: 'complete' })

    const url = new URL(passed.redirectUrl ?? '')
    expect(asked).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: back } },
    })
    expect(seen).toMatchObject({
      amountMinor: 12_500,
      currency: 'aud',
      cardLast4: '3155',
      accountName: 'Harbour Desks',
      isDone: false,
    })
    expect(Object.fromEntries(url.searchParams)).toStrictEqual({
      invoice: '7',
      payment_intent: id,
      payment_intent_client_secret: asked.client_secret,
      redirect_status: 'succeeded',
    })
    expect(twice).toMatchObject({ alreadyDone: true, redirectUrl: passed.redirectUrl })
    await expect(stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })).resolves.toMatchObject({
      status: 'succeeded',
      latest_charge: { payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } } },
    })
    expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(1)
    expect(await eventTypesOf(stripe, id)).toStrictEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
  })

  test('a failed challenge charges nothing and asks for another method; an abandoned one stays open', async () => {
    const [failedId, leftId] = [
      await openIntent(stripe, (await stripe.customers.create({})).id),
      await openIntent(stripe, (await stripe.customers.create({})).id),
    ]
    const failed = await stripe.paymentIntents.confirm(failedId, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: back,
    })
    const left = await stripe.paymentIntents.confirm(leftId, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: back,
    })

    const end = bench.sandbox.stripe.finishChallenge({ token: tokenOf(failed), outcome: 'fail' })
    const close = bench.sandbox.stripe.finishChallenge({ token: tokenOf(left), outcome: 'close' })

    expect(new URL(end.redirectUrl ?? '').searchParams.get('redirect_status')).toBe('failed')
    expect(close).toStrictEqual({ alreadyDone: false, redirectUrl: null })
    await expect(stripe.paymentIntents.retrieve(failedId)).resolves.toMatchObject({
      status: 'requires_payment_method',
      next_action: null,
      last_payment_error: {
        code: 'payment_intent_authentication_failure',
        payment_method: { object: 'payment_method' },
      },
    })
    await expect(stripe.paymentIntents.retrieve(leftId)).resolves.toMatchObject({ status: 'requires_action' })
    expect((await stripe.charges.list({ payment_intent: failedId })).data).toStrictEqual([])
  })

  test('confirming anew or canceling makes the old challenge pointless', async () => {
    const id = await openIntent(stripe, (await stripe.customers.create({})).id)
    const first = await stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: back,
    })
    const second = await stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: back,
    })

    const old = bench.sandbox.stripe.finishChallenge({ token: tokenOf(first), outcome: 'complete' })
    const stillOpen = await stripe.paymentIntents.retrieve(id)
    await stripe.paymentIntents.cancel(id)
    const canceled = bench.sandbox.stripe.finishChallenge({ token: tokenOf(second), outcome: 'complete' })

    expect([old.alreadyDone, stillOpen.status, canceled.alreadyDone]).toStrictEqual([true, 'requires_action', true])
    await expect(stripe.paymentIntents.retrieve(id)).resolves.toMatchObject({ status: 'canceled' })
  })

  test("without a return address the step is left to Stripe's script; error_on_requires_action declines instead", async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'aud',
      payment_method: 'pm_card_threeDSecure2Required',
      confirm: true,
    })
    const refusal = await refusalOf(
      stripe.paymentIntents.create({
        amount: 900,
        currency: 'aud',
        payment_method: 'pm_card_threeDSecure2Required',
        confirm: true,
        error_on_requires_action: true,
      }),
    )

    expect(intent.next_action).toMatchObject({ type: 'use_stripe_sdk' })
    expect(refusal).toMatchObject({ statusCode: 402, code: 'authentication_required' })
  })

  test('off session a card that wants its owner is declined, and the same intent is authenticated on session', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_authenticationRequiredOnSetup')
    const id = await openIntent(stripe, customer)

    const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: method, off_session: true }))
    const after = await stripe.paymentIntents.retrieve(id)
    const asked = await stripe.paymentIntents.confirm(id, { payment_method: method, return_url: back })
    bench.sandbox.stripe.finishChallenge({ token: tokenOf(asked), outcome: 'complete' })

    expect(refusal).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_required',
    })
    expect(after).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'authentication_required', payment_method: { id: method } },
    })
    await expect(stripe.paymentIntents.retrieve(id)).resolves.toMatchObject({
      status: 'succeeded',
      payment_method: method,
    })
  })

  test('SBX-43: a card that was saved but never set up is declined off session', async () => {
    const { customer, method } = await savedCustomer(stripe, 'pm_card_authenticationRequired')
    const id = await openIntent(stripe, customer)

    const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: method, off_session: true }))

    expect(refusal).toMatchObject({ statusCode: 402, code: 'authentication_required' })
  })

  test('a card set up once is charged off session without its owner', async () => {
    const customer = await stripe.customers.create({})
    const setup = await stripe.setupIntents.create({
      customer: customer.id,
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
      return_url: back,
    })
    bench.sandbox.stripe.finishChallenge({ token: tokenOf(setup as never), outcome: 'complete' })
    const { payment_method: method, status } = await stripe.setupIntents.retrieve(setup.id)

    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'aud',
      customer: customer.id,
      payment_method: method as string,
      off_session: true,
      confirm: true,
    })

    expect([status, intent.status]).toStrictEqual(['succeeded', 'succeeded'])
  })
})
