/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { invoiceItems } from './invoice-item.ts'
import { invoicePayments } from './invoice-payment.ts'
import { invoices } from './invoice.ts'
import { paymentPages } from './payment-page.ts'
import { prices } from './catalogue/price.ts'
import { products } from './catalogue/product.ts'

export const invoicingModules: readonly ObjectModule[] = [
  invoiceItems,
  invoicePayments,
  invoices,
  paymentPages,
  prices,
  products,
]
