/** What is kept of products, prices and Stripe’s own invoices. */
import type Stripe from 'stripe'

type Nothing = Readonly<Record<string, never>>

export interface InvoicingKinds {
  product: { object: Stripe.Product; hidden: Nothing }
  price: { object: Stripe.Price; hidden: Nothing }
  invoiceitem: {
    object: Stripe.InvoiceItem
    hidden: {
      /** It waited for an invoice before: it does so again when the draft that took it is deleted. */
      readonly wasPending: boolean
    }
  }
  invoice: {
    object: Stripe.Invoice
    hidden: { /** All lines; the object shows the first ten. */ readonly lines: readonly Stripe.InvoiceLineItem[] }
  }
  invoice_payment: { object: Stripe.InvoicePayment; hidden: Nothing }
}

/** Fields that lists of these kinds filter by. */
export const invoicingIndexes = {
  price: ['product'],
  invoiceitem: ['customer', 'invoice'],
  invoice: ['customer'],
  invoice_payment: ['invoice'],
} as const
