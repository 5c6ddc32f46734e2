import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench

beforeAll(async () => {
  bench = await startBench()
})

afterAll(() => bench.close())

const wish = {
  amount: 900,
  currency: 'aud',
  payment_method: 'pm_card_visa',
  allowed_payment_method_types: ['card' as const],
}

async function connected(mode: 'test' | 'live'): Promise<{ id: string; stripe: Stripe }> {
  const { secret } = bench.keys('Rental', mode)
  const { id } = await bench.sdkWithKey(secret).accounts.create({ type: 'standard', country: 'AU' })
  return { id, stripe: bench.sdkWithKey(secret, { stripeAccount: id }) }
}

describe('SBX-28: charges that are off', () => {
  test.each([
    ['test', 'capability_not_active'],
    ['live', 'testmode_charges_only'],
  ] as const)('in %s mode a confirmation is refused with %s and leaves nothing behind', async (mode, code) => {
    const { stripe } = await connected(mode)
    const intent = await stripe.paymentIntents.create(wish)

    const refusal = await refusalOf(stripe.paymentIntents.confirm(intent.id))
    const atOnce = await refusalOf(stripe.paymentIntents.create({ ...wish, confirm: true }))

    expect(refusal).toMatchObject({ statusCode: 400, code })
    expect(atOnce).toMatchObject({ statusCode: 400, code })
    expect((await stripe.charges.list()).data).toStrictEqual([])
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'requires_confirmation' })
  })

  test('once the account is complete the same intent is paid, and stops again when something is past due', async () => {
    const { id, stripe } = await connected('test')
    const intent = await stripe.paymentIntents.create(wish)
    await bench.control('POST', `/accounts/${id}/script`, { script: 'complete' })

    const paid = await stripe.paymentIntents.confirm(intent.id)
    await bench.control('POST', `/accounts/${id}/script`, { script: 'past_due' })

    expect(paid.status).toBe('succeeded')
    expect(await refusalOf(stripe.paymentIntents.create({ ...wish, confirm: true }))).toMatchObject({ statusCode: 400 })
    expect(await stripe.refunds.create({ payment_intent: intent.id, amount: 1 })).toMatchObject({ object: 'refund' })
  })
})
