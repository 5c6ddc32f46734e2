/**
 * A refund begins here: under the payment's lock the amount is bounded by what was captured and not yet promised back, its source is
 * found and debited, and the work is enqueued. Nothing has left the house when it commits (MON-11, STR-129).
 */
import { noteAudit } from '#audit'
import { moneyText, publicId, assert, done, incrementMinorOf, type Outcome } from '#kernel'
import {
  creditableMinor,
  creditInvoice,
  findDepositOfInvoice,
  listCreditNotes,
  lockInvoice,
  type Invoice,
} from '#billing'
import { getConnection } from '#connections'
import { readBalance } from '#ledger'
import { findPayment, lockPayment, planMoneyCall, type Payment } from '#payments'
import { holdRequestKey, newId, recordFact, type ScopedHandle } from '#platform'
import { postPromised } from './post-refund.ts'
import { refuse, refuseTooMuch, type RefundRefusal } from './problems.ts'
import { isHeldByStripe, refundCallOf, refundIds, type Refund, type RefundSource, type WhenShort } from './refund.ts'
import { findRefund, findRefundByRequestKey, insertRefund, listRefundsOfPayments, refundedMinor } from './store.ts'

export type RefundRequest = {
  readonly paymentId: string
  /** Minor units of the payment's currency. */
  readonly amountMinor: bigint
  readonly reason: string
  readonly requestKey: string
  readonly actor: string
  /** What to do while the balance does not suffice (STR-109); it waits here unless something else is said. */
  readonly whenShort?: WhenShort
}

export async function requestRefund(
  rows: ScopedHandle,
  request: RefundRequest,
): Promise<Outcome<{ refundId: string }, RefundRefusal>> {
  const unlocked = await findPayment(rows, request.paymentId)
  if (!unlocked) return refuse('payment_missing')
  const invoice = unlocked.invoiceId ? await lockInvoice(rows, unlocked.invoiceId) : undefined
  const payment = (await lockPayment(rows, request.paymentId))!
  await holdRequestKey(rows, request.requestKey)
  const before = await findRefundByRequestKey(rows, request.requestKey)
  if (before) return isOf(before, request) ? done({ refundId: before.id }) : refuse('request_key_reused')
  const allowed = await judgeRequest(rows, payment, request)
  if (!allowed.ok) return allowed
  const source = await findSource(rows, { payment, invoice, request })
  if (!source.ok) return source
  const id = newId(rows.clock)
  const { amountMinor, reason, requestKey, actor, whenShort = 'wait' } = request
  await insertRefund(rows, {
    id,
    paymentId: payment.id,
    state: 'requested',
    amountMinor,
    currency: payment.currency,
    source: source.value,
    reason,
    requestedBy: actor,
    requestKey,
    whenShort,
  })
  const refund = (await findRefund(rows, id))!
  await postPromised(rows, refund)
  await planMoneyCall(rows, refundCallOf(refund, payment))
  await recordFact(rows, { name: 'refund.requested', ids: refundIds(id, payment), actor })
  await rows.enqueue({ name: 'refunds.send', id })
  noteAudit(rows, {
    action: 'refund.requested',
    object: { kind: 'refund', id: publicId('refund', id) },
    after: { payment: publicId('payment', payment.id), amount: moneyText({ amountMinor, currency: payment.currency }) },
  })
  return done({ refundId: id })
}

/** A form keeps its key while it is corrected; what was accepted before the correction is not what is asked for now (UI-36). */
function isOf(before: Refund, { paymentId, amountMinor, reason }: RefundRequest): boolean {
  return before.paymentId === paymentId && before.amountMinor === amountMinor && before.reason === reason
}

async function judgeRequest(
  rows: ScopedHandle,
  payment: Payment,
  request: RefundRequest,
): Promise<Outcome<true, RefundRefusal>> {
  if (payment.state !== 'succeeded') return refuse('nothing_paid')
  if (!payment.connectionId) return refuse('not_refundable_here')
  const isWhole = request.amountMinor % incrementMinorOf(payment.currency) === 0n
  if (request.amountMinor <= 0n || !isWhole) return refuse('amount_not_positive', '/amount')
  const reasonLength = request.reason.trim().length
  if (reasonLength < 1 || reasonLength > 500) return refuse('reason_missing', '/reason')
  const left = payment.amountMinor - (await refundedMinor(rows, payment.id))
  if (request.amountMinor > left) return refuseTooMuch({ amountMinor: left, currency: payment.currency })
  if ((await listRefundsOfPayments(rows, [payment.id])).some(isHeldByStripe)) return refuse('held_by_stripe')
  const connection = await getConnection(rows, payment.connectionId)
  if (connection.state === 'disconnected') return refuse('not_connected')
  return connection.writesFrozenReason ? refuse('writes_frozen') : done(true)
}

type Paid = { readonly payment: Payment; readonly invoice: Invoice | undefined }

/** What was paid too much goes back first, then a credit on the invoice, then the deposit, which is the renter's own money. */
async function findSource(
  rows: ScopedHandle,
  { payment, invoice, request }: Paid & { request: RefundRequest },
): Promise<Outcome<RefundSource, RefundRefusal>> {
  const { currency } = payment
  const owed = async (about: { account: 'unapplied_payments' | 'deposits_held'; subjectId: string }) =>
    -(await readBalance(rows, { ...about, currency }))
  const unapplied = await owed({ account: 'unapplied_payments', subjectId: payment.id })
  const unappliedMinor = least(request.amountMinor, unapplied)
  const wanted = request.amountMinor - unappliedMinor
  const credit = await findCredit(rows, { payment, invoice }, wanted)
  const deposit = invoice && (await findDepositOfInvoice(rows, invoice.id))
  const held = deposit ? await owed({ account: 'deposits_held', subjectId: deposit.id }) : 0n
  const depositMinor = least(wanted - credit.amountMinor, held)
  const found = unappliedMinor + credit.amountMinor + depositMinor
  // Nothing is written before it is certain that the whole amount has a source.
  if (found < request.amountMinor) return refuseTooMuch({ amountMinor: found, currency })
  return done({
    unappliedMinor,
    creditNoteId:
      credit.amountMinor > 0n ? (credit.noteId ?? (await writeCredit(rows, { invoice, credit, request }))) : undefined,
    creditMinor: credit.amountMinor,
    depositId: depositMinor > 0n ? deposit!.id : undefined,
    depositMinor,
    suspenseMinor: 0n,
  })
}

type Credit = { readonly amountMinor: bigint; readonly noteId: string | undefined }

/**
 * Credit a renter can be paid: what an earlier note has left, as after a refund that failed, or else a new note on a paid invoice,
 * because on an open one it would lower what is owed instead (BIL-63). One refund draws on one note.
 */
async function findCredit(rows: ScopedHandle, { payment, invoice }: Paid, wanted: bigint): Promise<Credit> {
  if (!invoice || wanted === 0n) return { amountMinor: 0n, noteId: undefined }
  const isFreshAllowed = invoice.status === 'paid'
  let most: Credit = { amountMinor: isFreshAllowed ? least(wanted, creditableMinor(invoice)) : 0n, noteId: undefined }
  for (const { id } of await listCreditNotes(rows, invoice.id)) {
    const about = { account: 'unapplied_credit_notes', subjectId: id, currency: payment.currency } as const
    const amountMinor = least(wanted, -(await readBalance(rows, about)))
    if (amountMinor > 0n && amountMinor >= most.amountMinor) most = { amountMinor, noteId: id }
  }
  return most
}

async function writeCredit(
  rows: ScopedHandle,
  { invoice, credit, request }: { invoice: Invoice | undefined; credit: Credit; request: RefundRequest },
): Promise<string> {
  const { reason, actor } = request
  const wish = { invoiceId: invoice!.id, amountMinor: credit.amountMinor, reason, origin: 'correction', actor } as const
  const note = await creditInvoice(rows, wish)
  assert(note.ok && note.value.spendableMinor === credit.amountMinor, 'a credit that was found could not be written')
  return note.value.creditNoteId
}

function least(one: bigint, other: bigint): bigint {
  const smaller = one < other ? one : other
  return smaller > 0n ? smaller : 0n
}
