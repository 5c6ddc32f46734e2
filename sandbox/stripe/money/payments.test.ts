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

async function savedCustomer(card: string): Promise<{ customer: string; method: string }> {
  const customer = await stripe.customers.create({ email: 'renter@example.com' })
  const setup = await stripe.setupIntents.create({ customer: customer.id, payment_method: card, confirm: true, usage: 'off_session', return_url: 'https://example.com/back' })
  return { customer: customer.id, method: setup.payment_method as string }
}

describe('PaymentIntents', () => {
  test('SBX-21: an unconfirmed intent is confirmed with a saved card off session and leaves a paid charge', async () => {
    const { customer, method } = await savedCustomer('pm_card_visa')
    const created = await stripe.paymentIntents.create({ amount: 12_500, currency: 'aud', customer, allowed_payment_method_types: ['card'] })
    expect(created.status).toBe('requires_payment_method')

    const intent = await stripe.paymentIntents.confirm(created.id, { payment_method: method, off_session: true, expand: ['latest_charge.balance_transaction'] })

    const charge = intent.latest_charge as Stripe.Charge
    const transaction = charge.balance_transaction as Stripe.BalanceTransaction
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 12_500, next_action: null, last_payment_error: null })
    expect(charge).toMatchObject({ amount_captured: 12_500, paid: true, status: 'succeeded', customer, payment_method: method })
    // 1.75 % of 125.00 is 2.1875, half up 2.19, and 0.30 fixed.
    expect(transaction).toMatchObject({ amount: 12_500, fee: 249, net: 12_251, status: 'pending', source: charge.id })
  })
})
