/** What is kept of products, prices and Stripe’s own invoices. */
export interface InvoicingKinds {}

/** Fields that lists of these kinds filter by. */
export const invoicingIndexes = {} as const
