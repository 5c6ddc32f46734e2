/**
 * The postings of money in (money.md P6, P7, P10), and what news of payments come to before it is written: gathered first, it is written by
 * one statement for each table (PERF-53). What surprises is the mirror rule (MON-6): Stripe's own balance is written only from
 * its balance transactions. A succeeded payment waits in `charges_unsettled` until Stripe has booked it, in either order.
 */
import { listInvoicesById, planAllocations, writeAllocations, type Invoice } from '#billing'
import { assert, localDateAt, type LocalDate } from '#kernel'
import { confirmLease } from '#leases'
import { post, postAll, type Entry, type Line } from '#ledger'
import { recordFacts, type JobOfRow, type NewFact, type ScopedHandle } from '#platform'
import { getLocation } from '#spaces'
import type { BalanceTransactionSeen } from '#stripe'
import type { CallEnd, NewAttempt } from './money-call-store.ts'
import type { Payment } from './payment.ts'
import type { PaymentChange } from './store.ts'

type Received = { readonly payment: Payment; readonly actor: string }
type Charged = Received & { readonly connectionId: string; readonly transaction: BalanceTransactionSeen }

/** What news come to, before anything is written. */
export type Effects = {
  readonly changes: Map<string, PaymentChange>
  /** Adds to what changes on the payment. */
  change(payment: Payment, change: PaymentChange): void
  readonly attempts: NewAttempt[]
  /** Confirmations that turn out to have succeeded. */
  /** Calls that turn out to have done what they were for. */
  readonly confirmed: CallEnd[]
  readonly unusable: { readonly methodId: string; readonly reason: string }[]
  readonly facts: NewFact[]
  /** Succeeded now: to be posted (P6) and put on their invoices. */
  readonly received: Received[]
  /** Booked by Stripe now (P7). */
  readonly charges: Charged[]
  /** On their way, which is enough for a lease to begin. */
  readonly beginning: Payment[]
  readonly jobs: JobOfRow[]
}

export function noEffects(): Effects {
  const changes = new Map<string, PaymentChange>()
  return {
    changes,
    change: ({ id }, change) => void changes.set(id, { ...changes.get(id), ...change }),
    attempts: [],
    confirmed: [],
    unusable: [],
    facts: [],
    received: [],
    charges: [],
    beginning: [],
    jobs: [],
  }
}

/** Posts and tells what payments come to, which are locked with their invoices, no two of them of one invoice. */
export async function bookEffects(rows: ScopedHandle, effects: Effects): Promise<void> {
  const { facts, begun } = await book(rows, effects)
  await recordFacts(rows, [...effects.facts, ...facts])
  for (const invoice of begun) await letLeaseBegin(rows, invoice)
  if (effects.jobs.length > 0) await rows.enqueue(...effects.jobs)
}

/** P6, then what each invoice still takes, anything above stays the renter's credit (STR-85); and P7. */
async function book(
  rows: ScopedHandle,
  { received, charges, beginning }: Effects,
): Promise<{ readonly facts: readonly NewFact[]; readonly begun: readonly Invoice[] }> {
  const asked = [...received.map(({ payment }) => payment), ...beginning]
  const invoices = await listInvoicesById(
    rows,
    asked.flatMap(({ invoiceId }) => invoiceId ?? []),
  )
  const invoiceOf = ({ invoiceId }: Payment) => invoices.find(({ id }) => id === invoiceId)
  const onTheirWay = beginning.flatMap((payment) => invoiceOf(payment) ?? [])
  if (received.length === 0 && charges.length === 0) return { facts: [], begun: onTheirWay }
  const { timeZone } = await getLocation(rows)
  const effectiveOn = localDateAt(rows.clock.now(), timeZone)
  const wishes = received.flatMap(({ payment, actor }) => {
    const invoice = invoiceOf(payment)
    const { id: paymentId, renterId, amountMinor, currency } = payment
    return invoice ? [{ invoice, money: { paymentId, renterId, amountMinor, currency, effectiveOn, actor } }] : []
  })
  const plans = await planAllocations(rows, wishes)
  const { balances } = await postAll(rows, [
    ...received.map((one) => succeededEntry({ ...one, effectiveOn })),
    ...plans.flatMap(({ entry }) => entry ?? []),
    ...charges.map((one) => chargeEntry({ ...one, effectiveOn })),
  ])
  const facts = await writeAllocations(rows, plans, balances)
  return { facts, begun: [...onTheirWay, ...plans.filter(({ isPaid }) => isPaid).map(({ invoice }) => invoice)] }
}

/** The first invoice is paid, or its money is on its way (BIL-17). */
export async function letLeaseBegin(rows: ScopedHandle, { leaseId, kind }: Invoice): Promise<void> {
  if (leaseId && kind === 'check_out') await confirmLease(rows, leaseId)
}

type Dated = Received & { readonly effectiveOn: LocalDate }

/** P6: Stripe says the payment succeeded; gross amount, the renter's currency. */
function succeededEntry(about: Dated): Entry {
  return receivedEntry(about, { rule: 'P6', account: 'charges_unsettled' })
}

/** P10: money received by hand; dated when it was received. */
export async function postManualReceipt(rows: ScopedHandle, payment: Payment, actor: string): Promise<void> {
  assert(payment.receivedOn, `the payment ${payment.id} has no day on which it was received`)
  const about = { payment, actor, effectiveOn: payment.receivedOn }
  await post(rows, receivedEntry(about, { rule: 'P10', account: 'manual_receipts' }))
}

function receivedEntry(
  { payment, actor, effectiveOn }: Dated,
  { rule, account }: { rule: string; account: 'charges_unsettled' | 'manual_receipts' },
): Entry {
  const common = { currency: payment.currency, subjectId: payment.id, renterId: payment.renterId }
  return {
    rule,
    cause: { kind: 'payment', id: payment.id, step: 'succeeded' },
    effectiveOn,
    actor,
    lines: [
      { ...common, account, amountMinor: payment.amountMinor, tags: { method: payment.method } },
      { ...common, account: 'unapplied_payments', amountMinor: -payment.amountMinor },
    ],
  }
}

/** P7: Stripe booked the charge. The net reaches the Stripe balance, the fees are ours, and the waiting account is emptied. */
function chargeEntry({ payment, actor, effectiveOn, connectionId, transaction }: Charged & Dated): Entry {
  const common = { currency: transaction.currency, balanceTransactionId: transaction.id, renterId: payment.renterId }
  const lines: Line[] = [
    { ...common, account: 'stripe_clearing', amountMinor: transaction.netMinor, subjectId: connectionId },
    ...feeLines(transaction, common),
    { ...common, account: 'charges_unsettled', amountMinor: -transaction.amountMinor, subjectId: payment.id },
  ]
  return {
    rule: 'P7',
    cause: { kind: 'balance_transaction', id: transaction.id, step: 'seen' },
    effectiveOn,
    actor,
    lines: lines.filter(({ amountMinor }) => amountMinor !== 0n),
  }
}

/** One line per account; unknown fee types are Stripe's fees (P7). Without details the whole fee is Stripe's. */
export function feeLines(
  transaction: BalanceTransactionSeen,
  common: Omit<Line, 'account' | 'amountMinor' | 'subjectId'>,
): Line[] {
  const application = transaction.feeDetails
    .filter(({ type }) => type === 'application_fee')
    .reduce((sum, fee) => sum + fee.amountMinor, 0n)
  return [
    { ...common, account: 'stripe_fees', amountMinor: transaction.feeMinor - application, subjectId: transaction.id },
    { ...common, account: 'application_fees', amountMinor: application, subjectId: transaction.id },
  ]
}
