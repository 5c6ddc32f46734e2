/**
 * A space is rented out (BIL-16): one transaction under the lock of the space writes the lease, what was accepted, and the first invoice.
 * Sending the form twice gives the same lease. What surprises: what billing does here and whether a card can be charged are handed in,
 * because both are decided elsewhere and neither may be forgotten (ARC-4).
 */
import { noteAudit } from '#audit'
import { createHash } from 'node:crypto'
import { publicId, done, type Outcome, type Scope, type Uuid } from '#kernel'
import { holdRequestKey, inScope, newId, recordFact, type Clock, type Database, type ScopedHandle } from '#platform'
import { lockSpace } from '#spaces'
import { confirmLease } from './confirm-lease.ts'
import type { LeaseState } from './lease-state.ts'
import type { FirstInvoice, LeaseOnOffer } from './lease.ts'
import { composeOffer, isOfWish, type Offer, type OfferWish } from './offer.ts'
import { describeOffer, paymentGate, type CheckOutPreview, type PreviewGround } from './preview-check-out.ts'
import { refuse, type LeasesProblem } from './problems.ts'
import { findHolder, findLeaseByDraft, insertAcceptance, insertLease, isOverlap } from './store.ts'

export type CheckOutGround = PreviewGround & { readonly database: Database; readonly firstInvoice: FirstInvoice }

export type CheckOutWish = OfferWish & {
  /** Made with the form; sending it again gives the same lease. */
  readonly draftId: Uuid
  readonly renterId: Uuid
  /** What the renter typed under the agreement. */
  readonly acceptedName: string
  /** The hash of the preview that was shown. */
  readonly previewHash: string
  readonly actor: string
}

export type CheckedOut = { readonly leaseId: Uuid; readonly invoiceId: Uuid; readonly state: LeaseState }

/** Opens its own transaction, because an overlap the database refuses ends it. */
export async function checkOutSpace(
  ground: CheckOutGround,
  scope: Scope,
  wish: CheckOutWish,
): Promise<Outcome<CheckedOut, LeasesProblem>> {
  const found: { number?: string } = {}
  try {
    return await inScope(ground.database, scope, async (rows) => {
      const space = await lockSpace(rows, wish.spaceId)
      if (space) found.number = space.number
      await holdRequestKey(rows, wish.draftId)
      return (await findCheckedOut(ground, rows, wish)) ?? checkOut(ground, rows, { wish, space })
    })
  } catch (error) {
    if (isOverlap(error)) return refuse('space_taken', { field: '/spaceId', word: found.number ?? 'The space' })
    throw error
  }
}

/** What this form did when it was sent before. */
async function findCheckedOut(ground: CheckOutGround, rows: ScopedHandle, wish: CheckOutWish) {
  const lease = await findLeaseByDraft(rows, wish.draftId)
  if (!lease) return undefined
  if (!isOfWish(lease, wish)) return refuse('request_key_reused', { word: lease.spaceNumber })
  const { invoiceId } = await ground.firstInvoice(rows, { ...lease, actor: wish.actor })
  return done({ leaseId: lease.id, invoiceId, state: lease.state })
}

async function checkOut(
  ground: CheckOutGround,
  rows: ScopedHandle,
  { wish, space }: { wish: CheckOutWish; space: Offer['space'] | undefined },
): Promise<Outcome<CheckedOut, LeasesProblem>> {
  const offer = await composeOffer(rows, wish, space)
  if (!offer.ok) return offer
  const { lease, renter } = offer.value
  if (!renter) return refuse('renter_unknown', { field: '/renterId' })
  if (await findHolder(rows, { spaceId: wish.spaceId, startOn: wish.startOn })) {
    return refuse('space_taken', { field: '/spaceId', word: lease.spaceNumber })
  }
  const readiness = await ground.readPaymentReadiness(rows, renter.id)
  const gate = paymentGate(renter, readiness)
  if (gate) return refuse(gate, { field: '/renterId' })
  const preview = await describeOffer(ground, rows, offer.value)
  const fault = judgeAgreement(wish, preview)
  if (fault) return refuse(fault, { field: '/acceptance/name' })
  if (preview.previewHash !== wish.previewHash) return refuse('preview_changed')
  const leaseId = await writeLease(rows, { wish, lease, preview })
  noteAudit(rows, {
    action: 'lease.checked_out',
    object: { kind: 'lease', id: publicId('lease', leaseId) },
    after: { space: lease.spaceNumber, renter: publicId('renter', renter.id), startOn: wish.startOn },
  })
  const { invoiceId, isPaid } = await ground.firstInvoice(rows, { ...lease, id: leaseId, actor: wish.actor })
  const isPaidByHand = readiness !== 'ready' && renter.manualPaymentsAllowed
  if (isPaid || isPaidByHand) {
    const { state } = await confirmLease(rows, leaseId, wish.actor)
    return done({ leaseId, invoiceId, state })
  }
  await rows.enqueue({ name: 'leases.release-hold', id: leaseId, startAt: holdEndsAt(rows.clock) })
  return done({ leaseId, invoiceId, state: 'awaiting_payment' })
}

function judgeAgreement(wish: CheckOutWish, preview: CheckOutPreview): LeasesProblem | undefined {
  if (!preview.agreement) return 'agreement_missing'
  const name = wish.acceptedName.trim()
  return name.length < 1 || name.length > 200 ? 'acceptance_missing' : undefined
}

/** How long an unpaid first invoice holds the space (BIL-17). */
const heldForMs = 24 * 60 * 60 * 1000

function holdEndsAt(clock: Clock): Date {
  return new Date(clock.now().getTime() + heldForMs)
}

async function writeLease(
  rows: ScopedHandle,
  about: { readonly wish: CheckOutWish; readonly lease: LeaseOnOffer; readonly preview: CheckOutPreview },
): Promise<Uuid> {
  const { wish, lease, preview } = about
  const { agreement } = preview
  if (!agreement) throw new Error('a lease without an agreement reached the database')
  const id = newId(rows.clock)
  const { draftId, spaceId, renterId, actor } = wish
  const heldUntil = holdEndsAt(rows.clock)
  const known = { id, draftId, spaceId, renterId, agreementVersionId: agreement.id, heldUntil, createdBy: actor }
  await insertLease(rows, { ...lease, ...known, state: 'awaiting_payment' })
  await insertAcceptance(rows, {
    id: newId(rows.clock),
    leaseId: id,
    versionId: agreement.id,
    actor,
    renderedText: agreement.text,
    renderedSha256: createHash('sha256').update(agreement.text).digest('hex'),
    acceptedName: wish.acceptedName.trim(),
  })
  await recordFact(rows, { name: 'agreement.accepted', ids: { lease: id, renter: renterId }, actor })
  return id
}
