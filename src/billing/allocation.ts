/**
 * Money meets an invoice (P12), or leaves it again (P13). Append-only: a reversal is a row of its own (BIL-66). Inside an invoice money
 * fills rent and other lines before the deposit, so the deposit is collected last (BIL-65).
 */
import { assert, done, type LocalDate, type Outcome, type Uuid } from '#kernel'
import { findPosted, post, readBalance, reverse, type Line } from '#ledger'
import { newId, recordFact, type ScopedHandle } from '#platform'
import { mayStep } from './invoice-state.ts'
import { openBeforeDepositMinor } from './invoice.ts'
import { refuse } from './problems.ts'
import { findAllocation, findDepositOfInvoice, insertAllocation, lockInvoice, updateStatus } from './store.ts'

type Applied = { readonly allocatedMinor: bigint; readonly isPaid: boolean; readonly allocationId?: Uuid }

/**
 * Puts as much of a payment on an invoice as it is owed. What is left stays in `unapplied_payments`; for a void or paid invoice that is
 * all of it (BIL-69). The payment's own entry (P6 or P10) is posted first.
 * @param money `amountMinor` is what may be used of the payment, at most what of it is unapplied.
 */
export async function allocatePayment(
  rows: ScopedHandle,
  money: {
    readonly paymentId: Uuid
    readonly invoiceId: Uuid
    readonly renterId: Uuid
    readonly amountMinor: bigint
    readonly currency: string
    readonly effectiveOn: LocalDate
    readonly actor: string
  },
): Promise<Applied> {
  const invoice = await lockInvoice(rows, money.invoiceId)
  const unapplied = { account: 'unapplied_payments', subjectId: money.paymentId, currency: money.currency } as const
  assert(-(await readBalance(rows, unapplied)) >= money.amountMinor, 'more is allocated than the payment has left')
  assert(invoice.currency === money.currency, 'a payment is allocated to an invoice of another currency')
  const amountMinor = money.amountMinor < invoice.openMinor ? money.amountMinor : invoice.openMinor
  if (invoice.status !== 'open' || amountMinor <= 0n) return { allocatedMinor: 0n, isPaid: invoice.status === 'paid' }
  const beforeDeposit = openBeforeDepositMinor(invoice)
  const depositMinor = amountMinor > beforeDeposit ? amountMinor - beforeDeposit : 0n
  const id = newId(rows.clock)
  await insertAllocation(rows, { id, paymentId: money.paymentId, invoiceId: invoice.id, amountMinor, depositMinor })
  const depositId = depositMinor > 0n ? (await findDepositOfInvoice(rows, invoice.id))?.id : undefined
  await post(rows, {
    rule: 'P12',
    cause: { kind: 'allocation', id, step: 'applied' },
    effectiveOn: money.effectiveOn,
    actor: money.actor,
    lines: linesOf({ ...money, amountMinor, depositMinor, depositId, leaseId: invoice.leaseId }),
  })
  const isPaid = amountMinor === invoice.openMinor
  if (isPaid) await becomePaid(rows, { ...money, leaseId: invoice.leaseId })
  return { allocatedMinor: amountMinor, isPaid, allocationId: id }
}

async function becomePaid(
  rows: ScopedHandle,
  paid: { invoiceId: Uuid; renterId: Uuid; leaseId: Uuid | undefined; actor: string },
): Promise<void> {
  await updateStatus(rows, { id: paid.invoiceId, status: 'paid' })
  const ids = { invoice: paid.invoiceId, renter: paid.renterId, ...(paid.leaseId && { lease: paid.leaseId }) }
  await recordFact(rows, { name: 'invoice.paid', ids, actor: paid.actor })
}

function linesOf(about: {
  readonly paymentId: Uuid
  readonly invoiceId: Uuid
  readonly renterId: Uuid
  readonly leaseId: Uuid | undefined
  readonly currency: string
  readonly amountMinor: bigint
  readonly depositMinor: bigint
  readonly depositId: Uuid | undefined
}): Line[] {
  const { currency, amountMinor, depositMinor, depositId } = about
  const who = { currency, renterId: about.renterId, ...(about.leaseId && { leaseId: about.leaseId }) }
  const lines: Line[] = [
    { ...who, account: 'unapplied_payments', amountMinor, subjectId: about.paymentId },
    { ...who, account: 'receivable', amountMinor: -amountMinor, subjectId: about.invoiceId },
  ]
  if (depositMinor === 0n) return lines
  assert(depositId, 'money fell on a deposit line of an invoice without a deposit')
  return [
    ...lines,
    { ...who, account: 'deposits_charged', amountMinor: depositMinor, subjectId: depositId },
    { ...who, account: 'deposits_held', amountMinor: -depositMinor, subjectId: depositId },
  ]
}

/**
 * Takes one allocation back: the money is unapplied again and the invoice owes it again. @throws when there is no such allocation.
 * Refused when the deposit it paid was used since.
 */
export async function reverseAllocation(
  rows: ScopedHandle,
  wish: { readonly allocationId: Uuid; readonly effectiveOn: LocalDate; readonly actor: string },
): Promise<
  Outcome<{ readonly reversedMinor: bigint; readonly isReopened: boolean }, 'deposit_used' | 'allocation_reversed'>
> {
  const found = await findAllocation(rows, wish.allocationId)
  assert(found, `there is no allocation ${wish.allocationId}`)
  const invoice = await lockInvoice(rows, found.invoiceId)
  const allocation = await findAllocation(rows, wish.allocationId)
  if (!allocation || allocation.isReversed) return refuse('allocation_reversed')
  if (await isDepositUsed(rows, { ...allocation, currency: invoice.currency })) return refuse('deposit_used')
  const id = newId(rows.clock)
  const { paymentId, invoiceId, amountMinor, depositMinor } = allocation
  await insertAllocation(rows, {
    id,
    paymentId,
    invoiceId,
    reversesId: allocation.id,
    amountMinor: -amountMinor,
    depositMinor: -depositMinor,
  })
  const applied = await findPosted(rows, { kind: 'allocation', id: allocation.id, step: 'applied' })
  assert(applied, `the allocation ${allocation.id} was never posted`)
  await reverse(rows, {
    rule: 'P13',
    cause: { kind: 'allocation', id: allocation.id, step: 'reversed' },
    reversesEntryId: applied.id,
    effectiveOn: wish.effectiveOn,
    actor: wish.actor,
  })
  const isReopened = mayStep(invoice.status, 'open') && invoice.status === 'paid'
  if (isReopened) {
    await updateStatus(rows, { id: invoice.id, status: 'open' })
    await recordFact(rows, {
      name: 'invoice.reopened',
      ids: { invoice: invoice.id, renter: invoice.renterId },
      actor: wish.actor,
    })
  }
  return done({ reversedMinor: amountMinor, isReopened })
}

async function isDepositUsed(
  rows: ScopedHandle,
  paid: { invoiceId: Uuid; depositMinor: bigint; currency: string },
): Promise<boolean> {
  if (paid.depositMinor === 0n) return false
  const deposit = await findDepositOfInvoice(rows, paid.invoiceId)
  if (!deposit) return true
  const about = { account: 'deposits_held', subjectId: deposit.id, currency: paid.currency } as const
  return -(await readBalance(rows, about)) < paid.depositMinor
}
