/**
 * Invoice items as objects: what a line costs and what it is called. An item waits for its customer's next invoice, or
 * stands on a draft; on a draft every change of the item changes the draft's line and sums. Operations: invoice-item.ts.
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { changes } from './catalogue/records.ts'
import { wireDecimal } from './catalogue/decimal.ts'
import { getDraft, writeLines } from './drafts.ts'

export interface ItemSeed {
  readonly customer: string
  readonly invoice: string | null
  readonly cost: Cost
  readonly description: string | null
  readonly isDiscountable: boolean | undefined
  readonly metadata: Record<string, string>
  readonly period: Stripe.InvoiceItem.Period | undefined
}

/** What an item costs and why. Amounts in minor units; negative ones are credits. */
export interface Cost {
  readonly amount: number
  readonly currency: string
  readonly quantity: number
  readonly unitAmount: number
  readonly price: { readonly price: string; readonly product: string } | null
  /** Stands in for a description that was not given. */
  readonly name: string | null
}

/** Writes the item and, when it names a draft, its line there. Throws StripeRefusal when the draft cannot take it. */
export function createItem(space: Space, seed: ItemSeed): Row<'invoiceitem'> {
  const { cost } = seed
  const currency = agreeOnCurrency(space, seed)
  const now = space.world.nowSeconds()
  const id = space.world.ids.id('ii')
  const object: Stripe.InvoiceItem = {
    id,
    object: 'invoiceitem',
    amount: cost.amount,
    currency,
    customer: seed.customer,
    customer_account: null,
    date: now,
    description: seed.description ?? cost.name,
    discountable: seed.isDiscountable ?? cost.amount >= 0,
    discounts: [],
    invoice: seed.invoice,
    livemode: space.isLive,
    metadata: seed.metadata,
    parent: null,
    period: seed.period ?? { end: now, start: now },
    pricing: describePricing(cost),
    proration: false,
    quantity: cost.quantity,
    quantity_decimal: wireDecimal(cost.quantity),
    tax_rates: [],
    test_clock: null,
  }
  const row = space.insert('invoiceitem', id, { object, hidden: { wasPending: seed.invoice === null } })
  emit(space, { type: 'invoiceitem.created', object: row.object })
  if (seed.invoice !== null) writeLines(space, getDraft(space, seed.invoice), 'appended')
  return row
}

/** Throws StripeRefusal when the item stands on an invoice that is no draft any more. */
export function changeItem(
  space: Space,
  before: Row<'invoiceitem'>,
  change: Partial<Stripe.InvoiceItem>,
): Row<'invoiceitem'> {
  const invoice = idOf(before.object.invoice)
  const draft = invoice === null ? null : getDraft(space, invoice)
  if (!changes(before.object, change)) return before
  const row = space.update('invoiceitem', before.id, { object: change })
  if (draft !== null) writeLines(space, draft, 'appended')
  return row
}

/** Throws StripeRefusal when the item stands on an invoice that is no draft any more. */
export function deleteItem(space: Space, item: Row<'invoiceitem'>): void {
  const invoice = idOf(item.object.invoice)
  const draft = invoice === null ? null : getDraft(space, invoice)
  space.remove('invoiceitem', item.id)
  emit(space, { type: 'invoiceitem.deleted', object: item.object })
  if (draft !== null) writeLines(space, draft, 'appended')
}

/** How an item shows its price; one that is only an amount has no price of its own. */
export function describePricing(cost: Cost): Stripe.InvoiceItem.Pricing {
  return {
    ...(cost.price !== null && { price_details: { ...cost.price } }),
    type: 'price_details',
    unit_amount_decimal: wireDecimal(cost.unitAmount),
  }
}

/** A customer is billed in one currency; the first item sets it. */
function agreeOnCurrency(space: Space, seed: ItemSeed): string {
  const { currency } = seed.cost
  const draft = seed.invoice === null ? null : getDraft(space, seed.invoice)
  if (draft !== null && draft.object.currency !== currency) {
    const message = `The currency of the invoice item (${currency}) is not the invoice's (${draft.object.currency}).`
    throw refuse(message, { param: 'currency' })
  }
  const customer = space.get('customer', seed.customer)
  if (customer.object.currency === null) {
    const row = space.update('customer', customer.id, { object: { currency } })
    emit(space, { type: 'customer.updated', object: row.object, before: customer.object })
  }
  return currency
}
