/** Draft invoices and the items that wait for them or stand on them (SBX-45). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { draftInvoice, refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})
afterAll(() => bench.close())

describe('drafts', () => {
  test('SBX-45: a draft takes up what waited, newest first, and adds it up', async () => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')
    const first = await stripe.invoiceItems.create({ customer, amount: 2000, currency: 'usd' })
    await stripe.invoiceItems.create({ customer, unit_amount_decimal: '-150' as never, quantity: 2, currency: 'usd' })

    const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })
    const added = await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 5, currency: 'usd' })

    const after = await stripe.invoices.retrieve(invoice.id)
    expect(invoice).toMatchObject({
      object: 'invoice',
      status: 'draft',
      currency: 'usd',
      amount_due: 1700,
      amount_paid: 0,
      amount_remaining: 1700,
      attempt_count: 0,
      attempted: false,
      auto_advance: false,
      automatically_finalizes_at: null,
      billing_reason: 'manual',
      collection_method: 'charge_automatically',
      number: null,
      total: 1700,
    })
    expect(invoice).not.toHaveProperty('paid')
    expect(invoice).not.toHaveProperty('charge')
    expect(invoice).not.toHaveProperty('payment_intent')
    expect(invoice).not.toHaveProperty('payments')
    expect(after.lines.data.map((line) => line.amount)).toEqual([-300, 2000, 5])
    expect(after.lines.data[1]?.parent?.invoice_item_details?.invoice_item).toBe(first.id)
    expect(after.lines.data[2]?.parent?.invoice_item_details?.invoice_item).toBe(added.id)
    expect(after.total).toBe(1705)
  })

  test('SBX-45: without being asked a draft leaves waiting items alone', async () => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')
    await stripe.invoiceItems.create({ customer, amount: 2000, currency: 'usd' })

    const invoice = await stripe.invoices.create({ customer })

    expect(invoice).toMatchObject({ total: 0, lines: { data: [], has_more: false } })
    expect((await stripe.invoiceItems.list({ customer, pending: true })).data).toHaveLength(1)
  })

  test('SBX-45: a change of an item changes the line, which keeps its id', async () => {
    const bill = await draftInvoice(stripe)
    const [line] = bill.invoice.lines.data
    const item = String(line?.parent?.invoice_item_details?.invoice_item)

    await stripe.invoiceItems.update(item, { amount: 3000, description: 'Two desks' })

    const after = await stripe.invoices.retrieve(bill.id)
    expect(after.lines.data).toMatchObject([{ id: line?.id, amount: 3000, description: 'Two desks' }])
    expect(after.total).toBe(3000)
    await stripe.invoiceItems.del(item)
    expect(await stripe.invoices.retrieve(bill.id)).toMatchObject({ total: 0, lines: { data: [] } })
  })

  test('SBX-45: an item of a price shows price and product, and is called by the product', async () => {
    const { customer } = await savedCustomer(stripe, 'pm_card_visa')
    const price = await stripe.prices.create({ currency: 'usd', unit_amount: 700, product_data: { name: 'Locker' } })

    const item = await stripe.invoiceItems.create({ customer, pricing: { price: price.id }, quantity: 3 })

    expect(await stripe.invoiceItems.retrieve(item.id, { expand: ['customer'] })).toMatchObject({
      ...item,
      customer: { id: customer },
    })
    expect(item).toMatchObject({
      amount: 2100,
      currency: 'usd',
      description: 'Locker',
      quantity: 3,
      pricing: { type: 'price_details', price_details: { price: price.id, product: price.product } },
    })
  })

  test('SBX-16: lines are listed in pages', async () => {
    const bill = await draftInvoice(stripe)
    for (let count = 0; count < 11; count += 1)
      await stripe.invoiceItems.create({ customer: bill.customer, invoice: bill.id, amount: count, currency: 'usd' })

    const after = await stripe.invoices.retrieve(bill.id)
    const rest = await stripe.invoices.listLineItems(bill.id, { starting_after: after.lines.data[9]?.id ?? '' })

    expect(after.lines).toMatchObject({ has_more: true, url: `/v1/invoices/${bill.id}/lines` })
    expect(after.lines.data).toHaveLength(10)
    expect(rest.data.map((line) => line.amount)).toEqual([9, 10])
  })

  test('SBX-45: a deleted draft is gone and what waited waits again', async () => {
    const bill = await draftInvoice(stripe)

    expect(await stripe.invoices.del(bill.id)).toEqual({ id: bill.id, object: 'invoice', deleted: true })

    expect(await refusalOf(stripe.invoices.retrieve(bill.id))).toMatchObject({ statusCode: 404 })
    expect((await stripe.invoiceItems.list({ customer: bill.customer, pending: true })).data).toHaveLength(1)
    const [event] = (await stripe.events.list({ limit: 1 })).data
    expect(event).toMatchObject({ type: 'invoice.deleted', data: { object: { id: bill.id, status: 'draft' } } })
  })

  test('SBX-45: invoices are listed by customer and status', async () => {
    const bill = await draftInvoice(stripe)
    const open = await draftInvoice(stripe)
    await stripe.invoices.finalizeInvoice(open.id)

    const listed = await stripe.invoices.list({ customer: open.customer, status: 'open' })

    expect(listed.data.map((invoice) => invoice.id)).toEqual([open.id])
    expect((await stripe.invoices.list({ customer: bill.customer, status: 'open' })).data).toEqual([])
  })
})
