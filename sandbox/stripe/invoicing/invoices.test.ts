/** Stripe's own invoices, from the item that waits to the money that arrives (SBX-45). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { draftInvoice, intentOfInvoice, refusalOf, savedCustomer, startBench, startReceiver } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const hour = 3_600_000

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})
afterAll(() => bench.close())

/** Types of the events since the mark, oldest first. */
async function eventsSince(mark: string | undefined): Promise<string[]> {
  const page = await stripe.events.list({ limit: 100, ...(mark !== undefined && { ending_before: mark }) })
  return page.data.map((event) => event.type).toReversed()
}

async function markNow(): Promise<string | undefined> {
  return (await stripe.events.list({ limit: 1 })).data[0]?.id
}

describe('payment', () => {
  test('SBX-45: paying a draft finalizes it, charges the card and tells of each step', async () => {
    const bill = await draftInvoice(stripe)
    const mark = await markNow()

    const paid = await stripe.invoices.pay(bill.id, { payment_method: bill.method })

    expect(paid).toMatchObject({
      status: 'paid',
      amount_due: 2000,
      amount_paid: 2000,
      amount_remaining: 0,
      attempt_count: 1,
      attempted: true,
      ending_balance: 0,
    })
    expect(paid.number).toMatch(/^[A-Z0-9]{8}-0001$/)
    expect(paid.status_transitions).toMatchObject({ paid_at: paid.created, voided_at: null })
    expect(await intentOfInvoice(stripe, bill.id)).toMatchObject({
      status: 'succeeded',
      amount: 2000,
      customer: bill.customer,
    })
    expect(await eventsSince(mark)).toEqual([
      'customer.updated',
      'invoice.updated',
      'invoice.finalized',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ])
  })

  test('SBX-45: without a named card the invoice’s own is charged, then the customer’s', async () => {
    const own = await draftInvoice(stripe)
    await stripe.invoices.update(own.id, { default_payment_method: own.method })
    const general = await draftInvoice(stripe)
    await stripe.customers.update(general.customer, { invoice_settings: { default_payment_method: general.method } })
    const none = await draftInvoice(stripe)

    expect(await stripe.invoices.pay(own.id)).toMatchObject({ status: 'paid' })
    expect(await stripe.invoices.pay(general.id)).toMatchObject({ status: 'paid' })
    expect(await refusalOf(stripe.invoices.pay(none.id))).toMatchObject({ statusCode: 400, param: 'payment_method' })
    expect((await stripe.invoices.retrieve(none.id)).status).toBe('draft')
  })

  test('SBX-45: a declined card leaves the invoice open, counted and told of', async () => {
    const bill = await draftInvoice(stripe, 'pm_card_chargeCustomerFail')
    await stripe.invoices.finalizeInvoice(bill.id)
    const mark = await markNow()

    const refusal = await refusalOf(stripe.invoices.pay(bill.id, { payment_method: bill.method }))

    expect(refusal).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect(await stripe.invoices.retrieve(bill.id)).toMatchObject({
      status: 'open',
      attempt_count: 1,
      attempted: true,
      amount_remaining: 2000,
    })
    expect(await eventsSince(mark)).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
      'invoice.updated',
      'invoice.payment_failed',
    ])
    const other = await stripe.paymentMethods.attach('pm_card_visa', { customer: bill.customer })
    expect(await stripe.invoices.pay(bill.id, { payment_method: other.id })).toMatchObject({ status: 'paid' })
  })

  test('SBX-22: a bank that wants to see the payer stops the payment, and the intent waits', async () => {
    const bill = await draftInvoice(stripe, 'pm_card_threeDSecure2Required')
    const mark = await markNow()

    const refusal = await refusalOf(stripe.invoices.pay(bill.id, { payment_method: bill.method }))

    expect(refusal).toMatchObject({
      statusCode: 402,
      type: 'StripeCardError',
      code: 'invoice_payment_intent_requires_action',
      payment_intent: { status: 'requires_action' },
    })
    expect((await eventsSince(mark)).slice(-2)).toEqual(['invoice.payment_failed', 'invoice.payment_action_required'])
    const intent = await intentOfInvoice(stripe, bill.id)
    expect(intent.next_action?.type).toBe('use_stripe_sdk')
  })

  test('SBX-45: an intent that succeeds by itself pays its invoice', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)
    const intent = await intentOfInvoice(stripe, bill.id)

    await stripe.paymentIntents.confirm(intent.id, {
      payment_method: bill.method,
      return_url: 'https://example.com',
    })

    expect((await stripe.invoices.retrieve(bill.id)).status).toBe('paid')
    const [payment] = (await stripe.invoicePayments.list({ invoice: bill.id })).data
    expect(payment).toMatchObject({
      object: 'invoice_payment',
      amount_paid: 2000,
      amount_requested: 2000,
      is_default: true,
      payment: { type: 'payment_intent', payment_intent: intent.id },
      status: 'paid',
    })
    expect(await stripe.invoicePayments.retrieve(payment?.id ?? '')).toEqual(payment)
  })

  test('SBX-45: paid by other means charges nothing and cancels the intent', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)
    const mark = await markNow()

    const paid = await stripe.invoices.pay(bill.id, { paid_out_of_band: true })

    expect(paid).toMatchObject({ status: 'paid', amount_remaining: 0, amount_paid_off_stripe: 2000 })
    expect(await intentOfInvoice(stripe, bill.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'void_invoice',
    })
    expect((await stripe.invoicePayments.list({ invoice: bill.id })).data).toMatchObject([{ status: 'canceled' }])
    expect(await eventsSince(mark)).toEqual(['payment_intent.canceled', 'invoice.updated', 'invoice.paid'])
  })

  test('SBX-45: nothing due is paid with the finalization, without an intent', async () => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')
    const invoice = await stripe.invoices.create({ customer })

    expect(await stripe.invoices.finalizeInvoice(invoice.id)).toMatchObject({ status: 'paid', amount_paid: 0 })
    expect((await stripe.invoicePayments.list({ invoice: invoice.id })).data).toEqual([])
  })
})

describe('old versions', () => {
  test('SBX-35: an endpoint of an old version is told of the invoice in its shape', async () => {
    const receiver = await startReceiver()
    const wish = { url: receiver.url, enabled_events: ['invoice.paid' as const], api_version: '2023-08-16' as const }
    const { id } = await stripe.webhookEndpoints.create(wish)
    const bill = await draftInvoice(stripe)

    await stripe.invoices.pay(bill.id, { payment_method: bill.method })
    await bench.running.runDue()

    const [told] = receiver.received.map(({ body }) => JSON.parse(body) as Stripe.Event)
    const intent = await intentOfInvoice(stripe, bill.id)
    expect(told?.data.object).toMatchObject({ id: bill.id, paid: true, payment_intent: intent.id })
    await stripe.webhookEndpoints.del(id)
    await receiver.close()
  })
})

describe('other ends', () => {
  test('SBX-45: a sent invoice is due after its days', async () => {
    const bill = await draftInvoice(stripe, 'pm_card_visa', { collection_method: 'send_invoice', days_until_due: 7 })

    const sent = await stripe.invoices.sendInvoice(bill.id)

    expect(sent).toMatchObject({ status: 'open', due_date: sent.created + 7 * 86_400, next_payment_attempt: null })
    expect((await stripe.events.list({ type: 'invoice.sent' })).data[0]?.data.object).toMatchObject({ id: bill.id })
  })

  test('SBX-45: a void invoice can not be paid and its intent is canceled', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)

    const gone = await stripe.invoices.voidInvoice(bill.id)

    expect(gone).toMatchObject({ status: 'void', status_transitions: { voided_at: gone.created } })
    expect((await intentOfInvoice(stripe, bill.id)).status).toBe('canceled')
    expect(await refusalOf(stripe.invoices.pay(bill.id, { payment_method: bill.method }))).toMatchObject({
      statusCode: 400,
    })
  })

  test('SBX-45: an uncollectible invoice can still be paid', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)

    expect(await stripe.invoices.markUncollectible(bill.id)).toMatchObject({ status: 'uncollectible' })
    expect(await stripe.invoices.pay(bill.id, { payment_method: bill.method })).toMatchObject({ status: 'paid' })
  })

  test('SBX-44: an invoice that advances by itself is final and charged after an hour', async () => {
    const bill = await draftInvoice(stripe, 'pm_card_visa', { auto_advance: true })
    await stripe.invoices.update(bill.id, { default_payment_method: bill.method })

    bench.clock.advance(hour - 1000)
    await bench.running.runDue()
    const before = await stripe.invoices.retrieve(bill.id)
    bench.clock.advance(1000)
    await bench.running.runDue()

    expect(before).toMatchObject({ status: 'draft', automatically_finalizes_at: bill.invoice.created + 3600 })
    expect(await stripe.invoices.retrieve(bill.id)).toMatchObject({
      status: 'paid',
      automatically_finalizes_at: null,
      next_payment_attempt: null,
    })
  })

  test('SBX-44: a declined automatic charge leaves the invoice open and the clock goes on', async () => {
    const bill = await draftInvoice(stripe, 'pm_card_chargeCustomerFail', { auto_advance: true })
    await stripe.invoices.update(bill.id, { default_payment_method: bill.method })

    bench.clock.advance(2 * hour)
    await bench.running.runDue()

    expect(await stripe.invoices.retrieve(bill.id)).toMatchObject({ status: 'open', attempt_count: 1 })
    expect(bench.sandbox.stripe.health().problems).toEqual([])
  })
})
