import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { debitMethod, methodParameters, payByDebit } from './bench-debits.ts'
import type { Kind } from './bench-debits.ts'

let bench: Bench
let stripe: Stripe
const day = 86_400_000

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

describe('SBX-45: bank accounts as payment methods', () => {
  test.each<[Kind, string, object]>([
    [
      'us_bank_account',
      '000123456789',
      { routing_number: '110000000', last4: '6789', account_type: 'checking', account_holder_type: 'individual' },
    ],
    ['au_becs_debit', '000 123 456', { bsb_number: '000000', last4: '3456' }],
    ['nz_bank_account', '010', { bank_code: '11', branch_code: '0000', last4: '0000', suffix: '010' }],
    ['payto', '000000010', { bsb_number: '000000', last4: '0010', pay_id: null }],
    ['sepa_debit', 'AT61 1904 3002 3457 3201', { country: 'AT', last4: '3201', bank_code: '19043' }],
    ['bacs_debit', '00012345', { sort_code: '108800', last4: '2345' }],
    ['acss_debit', '000123456789', { institution_number: '000', transit_number: '11000', last4: '6789' }],
  ])('%s shows its account without the whole number', async (type, number, part) => {
    const method = await stripe.paymentMethods.create(methodParameters(type, number))

    expect(method).toMatchObject({ type, customer: null, [type]: part, billing_details: { name: 'Kim Ng' } })
    expect(method).not.toHaveProperty('card')
    expect(JSON.stringify(method)).not.toContain('000123456')
  })

  test.each([
    ['no account at all', 'type=au_becs_debit', 'parameter_missing', 'au_becs_debit'],
    [
      'half an account',
      'type=au_becs_debit&au_becs_debit[bsb_number]=000000',
      'parameter_missing',
      'au_becs_debit[account_number]',
    ],
    [
      'a name the account has not',
      'type=sepa_debit&sepa_debit[iban]=AT611904300234573201&sepa_debit[bic]=X',
      'parameter_unknown',
      'sepa_debit[bic]',
    ],
    [
      'an account of another kind',
      'type=sepa_debit&sepa_debit[iban]=AT611904300234573201&au_becs_debit[bsb_number]=0&au_becs_debit[account_number]=1',
      undefined,
      'au_becs_debit',
    ],
    ['a card', 'type=sepa_debit&card[token]=tok_visa', undefined, 'card'],
    [
      'a real account',
      'type=sepa_debit&sepa_debit[iban]=DE89370400440532013000&billing_details[name]=K&billing_details[email]=k@e.x',
      'payment_method_invalid_parameter_testmode',
      'sepa_debit',
    ],
    [
      'no e-mail',
      'type=sepa_debit&sepa_debit[iban]=AT611904300234573201&billing_details[name]=K',
      'parameter_missing',
      'billing_details[email]',
    ],
    [
      'no address',
      'type=bacs_debit&bacs_debit[sort_code]=108800&bacs_debit[account_number]=00012345&billing_details[name]=K&billing_details[email]=k@e.x',
      'parameter_missing',
      'billing_details[address]',
    ],
    ['a PayID', 'type=payto&payto[pay_id]=k@e.x', 'sandbox_not_supported', 'payto[pay_id]'],
    ['a kind without a story here', 'type=affirm', 'sandbox_not_supported', 'type'],
  ])('SBX-11: %s is refused', async (_, body, ...[code, param]) => {
    const answer = await bench.raw('/v1/payment_methods', { method: 'POST', body })

    expect([answer.status, answer.body.error.code, answer.body.error.param]).toStrictEqual([400, code, param])
  })

  test('are attached, listed by kind, changed and detached', async () => {
    const customer = await stripe.customers.create({})
    const method = await stripe.paymentMethods.attach('pm_usBankAccount_success', { customer: customer.id })
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    const listed = await stripe.paymentMethods.list({ customer: customer.id, type: 'us_bank_account' })
    const changed = await stripe.paymentMethods.update(method.id, {
      us_bank_account: { account_holder_type: 'company' },
      billing_details: { name: 'Kim Pty Ltd' },
    })
    const detached = await stripe.paymentMethods.detach(method.id)
    const again = await refusalOf(stripe.paymentMethods.attach(method.id, { customer: customer.id }))

    expect(listed.data.map(({ id }) => id)).toStrictEqual([method.id])
    expect(changed).toMatchObject({
      us_bank_account: { account_holder_type: 'company', account_type: 'checking' },
      billing_details: { name: 'Kim Pty Ltd', email: 'jenny@example.com' },
    })
    expect(detached.customer).toBeNull()
    expect(again).toMatchObject({ statusCode: 400, code: 'payment_method_unexpected_state' })
    expect(await eventTypesOf(stripe, method.id)).toStrictEqual([
      'payment_method.attached',
      'payment_method.updated',
      'payment_method.detached',
    ])
  })

  test('an American account typed by hand cannot be attached before it is verified', async () => {
    const customer = await stripe.customers.create({})
    const method = await debitMethod(stripe, 'us_bank_account', '000123456789')

    const refusal = await refusalOf(stripe.paymentMethods.attach(method, { customer: customer.id }))

    expect(refusal).toMatchObject({ statusCode: 400, code: 'bank_account_unverified' })
  })

  test('an account that failed for good is blocked, told of, and refused from then on', async () => {
    const customer = await stripe.customers.create({})
    const method = await stripe.paymentMethods.attach('pm_usBankAccount_accountClosed', { customer: customer.id })
    const wish = { type: 'us_bank_account', currency: 'usd', customer: customer.id } as const
    await payByDebit(stripe, method.id, wish)
    bench.clock.advance(10 * day)
    const blocked = await stripe.paymentMethods.retrieve(method.id)
    const refusal = await refusalOf(payByDebit(stripe, method.id, wish))

    expect(blocked.us_bank_account?.status_details).toStrictEqual({
      blocked: { network_code: 'R02', reason: 'bank_account_closed' },
    })
    expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_method_bank_account_blocked' })
    expect((await eventTypesOf(stripe, method.id)).at(-1)).toBe('payment_method.automatically_updated')
  })
})

describe('SBX-44: who may take which debit', () => {
  test('a kind the account has no capability for is refused by Stripe by name', async () => {
    const wish = { amount: 900, currency: 'aud' }
    const asked = await refusalOf(
      stripe.paymentIntents.create({ ...wish, allowed_payment_method_types: ['au_becs_debit'] }),
    )

    expect(asked).toMatchObject({ statusCode: 400, param: 'allowed_payment_method_types' })
    expect(asked.message).toContain('The payment method type "au_becs_debit" is invalid')
  })

  test('a kind that does not know the currency is refused', async () => {
    const asked = await refusalOf(
      stripe.paymentIntents.create({ amount: 900, currency: 'usd', allowed_payment_method_types: ['sepa_debit'] }),
    )
    const method = await debitMethod(stripe, 'sepa_debit', 'AT611904300234573201')
    const taken = await refusalOf(
      stripe.paymentIntents.create({
        amount: 900,
        currency: 'usd',
        payment_method: method,
        confirm: true,
        return_url: 'https://example.com',
      }),
    )

    expect([asked.param, taken.param]).toStrictEqual(['allowed_payment_method_types', 'payment_method'])
  })

  test('automatic methods are cards and the debits of the account in that currency', async () => {
    const [usd, jpy, excluded, setup] = await Promise.all([
      stripe.paymentIntents.create({ amount: 900, currency: 'usd' }),
      stripe.paymentIntents.create({ amount: 900, currency: 'jpy' }),
      stripe.paymentIntents.create({
        amount: 900,
        currency: 'usd',
        excluded_payment_method_types: ['us_bank_account'],
      }),
      stripe.setupIntents.create({}),
    ])

    expect([usd, jpy, excluded, setup].map((intent) => intent.payment_method_types)).toStrictEqual([
      ['card', 'us_bank_account', 'acss_debit'],
      ['card'],
      ['card', 'acss_debit'],
      ['card', 'us_bank_account', 'acss_debit'],
    ])
    expect(Object.keys(usd.payment_method_options ?? {})).toStrictEqual(['card', 'us_bank_account', 'acss_debit'])
  })

  test('money cannot be held on a bank account', async () => {
    const refusal = await refusalOf(
      payByDebit(stripe, 'pm_usBankAccount_success', {
        type: 'us_bank_account',
        currency: 'usd',
        capture_method: 'manual',
      }),
    )

    expect(refusal).toMatchObject({ statusCode: 400, param: 'capture_method' })
  })
})
