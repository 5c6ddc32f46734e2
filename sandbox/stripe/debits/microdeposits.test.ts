import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { acceptance, debitMethod, payByDebit } from './bench-debits.ts'

let bench: Bench
let stripe: Stripe
const mismatch = 'payment_method_microdeposit_verification_amounts_mismatch'
const exceeded = 'payment_method_microdeposit_verification_attempts_exceeded'

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

async function setUp(): Promise<Stripe.SetupIntent> {
  const customer = await stripe.customers.create({})
  return stripe.setupIntents.create({
    customer: customer.id,
    payment_method: await debitMethod(stripe, 'us_bank_account', '000123456789'),
    allowed_payment_method_types: ['us_bank_account'],
    mandate_data: acceptance,
    confirm: true,
  })
}

async function pay(): Promise<Stripe.PaymentIntent> {
  const method = await debitMethod(stripe, 'us_bank_account', '000123456789')
  return payByDebit(stripe, method, { type: 'us_bank_account', currency: 'usd' })
}

describe('SBX-43: small deposits', () => {
  test.each([
    ['amounts', { amounts: [32, 45] }],
    ['amounts the other way round', { amounts: [45, 32] }],
    ['the code', { descriptor_code: 'SM11AA' }],
  ])('a setup goes on with the right %s', async (_, answer) => {
    const setup = await setUp()
    const pending = await stripe.mandates.retrieve(String(setup.mandate))
    const verified = await stripe.setupIntents.verifyMicrodeposits(setup.id, answer)

    expect(setup).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'verify_with_microdeposits', verify_with_microdeposits: { microdeposit_type: 'amounts' } },
    })
    expect(pending.status).toBe('pending')
    expect(verified).toMatchObject({ status: 'succeeded', next_action: null })
    await expect(stripe.mandates.retrieve(String(setup.mandate))).resolves.toMatchObject({ status: 'active' })
    expect(await eventTypesOf(stripe, setup.id)).toStrictEqual([
      'setup_intent.created',
      'setup_intent.requires_action',
      'setup_intent.succeeded',
    ])
  })

  test('a payment goes on to the bank', async () => {
    const payment = await pay()
    const verified = await stripe.paymentIntents.verifyMicrodeposits(payment.id, { amounts: [32, 45] })

    expect(payment.status).toBe('requires_action')
    expect(payment.latest_charge).toBeNull()
    expect(verified.status).toBe('processing')
  })

  test('the third wrong answer ends it', async () => {
    const { id } = await setUp()
    const codes: (string | undefined)[] = []
    for (const amounts of [
      [1, 2],
      [3, 4],
      [5, 6],
      [32, 45],
    ]) {
      codes.push((await refusalOf(stripe.setupIntents.verifyMicrodeposits(id, { amounts }))).code)
    }
    const failed = await stripe.setupIntents.retrieve(id)

    expect(codes).toStrictEqual([mismatch, mismatch, exceeded, 'setup_intent_unexpected_state'])
    expect(failed).toMatchObject({ status: 'requires_payment_method', last_setup_error: { code: exceeded } })
    expect((await eventTypesOf(stripe, id)).at(-1)).toBe('setup_intent.setup_failed')
  })

  test('10 and 11 exceed the tries at once, and the mandate ends', async () => {
    const payment = await pay()
    const refusal = await refusalOf(stripe.paymentIntents.verifyMicrodeposits(payment.id, { amounts: [10, 11] }))
    const failed = await stripe.paymentIntents.retrieve(payment.id)

    expect(refusal).toMatchObject({ statusCode: 400, code: exceeded })
    expect(failed).toMatchObject({ status: 'requires_payment_method', last_payment_error: { code: exceeded } })
    expect((await eventTypesOf(stripe, payment.id)).at(-1)).toBe('payment_intent.payment_failed')
  })

  test.each([
    ['nothing', '', 'parameter_missing', 'amounts'],
    ['both', 'amounts[]=32&amounts[]=45&descriptor_code=SM11AA', undefined, 'descriptor_code'],
    ['one amount', 'amounts[]=32', 'payment_method_microdeposit_verification_amounts_invalid', 'amounts'],
    [
      'a negative amount',
      'amounts[]=-1&amounts[]=2',
      'payment_method_microdeposit_verification_amounts_invalid',
      'amounts',
    ],
    ['no number', 'amounts[]=x&amounts[]=2', 'parameter_invalid_integer', 'amounts[0]'],
    [
      'another code',
      'descriptor_code=SM99ZZ',
      'payment_method_microdeposit_verification_descriptor_code_mismatch',
      'descriptor_code',
    ],
  ])('%s is no right answer', async (_, body, ...[code, param]) => {
    const { id } = await setUp()
    const answer = await bench.raw(`/v1/setup_intents/${id}/verify_microdeposits`, {
      method: 'POST',
      key: bench.keys('Keystone').secret,
      body,
    })

    expect([answer.status, answer.body.error.code, answer.body.error.param]).toStrictEqual([400, code, param])
    await expect(stripe.setupIntents.retrieve(id)).resolves.toMatchObject({ status: 'requires_action' })
  })

  test('SBX-29: an intent without deposits, one of another account, and a payer who is away', async () => {
    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' })
    const { id } = await setUp()
    const method = await debitMethod(stripe, 'us_bank_account', '000123456789')
    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.verifyMicrodeposits(open.id, { amounts: [32, 45] })),
      refusalOf(bench.sdk('Harbour').setupIntents.verifyMicrodeposits(id, { amounts: [32, 45] })),
      refusalOf(payByDebit(stripe, method, { type: 'us_bank_account', currency: 'usd', off_session: true })),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual([
      [400, 'payment_intent_unexpected_state'],
      [404, 'resource_missing'],
      [400, 'bank_account_unverified'],
    ])
  })
})
