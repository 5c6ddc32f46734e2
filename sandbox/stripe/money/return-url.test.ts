import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const wish = { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true }

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

async function demand(strictReturnUrl: unknown): Promise<number> {
  const { status } = await bench.control('POST', '/settings', {
    account: bench.keys('Harbour').accountId,
    strictReturnUrl,
  })
  return status
}

describe('SBX-45: the setting strictReturnUrl', () => {
  test('is off by default', async () => {
    await expect(stripe.paymentIntents.create(wish)).resolves.toMatchObject({ status: 'succeeded' })
  })

  test('makes automatic methods demand a return_url at the confirmation, and nothing else', async () => {
    await demand(true)
    const open = await stripe.paymentIntents.create({ ...wish, confirm: false })
    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.create(wish)),
      refusalOf(stripe.paymentIntents.confirm(open.id)),
    ])
    const paid = await Promise.all([
      stripe.paymentIntents.confirm(open.id, { return_url: 'https://example.com' }),
      stripe.paymentIntents.create({ ...wish, allowed_payment_method_types: ['card'] }),
      stripe.paymentIntents.create({
        ...wish,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      }),
    ])
    await demand(false)

    expect(refusals.map(({ statusCode, param }) => [statusCode, param])).toStrictEqual([
      [400, 'return_url'],
      [400, 'return_url'],
    ])
    expect(refusals[0]?.message).toContain('you must provide a `return_url`')
    expect(paid.map(({ status }) => status)).toStrictEqual(['succeeded', 'succeeded', 'succeeded'])
  })

  test('another account keeps its own setting, and wrong values are refused', async () => {
    await demand(true)
    const other = await bench.sdk('Keystone').paymentIntents.create({ ...wish, currency: 'usd' })
    const answers = await Promise.all([demand('yes'), demand(undefined)])
    await demand(false)

    expect(other.status).toBe('succeeded')
    expect(answers).toStrictEqual([400, 400])
  })
})
