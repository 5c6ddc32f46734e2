import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const card = { number: '4242 4242 4242 4242', exp_month: '12', exp_year: '30', cvc: '314', address_zip: '2000' }

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

describe('SBX-45: tokens', () => {
  test('a card token is good for one payment method', async () => {
    const token = await stripe.tokens.create({ card })
    const method = await stripe.paymentMethods.create({ type: 'card', card: { token: token.id } })
    const again = await refusalOf(stripe.paymentMethods.create({ type: 'card', card: { token: token.id } }))
    const used = await stripe.tokens.retrieve(token.id)

    expect(token).toMatchObject({
      object: 'token',
      type: 'card',
      used: false,
      card: {
        brand: 'Visa',
        last4: '4242',
        exp_month: 12,
        exp_year: 2030,
        cvc_check: 'unchecked',
        address_zip: '2000',
      },
    })
    expect(method.card).toMatchObject({ last4: '4242', exp_month: 12, exp_year: 2030 })
    expect(again).toMatchObject({ statusCode: 400, code: 'token_already_used', param: 'card[token]' })
    expect(used.used).toBe(true)
  })

  test('a ready-made token can be used any number of times', async () => {
    const methods = await Promise.all(
      [1, 2].map(() => stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })),
    )

    expect(new Set(methods.map(({ id }) => id)).size).toBe(2)
  })

  test('a bank account token shows the last digits only', async () => {
    const token = await stripe.tokens.create({
      bank_account: {
        country: 'us',
        currency: 'usd',
        routing_number: '110000000',
        account_number: '000123456789',
        account_holder_name: 'Kim Ng',
        account_holder_type: 'individual',
      },
    })

    expect(token).toMatchObject({
      type: 'bank_account',
      bank_account: { last4: '6789', country: 'US', currency: 'usd', routing_number: '110000000', status: 'new' },
    })
    expect(JSON.stringify(token)).not.toContain('000123456789')
  })

  test('wrong ways: a real number, a typing error, nothing, both, a saved card, a token of another account', async () => {
    const { id } = await stripe.tokens.create({ card })
    const refusals = await Promise.all([
      refusalOf(stripe.tokens.create({ card: { ...card, number: '4111 1111 1111 1111' } })),
      refusalOf(stripe.tokens.create({ card: { ...card, number: '4242 4242 4242 4241' } })),
      refusalOf(stripe.tokens.create({})),
      refusalOf(stripe.tokens.create({ card, bank_account: { country: 'US', account_number: '000123456789' } })),
      refusalOf(stripe.tokens.create({ card: 'card_1' })),
      refusalOf(stripe.tokens.create({ bank_account: { country: 'Utopia', account_number: '1' } })),
      refusalOf(bench.sdk('Harbour').tokens.retrieve(id)),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual([
      [400, undefined],
      [402, 'incorrect_number'],
      [400, 'parameter_missing'],
      [400, undefined],
      [400, 'sandbox_not_supported'],
      [400, undefined],
      [404, 'resource_missing'],
    ])
  })
})
