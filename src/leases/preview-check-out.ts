/**
 * What a check-out would do, without doing it (UI-41, UI-192): the first invoice line by line, the next three, what is missing, and a
 * hash. The check-out computes the same again and refuses when the hash differs, so nobody agrees to what they did not see.
 */
import { createHash } from 'node:crypto'
import { done, formatMoney, type Outcome } from '#kernel'
import { getCompany } from '#operators'
import type { ScopedHandle } from '#platform'
import { findSpace, intervalLabel } from '#spaces'
import { renderAgreement } from './agreement.ts'
import type { PaymentReadiness, PreviewedInvoice, PreviewFirstInvoice, ReadPaymentReadiness } from './lease.ts'
import { composeOffer, notesOf, type Offer, type OfferWish } from './offer.ts'
import { bannerOf, refuse, type LeasesProblem } from './problems.ts'
import { obstacleOf } from './space-standing.ts'
import { findCurrentAgreement, findHolder, type AgreementVersion } from './store.ts'
import { dateText } from './words.ts'

export type PreviewGround = {
  readonly previewFirstInvoice: PreviewFirstInvoice
  readonly readPaymentReadiness: ReadPaymentReadiness
}

export type CheckOutPreview = {
  readonly invoice: PreviewedInvoice
  readonly notes: readonly string[]
  /** What is still missing; the check-out is refused while one stands here. */
  readonly banners: readonly { readonly code: string; readonly title: string; readonly text: string }[]
  readonly previewHash: string
  readonly agreement?: { readonly id: string; readonly version: number; readonly title: string; readonly text: string }
}

/** Refused for what cannot be previewed at all, such as a start in the past or a space that is taken. */
export async function previewCheckOut(
  ground: PreviewGround,
  rows: ScopedHandle,
  wish: OfferWish,
): Promise<Outcome<CheckOutPreview, LeasesProblem>> {
  const offer = await composeOffer(rows, wish, await findSpace(rows, wish.spaceId))
  if (!offer.ok) return offer
  const holder = await findHolder(rows, { spaceId: wish.spaceId, startOn: wish.startOn })
  if (holder) {
    const word = obstacleOf(offer.value.space.number, { lease: holder, today: offer.value.today })
    return refuse('space_not_available', { field: '/spaceId', word })
  }
  return done(await describeOffer(ground, rows, offer.value))
}

/** The preview of an offer that stands; the check-out compares its hash. */
export async function describeOffer(ground: PreviewGround, rows: ScopedHandle, offer: Offer): Promise<CheckOutPreview> {
  const invoice = await ground.previewFirstInvoice(rows, offer.lease)
  const version = await findCurrentAgreement(rows, offer.today)
  const agreement = version && (await renderFor(rows, offer, version))
  const readiness = offer.renter && (await ground.readPaymentReadiness(rows, offer.renter.id))
  const seen = { lease: offer.lease, invoice, agreement }
  return {
    invoice,
    notes: notesOf(offer),
    banners: bannersOf(offer, { readiness, agreement }),
    previewHash: hashOf(seen),
    ...(agreement && { agreement }),
  }
}

function bannersOf(offer: Offer, about: { readiness: PaymentReadiness | undefined; agreement: object | undefined }) {
  const gate = offer.renter && about.readiness && paymentGate(offer.renter, about.readiness)
  return [...(gate ? [bannerOf(gate)] : []), bannerOf(about.agreement ? 'acceptance_missing' : 'agreement_missing')]
}

/** BIL-8: a renter may rent when they can be charged, or may pay by hand. */
export function paymentGate(renter: { readonly manualPaymentsAllowed: boolean }, readiness: PaymentReadiness) {
  if (readiness === 'ready' || renter.manualPaymentsAllowed) return undefined
  return readiness === 'no_method' ? 'payment_method_required' : 'payments_not_connected'
}

async function renderFor(rows: ScopedHandle, offer: Offer, version: AgreementVersion) {
  const company = await getCompany(rows)
  const { lease, renter, space, location } = offer
  const money = (amountMinor: bigint) => formatMoney({ amountMinor, currency: lease.currency }, company.locale)
  const text = renderAgreement(version.content, {
    'operator.name': company.legalName || company.name,
    'renter.name': renter?.name ?? '',
    'renter.business_name': renter?.businessName ?? '',
    'renter.address': renter?.billingAddress ?? '',
    'renter.email': renter?.email ?? '',
    'space.number': space.number,
    'category.name': space.category.name,
    'location.name': location.name,
    rent: money(lease.priceMinor),
    interval: intervalLabel(lease.interval),
    deposit: money(lease.depositMinor),
    start_date: dateText(lease.startOn),
  })
  return { id: version.id, version: version.version, title: version.title, text }
}

function hashOf(seen: object): string {
  const text = JSON.stringify(seen, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  return createHash('sha256').update(text).digest('hex')
}
