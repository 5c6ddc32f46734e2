import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { disputeOf, payBy } from './bench-disputes.ts'

let bench: Bench
let stripe: Stripe
const hour = 3_600_000
const day = 24 * hour

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

async function total(): Promise<number> {
  const { available, pending } = await stripe.balance.retrieve()
  return (available[0]?.amount ?? 0) + (pending[0]?.amount ?? 0)
}

async function changesOf(type: string, id: string): Promise<unknown> {
  const events = await stripe.events.list({ type, limit: 100 })
  const about = events.data.filter((event) => (event.data.object as { id: string }).id === id)
  return about[0]?.data.previous_attributes
}

describe('SBX-27: a chargeback', () => {
  test('takes the amount and the fee at once, marks the charge and tells of it in order', async () => {
    const intent = await pay()
    const [dispute] = (await stripe.disputes.list({ charge: String(intent.latest_charge) })).data
    const charge = await stripe.charges.retrieve(String(intent.latest_charge))

    expect(dispute).toMatchObject({
      object: 'dispute',
      amount: 10_000,
      currency: 'usd',
      charge: charge.id,
      payment_intent: intent.id,
      reason: 'fraudulent',
      status: 'needs_response',
      is_charge_refundable: false,
      evidence_details: { has_evidence: false, past_due: false, submission_count: 0 },
      payment_method_details: { type: 'card', card: { brand: 'visa', case_type: 'chargeback' } },
    })
    expect(dispute?.id).toMatch(/^(du|dp)_/)
    expect(dispute?.evidence_details.due_by).toBe((bench.clock.now().getTime() + 7 * day) / 1000)
    expect(dispute?.balance_transactions).toMatchObject([
      { type: 'adjustment', reporting_category: 'dispute', amount: -10_000, fee: 2500, net: -12_500 },
    ])
    expect(charge.disputed).toBe(true)
    expect(await total()).toBe(10_000 - 320 - 12_500)
    const types = (await stripe.events.list({ limit: 5 })).data.map((event) => event.type).toReversed()
    expect(types).toStrictEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.updated',
    ])
    expect(await changesOf('charge.updated', charge.id)).toStrictEqual({ disputed: false })
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('SBX-26: its charge cannot be refunded while it is open, and can be once it is won', async () => {
    const dispute = await disputed()
    const refusal = await refusalOf(stripe.refunds.create({ charge: String(dispute.charge) }))
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })
    bench.clock.advance(hour)
    const refund = await stripe.refunds.create({ charge: String(dispute.charge) })

    expect(refusal).toMatchObject({ statusCode: 400, code: 'charge_disputed' })
    expect(refund.amount).toBe(10_000)
  })

  test('is won an hour after winning evidence, and the money comes back without the fee', async () => {
    const dispute = await disputed()
    const submitted = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })
    bench.clock.advance(hour - 1000)
    const before = await stripe.disputes.retrieve(dispute.id)
    bench.clock.advance(1000)
    const won = await stripe.disputes.retrieve(dispute.id)

    expect(submitted).toMatchObject({
      status: 'under_review',
      evidence: { uncategorized_text: 'winning_evidence' },
      evidence_details: { has_evidence: true, submission_count: 1, submission_method: 'manual', past_due: false },
    })
    expect(before.status).toBe('under_review')
    expect(won.status).toBe('won')
    expect(won.balance_transactions.map(({ net }) => net)).toStrictEqual([-12_500, 10_000])
    expect(await total()).toBe(10_000 - 320 - 2500)
    expect(await eventTypesOf(stripe, dispute.id)).toStrictEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ])
    expect(await changesOf('charge.dispute.updated', dispute.id)).toStrictEqual({
      evidence: { uncategorized_text: null },
      evidence_details: { has_evidence: false, submission_count: 0, submission_method: 'not_submitted' },
      status: 'needs_response',
    })
  })

  test.each([
    ['losing evidence, an hour later', 'losing_evidence', hour],
    ['no evidence, on the last day', null, 7 * day],
  ])('is lost with %s', async (_, words, after) => {
    const dispute = await disputed()
    if (words !== null) await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: words } })
    bench.clock.advance(after - 1000)
    const before = await stripe.disputes.retrieve(dispute.id)
    bench.clock.advance(1000)
    const lost = await stripe.disputes.retrieve(dispute.id)

    expect(before.status).not.toBe('lost')
    expect(lost.status).toBe('lost')
    expect(lost.balance_transactions).toHaveLength(1)
    expect((await eventTypesOf(stripe, dispute.id)).at(-1)).toBe('charge.dispute.closed')
  })

  test('stays with the bank when the evidence proves neither', async () => {
    const dispute = await disputed()
    await stripe.disputes.update(dispute.id, { evidence: { customer_name: 'Kim Ng' } })
    bench.clock.advance(30 * day)

    await expect(stripe.disputes.retrieve(dispute.id)).resolves.toMatchObject({ status: 'under_review' })
  })

  test('staged evidence waits until it is submitted', async () => {
    const dispute = await disputed()
    const staged = await stripe.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'winning_evidence', customer_name: 'Kim Ng' },
      submit: false,
    })
    const changed = await stripe.disputes.update(dispute.id, { evidence: { customer_name: '' }, submit: false })
    const submitted = await stripe.disputes.update(dispute.id, { submit: true })

    expect(staged).toMatchObject({
      status: 'needs_response',
      evidence_details: { has_evidence: true, submission_count: 0 },
    })
    expect(changed.evidence).toMatchObject({ customer_name: null, uncategorized_text: 'winning_evidence' })
    expect(submitted).toMatchObject({ status: 'under_review', evidence_details: { submission_count: 1 } })
  })

  test('closing it accepts the loss for good', async () => {
    const dispute = await disputed()
    const closed = await stripe.disputes.close(dispute.id)
    const again = await refusalOf(stripe.disputes.close(dispute.id))
    const late = await refusalOf(stripe.disputes.update(dispute.id, { evidence: { customer_name: 'Kim' } }))
    const tagged = await stripe.disputes.update(dispute.id, { metadata: { seen: 'yes' } })
    bench.clock.advance(8 * day)
    const types = await eventTypesOf(stripe, dispute.id)

    expect(closed.status).toBe('lost')
    expect([again.statusCode, late.statusCode]).toStrictEqual([400, 400])
    expect(late.message).toBe('This dispute is already closed')
    expect(tagged).toMatchObject({ status: 'lost', metadata: { seen: 'yes' } })
    expect(types.filter((type) => type === 'charge.dispute.closed')).toHaveLength(1)
  })

  test('metadata alone submits nothing, and the same metadata again is no event', async () => {
    const dispute = await disputed()
    const tagged = await stripe.disputes.update(dispute.id, { metadata: { foo: 'bar' } })
    await stripe.disputes.update(dispute.id, { metadata: { foo: 'bar' } })
    const types = await eventTypesOf(stripe, dispute.id)

    expect(tagged).toMatchObject({ status: 'needs_response', metadata: { foo: 'bar' } })
    expect(types.filter((type) => type === 'charge.dispute.updated')).toHaveLength(1)
  })

  test('begins with the capture of money that was held', async () => {
    const { id } = await stripe.paymentIntents.create({
      amount: 5000,
      currency: 'usd',
      payment_method: 'pm_card_createDispute',
      capture_method: 'manual',
      confirm: true,
      return_url: 'https://example.com',
    })
    const before = await stripe.disputes.list({ payment_intent: id })
    await stripe.paymentIntents.capture(id, { amount_to_capture: 4000 })
    const after = await stripe.disputes.list({ payment_intent: id })

    expect(before.data).toStrictEqual([])
    expect(after.data.map(({ amount }) => amount)).toStrictEqual([4000])
  })
})

describe('SBX-27: an inquiry', () => {
  test('takes no money, leaves the charge refundable and ends as warning_closed', async () => {
    const dispute = await disputed('pm_card_createDisputeInquiry')
    const before = await total()
    await bench.control('POST', '/funds', {
      account: bench.keys('Keystone').accountId,
      currency: 'usd',
      amountMinor: 20_000,
    })
    const refund = await stripe.refunds.create({ charge: String(dispute.charge), amount: 100 })
    const closed = await stripe.disputes.close(dispute.id)

    expect(dispute).toMatchObject({
      status: 'warning_needs_response',
      is_charge_refundable: true,
      balance_transactions: [],
    })
    expect(before).toBe(10_000 - 320)
    expect(refund.status).toBe('succeeded')
    expect(closed.status).toBe('warning_closed')
    expect(await eventTypesOf(stripe, dispute.id)).toStrictEqual(['charge.dispute.created', 'charge.dispute.closed'])
  })

  test('can grow into a chargeback', async () => {
    const dispute = await disputed('pm_card_createDisputeInquiry')
    const submitted = await stripe.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'escalate_inquiry_evidence' },
    })
    bench.clock.advance(hour)
    const grown = await stripe.disputes.retrieve(dispute.id)
    bench.clock.advance(7 * day)
    const lost = await stripe.disputes.retrieve(dispute.id)

    expect(submitted.status).toBe('warning_under_review')
    expect(grown).toMatchObject({ status: 'needs_response', is_charge_refundable: false })
    expect(grown.balance_transactions.map(({ net }) => net)).toStrictEqual([-12_500])
    expect(lost.status).toBe('lost')
  })
})
