/**
 * Draft invoices: how they begin, which items stand on them, what they add up to. A line keeps its id as long as its item
 * stays; the lines of items that had waited come first, newest first, later ones follow in the order they were added.
 */
import type Stripe from 'stripe'
import { notSupported, refuse } from '../errors.ts'
import { deletedDraftFreesItems, invoiceFinalizesAfterMs } from '../facts.ts'
import { emit } from '../objects/event.ts'
import { getByParameter, idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { blankInvoice } from './blank-invoice.ts'
import type { InvoiceSeed } from './blank-invoice.ts'
import { changes } from './catalogue/records.ts'

const mostItems = 250
const shownLines = 10

/** Writes a draft, takes up what waits for the customer if asked, and tells of it. */
export function createDraft(space: Space, seed: InvoiceSeed & { readonly takesPending: boolean }): Row<'invoice'> {
  const blank = blankInvoice(space, seed)
  const draft = space.insert('invoice', blank.id, { object: blank, hidden: { lines: [] } })
  if (seed.takesPending) takePendingItems(space, draft)
  const row = writeLines(space, draft, 'silently')
  emit(space, { type: 'invoice.created', object: row.object })
  scheduleAdvance(space, row)
  return row
}

/** Throws StripeRefusal when the invoice is unknown or no draft any more. */
export function getDraft(space: Space, invoice: string): Row<'invoice'> {
  const row = getByParameter(space, 'invoice', { id: invoice, param: 'invoice' })
  if (row.object.status !== 'draft') throw notEditable()
  return row
}

export function notEditable(): Error {
  return refuse("This invoice is no longer editable; it isn't a draft any more.", { code: 'invoice_not_editable' })
}

/** Writes a change of the invoice itself and tells of it, unless it changes nothing. */
export function changeInvoice(space: Space, before: Row<'invoice'>, change: Partial<Stripe.Invoice>): Row<'invoice'> {
  if (!changes(before.object, change)) return before
  const row = space.update('invoice', before.id, { object: change })
  emit(space, { type: 'invoice.updated', object: row.object, before: before.object })
  return row
}

/** Builds lines and sums anew from the draft's items. */
export function writeLines(space: Space, draft: Row<'invoice'>, how: 'silently' | 'appended'): Row<'invoice'> {
  const items = [...space.oldestFirst('invoiceitem', { by: ['invoice', draft.id] })]
  if (items.length > mostItems) throw refuse(`An invoice can have at most ${mostItems} items.`, { param: 'invoice' })
  const waited = items.filter(({ hidden }) => hidden.wasPending).toReversed()
  const ordered = [...waited, ...items.filter(({ hidden }) => !hidden.wasPending)]
  const lines = ordered.map(({ object }) => buildLine(space, draft, object))
  space.update('invoice', draft.id, { hidden: { lines } })
  const change = { ...describeSums(lines), lines: shortList(draft.id, lines) }
  if (how === 'appended') return changeInvoice(space, draft, change)
  return space.update('invoice', draft.id, { object: change })
}

/** Removes a draft for good. What had waited for an invoice waits again [U]; what was made for this one goes with it. */
export function deleteDraft(space: Space, draft: Row<'invoice'>): void {
  if (draft.object.status !== 'draft') {
    throw refuse('You can only delete draft invoices.', { code: 'invoice_not_editable' })
  }
  for (const item of space.oldestFirst('invoiceitem', { by: ['invoice', draft.id] })) {
    if (deletedDraftFreesItems && item.hidden.wasPending)
      space.update('invoiceitem', item.id, { object: { invoice: null } })
    else space.remove('invoiceitem', item.id)
  }
  space.world.cancelTimer(space, advanceTimerOf(draft.id))
  space.remove('invoice', draft.id)
  emit(space, { type: 'invoice.deleted', object: draft.object })
}

/** A draft that advances by itself is finalized an hour after it was made, or when it was told. */
export function scheduleAdvance(space: Space, draft: Row<'invoice'>): void {
  const at = draft.object.automatically_finalizes_at
  space.world.cancelTimer(space, advanceTimerOf(draft.id))
  if (at === null) return
  const timer = { dueAt: at * 1000, action: 'invoice.advance', subject: draft.id }
  space.world.schedule(space, timer, advanceTimerOf(draft.id))
}

export function finalizesAt(createdAt: number): number {
  return createdAt + invoiceFinalizesAfterMs / 1000
}

export function advanceTimerOf(invoice: string): string {
  return `advance_${invoice}`
}

function takePendingItems(space: Space, draft: Row<'invoice'>): void {
  const { customer, currency } = draft.object
  const waiting = [...space.oldestFirst('invoiceitem', { by: ['customer', idOf(customer) ?? ''] })].filter(
    ({ object }) => object.invoice === null && object.currency === currency,
  )
  for (const item of waiting) space.update('invoiceitem', item.id, { object: { invoice: draft.id } })
}

function buildLine(space: Space, draft: Row<'invoice'>, item: Stripe.InvoiceItem): Stripe.InvoiceLineItem {
  const before = space.get('invoice', draft.id).hidden.lines.find((line) => itemOf(line) === item.id)
  return {
    id: before?.id ?? space.world.ids.id('il'),
    object: 'line_item',
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    discount_amounts: [],
    discountable: item.discountable,
    discounts: [],
    invoice: draft.id,
    livemode: space.isLive,
    metadata: { ...item.metadata },
    parent: {
      invoice_item_details: { invoice_item: item.id, proration: false, proration_details: null, subscription: null },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    period: item.period,
    pretax_credit_amounts: [],
    pricing: item.pricing,
    quantity: item.quantity,
    quantity_decimal: item.quantity_decimal,
    subscription: null,
    subtotal: item.amount,
    taxes: [],
  }
}

function itemOf(line: Stripe.InvoiceLineItem): string | undefined {
  return line.parent?.invoice_item_details?.invoice_item
}

function describeSums(lines: readonly Stripe.InvoiceLineItem[]): Partial<Stripe.Invoice> {
  const total = lines.reduce((sum, line) => sum + line.amount, 0)
  if (!Number.isSafeInteger(total)) throw notSupported('invoices over more than can be counted')
  const due = Math.max(total, 0)
  return {
    amount_due: due,
    amount_remaining: due,
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  }
}

function shortList(invoice: string, lines: readonly Stripe.InvoiceLineItem[]): Stripe.Invoice['lines'] {
  return {
    object: 'list',
    data: lines.slice(0, shownLines),
    has_more: lines.length > shownLines,
    url: `/v1/invoices/${invoice}/lines`,
  }
}
