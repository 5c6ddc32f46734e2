/** An invoice written by hand in Stripe's dashboard: a customer, a line, and the invoice sent off (stripe.md: invoice events). */
import type { Dashboard } from './dashboard.ts'
import type { OwnerAnswer } from './owner.ts'
import type { Place } from './views.ts'

export interface InvoiceByHand extends Place {
  readonly email: string
  readonly description: string
  readonly currency: string
  /** Smallest units. */
  readonly amount: number
}

/** Answers the finalised invoice, or the first refusal; what was made before it stays, as at Stripe. */
export function issueInvoice(dashboard: Dashboard, wish: InvoiceByHand): OwnerAnswer {
  const { account, mode, email, description, currency, amount } = wish
  const act = (path: string, parameters: Readonly<Record<string, unknown>>): OwnerAnswer =>
    dashboard.act({ account, mode, method: 'POST', path, parameters })
  const customer = act('/v1/customers', { email })
  if (customer.status !== 200) return customer
  const invoice = act('/v1/invoices', {
    customer: customer.body['id'],
    currency,
    collection_method: 'send_invoice',
    days_until_due: 7,
  })
  if (invoice.status !== 200) return invoice
  const { id } = invoice.body
  const line = act('/v1/invoiceitems', { customer: customer.body['id'], invoice: id, amount, currency, description })
  return line.status === 200 ? act(`/v1/invoices/${String(id)}/finalize`, {}) : line
}
