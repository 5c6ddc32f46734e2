/**
 * Dated API versions (SBX-12). Objects are kept and rendered in the shape of the pinned version; older versions differ
 * only where the difference reaches this sandbox's users, and nowhere else.
 */
import { accountDefaultVersion, firstVersionWithoutPaymentMethodTypes, lastVersionWithInvoiceLinks } from '../facts.ts'
import { refuse } from '../errors.ts'
import { withInvoiceLinks } from '../invoicing/old-versions.ts'
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

export function isKnownVersion(version: string): boolean {
  return places.has(version)
}

export function refusesPaymentMethodTypes(version: string): boolean {
  return placeOf(version) >= placeOf(firstVersionWithoutPaymentMethodTypes)
}

/** The object as that version shows it. Applied to each object of a reply, expanded ones included. */
export function renderFor(
  version: string,
  space: Space,
  object: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isOld = placeOf(version) <= placeOf(lastVersionWithInvoiceLinks)
  return { ...(isOld ? withInvoiceLinks(space, object) : object) }
}
