/**
 * Dated API versions (SBX-12). Objects are kept and rendered in the shape of the pinned version; older versions differ
 * only where the difference reaches this sandbox's users, and nowhere else.
 */
import { accountDefaultVersion, firstVersionWithoutPaymentMethodTypes, lastVersionWithInvoiceLinks } from '../facts.ts'
import { refuse } from '../errors.ts'
import { idOf } from '../parts/reference.ts'
import type { Space } from '../world/space.ts'
import { knownVersions } from './known-names.ts'

const places = new Map(knownVersions.map((version, place) => [version, place]))

function placeOf(version: string): number {
  return places.get(version) ?? -1
}

/** The version a request is answered in. Throws StripeRefusal for a name Stripe never released. */
export function readVersion(header: string | undefined): string {
  if (header === undefined || header === '') return accountDefaultVersion
  if (!places.has(header)) throw refuse(`Invalid Stripe API version: ${header}`)
  return header
}

/** What every answer says its version is, refusals of keys included. */
export function versionToEcho(header: string | undefined): string {
  return header !== undefined && places.has(header) ? header : accountDefaultVersion
}

export function isKnownVersion(version: string): boolean {
  return places.has(version)
}

export function refusesPaymentMethodTypes(version: string): boolean {
  return placeOf(version) >= placeOf(firstVersionWithoutPaymentMethodTypes)
}

type Json = Readonly<Record<string, unknown>>

/**
 * The object as that version shows it. Applied to each object of a reply, expanded ones included, and to those in events.
 * Up to 2023-08-16 an invoice and what paid it name each other; later versions have `invoice_payments` for that.
 */
export function renderFor(version: string, object: Json, space: Space): Record<string, unknown> {
  const removed = placeOf(version) <= placeOf(lastVersionWithInvoiceLinks) ? linksOf(object, space) : {}
  return { ...object, ...removed }
}

function linksOf(object: Json, space: Space): Json {
  switch (object['object']) {
    case 'payment_intent':
      return { invoice: invoiceOf(space, object['id']) }
    case 'charge':
      return { invoice: invoiceOf(space, object['payment_intent']) }
    case 'invoice':
      return { paid: object['status'] === 'paid', ...paymentOf(space, object['id']) }
    default:
      return {}
  }
}

function invoiceOf(space: Space, intentId: unknown): string | null {
  return space.find('payment_intent', String(intentId))?.hidden.invoice ?? null
}

/** The intent of the invoice's default payment, and its last charge. */
function paymentOf(space: Space, invoiceId: unknown): Json {
  const [payment] = space.oldestFirst('invoice_payment', { by: ['invoice', String(invoiceId)] })
  const intentId = idOf(payment?.object.payment.payment_intent)
  const intent = intentId === null ? undefined : space.find('payment_intent', intentId)
  return { payment_intent: intent?.id ?? null, charge: idOf(intent?.object.latest_charge) }
}
