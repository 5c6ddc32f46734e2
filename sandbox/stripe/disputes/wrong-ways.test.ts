import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { disputeOf, payBy } from './bench-disputes.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

const pay = (card?: string): Promise<Stripe.PaymentIntent> => payBy(stripe, card)
const disputed = (card?: string): Promise<Stripe.Dispute> => disputeOf(stripe, card)

describe('wrong-way requests about disputes', () => {
  test('SBX-9: a dispute of another account is not there', async () => {
    const dispute = await disputed()
    const other = bench.sdk('Harbour')
    const refusals = await Promise.all([
      refusalOf(other.disputes.retrieve(dispute.id)),
      refusalOf(other.disputes.close(dispute.id)),
      refusalOf(stripe.disputes.retrieve('du_missing')),
      refusalOf(stripe.disputes.list({ charge: 'ch_missing' })),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual(
      Array.from({ length: 4 }, () => [404, 'resource_missing']),
    )
  })

  test.each([
    ['evidence[unicorn]=1', 'parameter_unknown', 'evidence[unicorn]'],
    ['evidence=text', undefined, 'evidence'],
    ['evidence[customer_name][a]=1', undefined, 'evidence[customer_name]'],
    [`evidence[product_description]=${'é'.repeat(20_001)}`, undefined, 'evidence[product_description]'],
    ['evidence[receipt]=file_missing', 'resource_missing', 'evidence[receipt]'],
    ['evidence[appeal][card]=x', 'sandbox_not_supported', 'evidence[appeal]'],
    ['submit=perhaps', undefined, 'submit'],
    ['submit=true', undefined, 'evidence'],
    ['intended_submission_method=never', undefined, 'intended_submission_method'],
  ])('SBX-11: %.40s is refused and changes nothing', async (body, ...[code, param]) => {
    const dispute = await disputed()
    const { status, body: answer } = await bench.raw(`/v1/disputes/${dispute.id}`, {
      method: 'POST',
      key: bench.keys('Keystone').secret,
      body,
    })

    expect([status >= 400 && status < 405, answer.error.code, answer.error.param]).toStrictEqual([true, code, param])
    await expect(stripe.disputes.retrieve(dispute.id)).resolves.toStrictEqual(
      expect.objectContaining({ status: 'needs_response', evidence: dispute.evidence }),
    )
  })

  test('all evidence together is limited as well', async () => {
    const dispute = await disputed()
    const long = 'a'.repeat(20_000)
    const names = [
      'access_activity_log',
      'cancellation_rebuttal',
      'product_description',
      'refund_policy_disclosure',
      'refund_refusal_explanation',
      'uncategorized_text',
      'duplicate_charge_explanation',
      'cancellation_policy_disclosure',
    ]
    const evidence = Object.fromEntries(names.map((name) => [name, long]))

    const refusal = await refusalOf(stripe.disputes.update(dispute.id, { evidence }))

    expect(refusal).toMatchObject({ statusCode: 400, param: 'evidence' })
  })
})

describe('SBX-43: early fraud warnings', () => {
  test('come after the payment, ask for action, and settle when the charge goes back', async () => {
    const intent = await pay('pm_card_createIssuerFraudRecord')
    await bench.control('POST', '/funds', {
      account: bench.keys('Keystone').accountId,
      currency: 'usd',
      amountMinor: 20_000,
    })
    const [warning] = (await stripe.radar.earlyFraudWarnings.list({ charge: String(intent.latest_charge) })).data
    await stripe.refunds.create({ payment_intent: intent.id, amount: 1 })
    const partly = await stripe.radar.earlyFraudWarnings.retrieve(String(warning?.id))
    await stripe.refunds.create({ payment_intent: intent.id })
    const settled = await stripe.radar.earlyFraudWarnings.retrieve(String(warning?.id), { expand: ['charge'] })

    expect(warning).toMatchObject({ actionable: true, payment_intent: intent.id, fraud_type: 'misc' })
    expect(partly.actionable).toBe(true)
    expect(settled).toMatchObject({ actionable: false, charge: { id: intent.latest_charge, refunded: true } })
    expect(await eventTypesOf(stripe, String(warning?.id))).toStrictEqual([
      'radar.early_fraud_warning.created',
      'radar.early_fraud_warning.updated',
    ])
    await expect(
      refusalOf(bench.sdk('Harbour').radar.earlyFraudWarnings.retrieve(String(warning?.id))),
    ).resolves.toMatchObject({ statusCode: 404, code: 'resource_missing' })
  })
})
