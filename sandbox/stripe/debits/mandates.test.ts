import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { acceptance, debitMethod, payByDebit } from './bench-debits.ts'

let bench: Bench
let stripe: Stripe
const minute = 60_000
const types: Stripe.PaymentIntentCreateParams.AllowedPaymentMethodType[] = ['us_bank_account']

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

async function saved(): Promise<{ customer: string; method: string; mandate: string; setup: Stripe.SetupIntent }> {
  const customer = await stripe.customers.create({ email: 'kim@example.com' })
  const setup = await stripe.setupIntents.create({
    customer: customer.id,
    payment_method: 'pm_usBankAccount_success',
    allowed_payment_method_types: types,
    mandate_data: acceptance,
    confirm: true,
  })
  return { customer: customer.id, method: String(setup.payment_method), mandate: String(setup.mandate), setup }
}

describe('SBX-45: mandates', () => {
  test('a setup writes one for every later payment', async () => {
    const { customer, method, mandate, setup } = await saved()
    const read = await stripe.mandates.retrieve(mandate, { expand: ['payment_method'] })
    const paid = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      customer,
      payment_method: method,
      allowed_payment_method_types: types,
      off_session: true,
      confirm: true,
      expand: ['latest_charge'],
    })

    expect(setup.status).toBe('succeeded')
    expect(read).toMatchObject({
      object: 'mandate',
      status: 'active',
      type: 'multi_use',
      multi_use: {},
      customer_acceptance: { type: 'online', online: { ip_address: '203.0.113.9', user_agent: 'Browser' } },
      payment_method: { id: method, customer },
      payment_method_details: { type: 'us_bank_account', us_bank_account: {} },
    })
    expect(paid.status).toBe('processing')
    expect(paid.latest_charge).toMatchObject({ payment_method_details: { us_bank_account: { mandate } } })
    expect(await eventTypesOf(stripe, setup.id)).toStrictEqual(['setup_intent.created', 'setup_intent.succeeded'])
    await expect(refusalOf(bench.sdk('Harbour').mandates.retrieve(mandate))).resolves.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    })
  })

  test('one payment alone has a mandate for its amount', async () => {
    const paid = await payByDebit(stripe, 'pm_usBankAccount_success', { type: 'us_bank_account', currency: 'usd' })
    const charge = await stripe.charges.retrieve(String(paid.latest_charge))
    const mandate = await stripe.mandates.retrieve(String(charge.payment_method_details?.us_bank_account?.mandate))

    expect(mandate).toMatchObject({ type: 'single_use', single_use: { amount: 50_000, currency: 'usd' } })
    expect(mandate).not.toHaveProperty('multi_use')
  })

  test('a payment that saves the account leaves a standing one', async () => {
    const customer = await stripe.customers.create({})
    const paid = await payByDebit(stripe, 'pm_usBankAccount_success', {
      type: 'us_bank_account',
      currency: 'usd',
      customer: customer.id,
      setup_future_usage: 'off_session',
    })
    const again = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      customer: customer.id,
      payment_method: String(paid.payment_method),
      allowed_payment_method_types: types,
      off_session: true,
      confirm: true,
    })

    expect(again.status).toBe('processing')
  })

  test('without one nothing is debited', async () => {
    const wish = { payment_method: 'pm_usBankAccount_success', allowed_payment_method_types: types, confirm: true }
    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.create({ ...wish, amount: 900, currency: 'usd' })),
      refusalOf(stripe.setupIntents.create(wish)),
      refusalOf(stripe.setupIntents.create({ ...wish, mandate_data: { customer_acceptance: { type: 'online' } } })),
      refusalOf(stripe.paymentIntents.create({ ...wish, amount: 900, currency: 'usd', mandate: 'mandate_none' })),
      refusalOf(
        stripe.paymentIntents.create({ amount: 900, currency: 'usd', mandate_data: acceptance, confirm: false }),
      ),
    ])

    expect(refusals.map(({ statusCode, code, param }) => [statusCode, code, param])).toStrictEqual([
      [400, 'parameter_missing', 'mandate_data'],
      [400, 'parameter_missing', 'mandate_data'],
      [400, 'parameter_missing', 'mandate_data[customer_acceptance][online]'],
      [404, 'resource_missing', 'mandate'],
      [400, undefined, 'mandate_data'],
    ])
  })

  test('SBX-29: one that ended is refused, and so is that of another account', async () => {
    const first = await saved()
    const second = await saved()
    const wish = {
      amount: 900,
      currency: 'usd',
      customer: second.customer,
      payment_method: second.method,
      allowed_payment_method_types: types,
      confirm: true,
    }
    const foreign = await refusalOf(stripe.paymentIntents.create({ ...wish, mandate: first.mandate }))
    await stripe.paymentMethods.detach(first.method)
    const ended = await stripe.mandates.retrieve(first.mandate)
    const detached = await refusalOf(
      stripe.paymentIntents.create({ ...wish, customer: first.customer, payment_method: first.method }),
    )

    expect(foreign).toMatchObject({ statusCode: 400, code: 'payment_intent_mandate_invalid', param: 'mandate' })
    expect(ended.status).toBe('inactive')
    expect(detached.statusCode).toBe(400)
    expect(await eventTypesOf(stripe, first.mandate)).toStrictEqual(['mandate.updated'])
  })

  test('SBX-29: the mandate of an account that took its money back is inactive', async () => {
    const sdk = bench.sdk('Harbour')
    const customer = await sdk.customers.create({})
    const method = await debitMethod(sdk, 'au_becs_debit', '333333335')
    const wish = { type: 'au_becs_debit', currency: 'aud', customer: customer.id } as const
    await payByDebit(sdk, method, { ...wish, setup_future_usage: 'off_session' })
    bench.clock.advance(7 * 24 * 60 * minute)

    const refusal = await refusalOf(
      sdk.paymentIntents.create({
        amount: 900,
        currency: 'aud',
        customer: customer.id,
        payment_method: method,
        allowed_payment_method_types: ['au_becs_debit'],
        off_session: true,
        confirm: true,
      }),
    )

    expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_intent_mandate_invalid' })
  })

  test('PayTo asks the payer first: the mandate is pending for a minute', async () => {
    const sdk = bench.sdk('Harbour')
    const begin = async (number: string): Promise<Stripe.SetupIntent> =>
      sdk.setupIntents.create({
        customer: (await sdk.customers.create({})).id,
        payment_method: await debitMethod(sdk, 'payto', number),
        allowed_payment_method_types: ['payto'],
        mandate_data: acceptance,
        confirm: true,
      })
    const [agreed, refused] = [await begin('000000010'), await begin('000000016')]
    const pending = await sdk.mandates.retrieve(String(agreed.mandate))
    bench.clock.advance(minute)
    const [after, failed] = [await sdk.setupIntents.retrieve(agreed.id), await sdk.setupIntents.retrieve(refused.id)]

    expect([agreed.status, pending.status, after.status]).toStrictEqual(['processing', 'pending', 'succeeded'])
    expect(failed).toMatchObject({ status: 'requires_payment_method', last_setup_error: { code: 'no_account' } })
    await expect(sdk.mandates.retrieve(String(agreed.mandate))).resolves.toMatchObject({ status: 'active' })
    await expect(sdk.mandates.retrieve(String(refused.mandate))).resolves.toMatchObject({ status: 'inactive' })
    expect((await eventTypesOf(sdk, refused.id)).at(-1)).toBe('setup_intent.setup_failed')
    expect(await eventTypesOf(sdk, String(agreed.mandate))).toStrictEqual(['mandate.updated'])
  })
})
