/**
 * The one command that voids an invoice (MON-52): for staff, for a cancelled lease, for every path there will be. What surprises: the
 * number stays used, the entry is mirrored and not removed, and the books are told by a parameter nobody can leave out.
 */
import { noteAudit } from '#audit'
import { publicId, assert, done, type Outcome, type Uuid } from '#kernel'
import { cancelLease, getLease } from '#leases'
import { findPosted, reverse } from '#ledger'
import { newId, recordFact, type ScopedHandle } from '#platform'
import { getLocation, todayAt } from '#spaces'
import { judgeAction } from './invoice-state.ts'
import type { Books, Invoice } from './invoice.ts'
import { refuse, type BillingProblem } from './problems.ts'
import { lockInvoice, updateVoided } from './store.ts'

/**
 * Voids an open invoice without money or credit on it. A lease that waits for this invoice ends with it (BIL-17): cancelled, or abandoned
 * where `leaseEnds` says that its held time ran out.
 * @param command `inFlight` counts payments of this invoice that may still succeed; `payments` knows. @throws on an unknown invoice.
 */
export async function voidInvoice(command: {
  readonly rows: ScopedHandle
  readonly invoiceId: Uuid
  readonly reason: string
  readonly actor: string
  readonly books: Books
  readonly inFlight: number
  readonly leaseEnds?: 'cancelled' | 'abandoned'
}): Promise<Outcome<Invoice, BillingProblem>> {
  const { rows, actor, books } = command
  const reason = command.reason.trim()
  if (reason.length < 1 || reason.length > 500) return refuse('void_reason_missing', { field: '/reason' })
  const invoice = await lockInvoice(rows, command.invoiceId)
  const fault = judgeVoid(invoice, command.inFlight)
  if (fault) return refuse(fault)
  const told = await books.recordVoid(rows, invoice)
  await updateVoided(rows, { id: newId(rows.clock), invoiceId: invoice.id, reason, actor, ...told })
  await mirrorEntry(rows, invoice, actor)
  const ids = { invoice: invoice.id, renter: invoice.renterId, ...(invoice.leaseId && { lease: invoice.leaseId }) }
  await recordFact(rows, { name: 'invoice.voided', ids, actor })
  noteAudit(rows, {
    action: 'invoice.voided',
    object: { kind: 'invoice', id: publicId('invoice', invoice.id) },
    before: { status: invoice.status },
    after: { status: 'void', reason },
  })
  if (invoice.leaseId !== undefined && invoice.kind === 'check_out') {
    const lease = await getLease(rows, invoice.leaseId)
    if (lease.state === 'awaiting_payment')
      await cancelLease(rows, { leaseId: lease.id, actor, ends: command.leaseEnds })
  }
  return done(await lockInvoice(rows, invoice.id))
}

function judgeVoid(invoice: Invoice, inFlight: number): BillingProblem | undefined {
  if (invoice.allocatedMinor !== 0n || invoice.creditedMinor !== 0n || invoice.appliedCreditMinor !== 0n) {
    return 'void_has_payments'
  }
  if (judgeAction(invoice.status, 'void')) return 'void_not_open'
  return inFlight > 0 ? 'void_payment_running' : undefined
}

/** P2. */
async function mirrorEntry(rows: ScopedHandle, invoice: Invoice, actor: string): Promise<void> {
  const posted = await findPosted(rows, { kind: 'invoice', id: invoice.id, step: 'finalised' })
  assert(posted, `the open invoice ${invoice.id} was never posted`)
  await reverse(rows, {
    rule: 'P2',
    cause: { kind: 'invoice', id: invoice.id, step: 'voided' },
    reversesEntryId: posted.id,
    effectiveOn: todayAt(await getLocation(rows), rows.clock),
    actor,
  })
}
