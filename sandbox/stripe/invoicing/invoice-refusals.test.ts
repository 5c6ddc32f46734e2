/** What invoices and their items refuse (SBX-11, SBX-45). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { draftInvoice, intentOfInvoice, refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})
afterAll(() => bench.close())

describe('refusals', () => {
  test('SBX-45: a final invoice can not be edited, deleted, or finalized again', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)
    const item = String(bill.invoice.lines.data[0]?.parent?.invoice_item_details?.invoice_item)

    for (const call of [
      stripe.invoices.update(bill.id, { description: 'Late' }),
      stripe.invoices.del(bill.id),
      stripe.invoices.finalizeInvoice(bill.id),
      stripe.invoiceItems.update(item, { amount: 1 }),
      stripe.invoiceItems.del(item),
      stripe.invoiceItems.create({ customer: bill.customer, invoice: bill.id, amount: 1, currency: 'usd' }),
    ])
      expect(await refusalOf(call)).toMatchObject({ statusCode: 400, code: 'invoice_not_editable' })
    expect(await stripe.invoices.update(bill.id, { metadata: { a: 'b' } })).toMatchObject({ metadata: { a: 'b' } })
  })

  test('SBX-45: the intent of an invoice is canceled with the invoice only', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(bill.id)
    const intent = await intentOfInvoice(stripe, bill.id)

    expect(await refusalOf(stripe.paymentIntents.cancel(intent.id))).toMatchObject({ statusCode: 400 })
    expect(await refusalOf(stripe.paymentIntents.update(intent.id, { amount: 9999 }))).toMatchObject({
      statusCode: 400,
    })
  })

  test('SBX-45: what is paid can not be paid, voided, or written off', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.pay(bill.id, { payment_method: bill.method })

    expect((await refusalOf(stripe.invoices.pay(bill.id))).message).toBe('Invoice is already paid')
    expect(await refusalOf(stripe.invoices.voidInvoice(bill.id))).toMatchObject({ statusCode: 400 })
    expect(await refusalOf(stripe.invoices.markUncollectible(bill.id))).toMatchObject({ statusCode: 400 })
  })

  test('SBX-45: a card of somebody else does not pay', async () => {
    const bill = await draftInvoice(stripe)
    const other = await savedCustomer(stripe, 'pm_card_visa')

    const refusal = await refusalOf(stripe.invoices.pay(bill.id, { payment_method: other.method }))

    expect(refusal).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'payment_method' })
  })

  test.each([
    ['a negative total', -500],
    ['less than the smallest charge', 20],
  ])('SBX-6: %s is refused at the end instead of carried over', async (_, amount) => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')
    await stripe.invoiceItems.create({ customer, amount, currency: 'usd' })
    const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })

    const refusal = await refusalOf(stripe.invoices.finalizeInvoice(invoice.id))

    expect(refusal.code).toBe('sandbox_not_supported')
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe('draft')
  })

  test.each([
    ['no customer', {}, 'parameter_missing', 'customer'],
    ['an unknown customer', { customer: 'cus_nobody' }, 'resource_missing', 'customer'],
    ['a collection of its own', { customer: 'c', collection_method: 'beg' }, undefined, 'collection_method'],
    ['a subscription', { customer: 'c', subscription: 'sub_1' }, 'sandbox_not_supported', 'subscription'],
    ['two dates', { days_until_due: 1, due_date: 1, customer: 'c' }, undefined, 'due_date'],
    ['a date for a charge', { days_until_due: 1, customer: 'c' }, undefined, 'days_until_due'],
    [
      'a sent one without a date',
      { collection_method: 'send_invoice', customer: 'c' },
      'parameter_missing',
      'days_until_due',
    ],
  ])('SBX-11: %s is refused', async (_, params, code, param) => {
    const refusal = await refusalOf(stripe.invoices.create(params as Stripe.InvoiceCreateParams))

    expect(refusal).toMatchObject({ statusCode: 400, code, param })
  })

  test.each([
    ['no amount', {}, 'parameter_missing', 'amount'],
    ['two amounts', { amount: 1, unit_amount_decimal: '1' }, undefined, 'unit_amount_decimal'],
    ['an endless amount', { amount: 10 ** 14 }, 'parameter_invalid_integer', 'amount'],
    ['a period that ends before it starts', { amount: 1, period: { start: 2, end: 1 } }, undefined, 'period'],
    ['an unknown price', { pricing: { price: 'price_no' } }, 'resource_missing', 'pricing[price]'],
  ])('SBX-11: an item with %s is refused', async (_, params, code, param) => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')

    const refusal = await refusalOf(stripe.invoiceItems.create({ customer, ...params } as never))

    expect(refusal).toMatchObject({ statusCode: 400, code, param })
  })

  test('SBX-9: no other account sees an invoice or its items', async () => {
    const bill = await draftInvoice(stripe)
    const other = bench.sdk('Harbour')

    expect(await refusalOf(other.invoices.retrieve(bill.id))).toMatchObject({ statusCode: 404 })
    expect((await other.invoiceItems.list({})).data).toEqual([])
  })
})
