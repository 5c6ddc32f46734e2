/**
 * Money meets an invoice (P12), or leaves it again (P13). Append-only: a reversal is a row of its own (BIL-66). Inside an invoice money
 * fills rent and other lines before the deposit, so the deposit is collected last (BIL-65).
 */
import { assert, done, type LocalDate, type Outcome, type Uuid } from '#kernel'
import { findPosted, postAll, readBalance, reverse, type Balance, type Entry, type Line } from '#ledger'
import { newId, recordFact, recordFacts, type NewFact, type ScopedHandle } from '#platform'
import { mayStep } from './invoice-state.ts'
import { openBeforeDepositMinor, type Allocation, type Invoice } from './invoice.ts'
import { refuse } from './problems.ts'
import {
  findAllocation,
  findDepositOfInvoice,
  insertAllocations,
  listDepositsOfInvoices,
  lockInvoice,
  updateStatus,
} from './store.ts'

type Applied = { readonly allocatedMinor: bigint; readonly isPaid: boolean; readonly allocationId?: Uuid }

/** Money to be put on an invoice that is locked. */
export type MoneyIn = {
  readonly paymentId: Uuid
  readonly renterId: Uuid
  /** What may be used of the payment, at most what of it is unapplied. */
  readonly amountMinor: bigint
  readonly currency: string
  readonly effectiveOn: LocalDate
  readonly actor: string
}

/** What becomes of money on an invoice, before anything is written: the entry goes to the ledger with those around it (PERF-53). */
export type PlannedAllocation = {
  readonly allocation?: Omit<Allocation, 'isReversed' | 'createdAt'>
  readonly entry?: Entry
  readonly money: MoneyIn
  readonly invoice: Invoice
  readonly isPaid: boolean
}

/**
 * Puts as much of a payment on an invoice as it is owed. What is left stays in `unapplied_payments`; for a void or paid invoice that is
 * all of it (BIL-69). The payment's own entry (P6 or P10) is posted first.
 */
export async function allocatePayment(
  rows: ScopedHandle,
  money: MoneyIn & { readonly invoiceId: Uuid },
): Promise<Applied> {
  const invoice = await lockInvoice(rows, money.invoiceId)
  const plans = await planAllocations(rows, [{ money, invoice }])
  const { balances } = await postAll(
    rows,
    plans.flatMap(({ entry }) => entry ?? []),
  )
  await recordFacts(rows, await writeAllocations(rows, plans, balances))
  const [plan] = plans
  assert(plan, 'an allocation was planned and is not there')
  const { allocation, isPaid } = plan
  return { allocatedMinor: allocation?.amountMinor ?? 0n, isPaid, ...(allocation && { allocationId: allocation.id }) }
}

/** As `allocatePayment`, for payments of different invoices, each as it stands under its lock; the caller posts the entries and writes. */
export async function planAllocations(
  rows: ScopedHandle,
  wishes: readonly { readonly money: MoneyIn; readonly invoice: Invoice }[],
): Promise<readonly PlannedAllocation[]> {
  const split = wishes.map((wish) => ({ ...wish, ...splitOf(wish) }))
  const withDeposit = split.filter(({ depositMinor }) => depositMinor > 0n).map(({ invoice }) => invoice.id)
  const deposits = await listDepositsOfInvoices(rows, withDeposit)
  return split.map(({ money, invoice, amountMinor, depositMinor }) => {
    if (amountMinor === 0n) return { money, invoice, isPaid: invoice.status === 'paid' }
    const id = newId(rows.clock)
    const { paymentId } = money
    const allocation = { id, paymentId, invoiceId: invoice.id, amountMinor, depositMinor }
    const depositId = deposits.find(({ invoiceId }) => invoiceId === invoice.id)?.id
    const entry = {
      rule: 'P12',
      cause: { kind: 'allocation', id, step: 'applied' },
      effectiveOn: money.effectiveOn,
      actor: money.actor,
      lines: linesOf({
        ...money,
        invoiceId: invoice.id,
        amountMinor,
        depositMinor,
        depositId,
        leaseId: invoice.leaseId,
      }),
    }
    return { money, invoice, allocation, entry, isPaid: amountMinor === invoice.openMinor }
  })
}

function splitOf({ money, invoice }: { readonly money: MoneyIn; readonly invoice: Invoice }) {
  assert(invoice.currency === money.currency, 'a payment is allocated to an invoice of another currency')
  const amountMinor = money.amountMinor < invoice.openMinor ? money.amountMinor : invoice.openMinor
  if (invoice.status !== 'open' || amountMinor <= 0n) return { amountMinor: 0n, depositMinor: 0n }
  const beforeDeposit = openBeforeDepositMinor(invoice)
  return { amountMinor, depositMinor: amountMinor > beforeDeposit ? amountMinor - beforeDeposit : 0n }
}

/**
 * Writes what was planned, once its entries are posted. @param balances what the posting changed. @returns the facts to be recorded.
 * @throws when more was allocated than a payment had left.
 */
export async function writeAllocations(
  rows: ScopedHandle,
  plans: readonly PlannedAllocation[],
  balances: readonly Balance[],
): Promise<readonly NewFact[]> {
  const applied = plans.filter(({ allocation }) => allocation)
  for (const { money, allocation } of applied) {
    const left = balances.find(
      ({ account, subjectId }) => account === 'unapplied_payments' && subjectId === money.paymentId,
    )
    const unusedMinor = money.amountMinor - allocation!.amountMinor
    assert(left && -left.balanceMinor >= unusedMinor, 'more is allocated than the payment has left')
  }
  const paid = applied.filter(({ isPaid }) => isPaid)
  if (applied.length > 0)
    await insertAllocations(rows, {
      allocations: applied.map(({ allocation }) => allocation!),
      paidIds: paid.map(({ invoice }) => invoice.id),
    })
  return paid.map(({ invoice, money }) => ({
    name: 'invoice.paid',
    ids: { invoice: invoice.id, renter: money.renterId, ...(invoice.leaseId && { lease: invoice.leaseId }) },
    actor: money.actor,
  }))
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
  const reversal = { id, paymentId, invoiceId, reversesId: allocation.id }
  await insertAllocations(rows, {
    allocations: [{ ...reversal, amountMinor: -amountMinor, depositMinor: -depositMinor }],
    paidIds: [],
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
