/**
 * What versions up to 2023-08-16 show besides: an invoice its payment, a payment its invoice (SBX-12). The pinned version
 * joins the two by invoice payments only, so the links are looked up when somebody asks in an old version.
 */
import { idOf } from '../parts/reference.ts'
import type { Space } from '../world/space.ts'

type Json = Readonly<Record<string, unknown>>

export interface InvoiceLinks {
  readonly payment_intent: string | null
  readonly charge: string | null
}

/** The invoice with the fields it had before invoice payments. */
export function invoiceForOldVersion(invoice: Json, links: InvoiceLinks): Json {
  return { ...invoice, ...links, paid: invoice['status'] === 'paid' }
}

/** The object as an old version shows it; others than invoices and their payments are the same in all. */
export function withInvoiceLinks(space: Space, object: Json): Json {
  if (object['object'] === 'invoice') return invoiceForOldVersion(object, findLinks(space, String(object['id'])))
  if (object['object'] === 'payment_intent') return { ...object, invoice: invoiceOf(space, object['id']) }
  if (object['object'] === 'charge') return { ...object, invoice: invoiceOf(space, object['payment_intent']) }
  return object
}

function invoiceOf(space: Space, intent: unknown): string | null {
  const id = idOf(intent as string | { id: string } | null | undefined)
  return id === null ? null : (space.find('payment_intent', id)?.hidden.invoice ?? null)
}

function findLinks(space: Space, invoice: string): InvoiceLinks {
  const [payment] = space.oldestFirst('invoice_payment', { by: ['invoice', invoice] })
  const intent = idOf(payment?.object.payment.payment_intent)
  const charge = intent === null ? null : idOf(space.find('payment_intent', intent)?.object.latest_charge)
  return { payment_intent: intent, charge }
}
