/** Who is let in besides the keys that were issued: nobody, publishable keys a little, and outside tools when asked for. */
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

describe('SBX-7: open mode', () => {
  const account = async (key: string): Promise<unknown> => {
    const { status, body } = await bench.raw('/v1/account', { key })
    return status === 200 ? body.id : status
  }

  test('is off, lets outside tools act for the platform when it is on, and goes off again', async () => {
    const before = await account('sk_test_123')
    await bench.control('POST', '/settings', { openMode: true })
    const during = await Promise.all(
      ['sk_test_123', 'sk_test_bad', 'sk_test_revoked1', 'sk_live_123', 'rk_test_123', 'pk_test_123', 'sk_org_1'].map(
        account,
      ),
    )
    const own = await account(bench.keys('Harbour').secret)
    await bench.control('POST', '/settings', { openMode: false })

    expect(before).toBe(401)
    expect(during).toStrictEqual([bench.keys('Rental').accountId, 401, 401, 401, 401, 401, 401])
    expect(own).toBe(bench.keys('Harbour').accountId)
    expect(await account('sk_test_123')).toBe(401)
  })

  test('does not bring a revoked key back', async () => {
    const { accountId } = bench.keys('Harbour')
    const { body } = await bench.control('POST', '/keys', { account: accountId, kind: 'secret' })
    await bench.control('POST', `/keys/${body.key}/revoke`)
    await bench.control('POST', '/settings', { openMode: true })

    const answer = await account(body.key)
    await bench.control('POST', '/settings', { openMode: false })

    expect(answer).toBe(401)
  })
})

describe('SBX-8: a publishable key', () => {
  test('sees a PaymentIntent with its client secret, makes a PaymentMethod, and does nothing else', async () => {
    const key = bench.keys('Harbour').publishable
    const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'aud' })
    const path = `/v1/payment_intents/${intent.id}`
    const card = 'type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=34&card[cvc]=123'

    const answers = [
      await bench.raw(`${path}?client_secret=${intent.client_secret}`, { key }),
      await bench.raw('/v1/payment_methods', { method: 'POST', key, body: card }),
      await bench.raw(path, { key }),
      await bench.raw(`${path}?client_secret=wrong`, { key }),
      await bench.raw(path, { method: 'POST', key, body: 'amount=1000' }),
      await bench.raw('/v1/payment_methods', { key }),
    ]

    expect(answers.map(({ status, body }) => [status, body.error?.code])).toStrictEqual([
      [200, undefined],
      [200, undefined],
      [400, 'parameter_missing'],
      [400, 'payment_intent_invalid_parameter'],
      [403, 'secret_key_required'],
      [403, 'secret_key_required'],
    ])
  })
})

describe('SBX-3: no real money', () => {
  test.each([
    ['a real looking Visa', '4539578763621486'],
    ['a real looking Mastercard', '5105105105105100'],
    ['a real looking American Express', '371449635398431'],
  ])('%s is not taken: "Use a test card"', async (_, number) => {
    const wish = { type: 'card' as const, card: { number, exp_month: 1, exp_year: 2034, cvc: '123' } }

    const refusal = await refusalOf(stripe.paymentMethods.create(wish))

    expect(refusal).toMatchObject({ statusCode: 400, param: 'number' })
    expect(refusal.message).toContain('Use a test card')
    expect(refusal.message).not.toContain(number)
  })

  test('a number that is none is a typing error', async () => {
    const card = { number: '4242424242424241', exp_month: 1, exp_year: 2034, cvc: '123' }

    expect(await refusalOf(stripe.paymentMethods.create({ type: 'card', card }))).toMatchObject({
      statusCode: 402,
      code: 'incorrect_number',
    })
  })

  test.each(['sk_live_51HqJ0aBcDeFgHiJk', 'rk_live_51HqJ0aBcDeFgHiJk', 'sk_test_51HqJ0aBcDeFgHiJk'])(
    'a real key %s is refused, and not repeated in the message',
    async (key) => {
      const { status, body } = await bench.raw('/v1/balance', { key })

      expect(status).toBe(401)
      expect(body.error.message).toContain('Invalid API Key provided')
      expect(body.error.message).not.toContain(key.slice(9, -4))
    },
  )
})
