/**
 * A refund begins here: under the payment's lock the amount is bounded by what was captured and not yet promised back, its source is
 * found and debited, and the work is enqueued. Nothing has left the house when it commits (MON-11, STR-129).
 */
import { done, type Outcome } from '#kernel'
import { creditableMinor, creditInvoice, findDepositOfInvoice, lockInvoice, type Invoice } from '#billing'
import { getConnection } from '#connections'
import { readBalance } from '#ledger'
import { findPayment, keys, lockPayment, planMoneyCall, type Payment } from '#payments'
import { newId, recordFact, type ScopedHandle } from '#platform'
import { postPromised } from './post-refund.ts'
import { refuse, refuseTooMuch, type RefundRefusal } from './problems.ts'
import { refundIds, type RefundSource } from './refund.ts'
import { findRefund, findRefundByRequestKey, insertRefund, refundedMinor } from './store.ts'

export type RefundRequest = {
  readonly paymentId: string
  /** Minor units of the payment's currency. */
  readonly amountMinor: bigint
  readonly reason: string
  readonly requestKey: string
  readonly actor: string
}

export async function requestRefund(
  rows: ScopedHandle,
  request: RefundRequest,
): Promise<Outcome<{ refundId: string }, RefundRefusal>> {
  const before = await findRefundByRequestKey(rows, request.requestKey)
  if (before) return done({ refundId: before.id })
  const unlocked = await findPayment(rows, request.paymentId)
  if (!unlocked) return refuse('payment_missing')
  const invoice = unlocked.invoiceId ? await lockInvoice(rows, unlocked.invoiceId) : undefined
  const payment = (await lockPayment(rows, request.paymentId))!
  const allowed = await judgeRequest(rows, payment, request)
  if (!allowed.ok) return allowed
  const source = await findSource(rows, { payment, invoice, request })
  if (!source.ok) return source
  const id = newId(rows.clock)
  const { amountMinor, reason, requestKey, actor } = request
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
  })
  await postPromised(rows, (await findRefund(rows, id))!)
  await planMoneyCall(rows, {
    connectionId: payment.connectionId!,
    purpose: 'refund.create',
    objectId: id,
    amountMinor,
    currency: payment.currency,
    requestHash: `${payment.stripePaymentIntentId}|${amountMinor}`,
    idempotencyKey: keys.refund(id, 1),
  })
  await recordFact(rows, { name: 'refund.requested', ids: refundIds(id, payment), actor })
  await rows.enqueue({ name: 'refunds.send', id })
  return done({ refundId: id })
}

async function judgeRequest(
  rows: ScopedHandle,
  payment: Payment,
  request: RefundRequest,
): Promise<Outcome<true, RefundRefusal>> {
  if (payment.state !== 'succeeded') return refuse('nothing_paid')
  if (!payment.connectionId) return refuse('not_refundable_here')
  if (request.amountMinor <= 0n) return refuse('amount_not_positive', '/amount')
  if (request.reason.trim() === '') return refuse('reason_missing', '/reason')
  const left = payment.amountMinor - (await refundedMinor(rows, payment.id))
  if (request.amountMinor > left) return refuseTooMuch({ amountMinor: left, currency: payment.currency })
  const connection = await getConnection(rows, payment.connectionId)
  return connection.writesFrozenReason ? refuse('writes_frozen') : done(true)
}

/** What was paid too much goes back first, then a credit on the invoice, then the deposit, which is the renter's own money. */
async function findSource(
  rows: ScopedHandle,
  { payment, invoice, request }: { payment: Payment; invoice: Invoice | undefined; request: RefundRequest },
): Promise<Outcome<RefundSource, RefundRefusal>> {
  const unapplied = -(await readBalance(rows, {
    account: 'unapplied_payments',
    subjectId: payment.id,
    currency: payment.currency,
  }))
  const unappliedMinor = least(request.amountMinor, unapplied)
  const wanted = request.amountMinor - unappliedMinor
  const creditMinor = least(wanted, invoice ? creditableMinor(invoice) : 0n)
  const deposit = invoice ? await findDepositOfInvoice(rows, invoice.id) : undefined
  const held = deposit
    ? -(await readBalance(rows, { account: 'deposits_held', subjectId: deposit.id, currency: payment.currency }))
    : 0n
  const depositMinor = least(wanted - creditMinor, held)
  if (unappliedMinor + creditMinor + depositMinor < request.amountMinor)
    return refuseTooMuch({ amountMinor: unappliedMinor + creditMinor + depositMinor, currency: payment.currency })
  const credit =
    creditMinor > 0n
      ? await creditInvoice(rows, {
          invoiceId: invoice!.id,
          amountMinor: creditMinor,
          reason: request.reason,
          origin: 'correction',
          actor: request.actor,
        })
      : undefined
  if (credit && (!credit.ok || credit.value.spendableMinor < creditMinor))
    return refuseTooMuch({
      amountMinor: unappliedMinor + depositMinor + (credit.ok ? credit.value.spendableMinor : 0n),
      currency: payment.currency,
    })
  return done({
    unappliedMinor,
    creditNoteId: credit?.value.creditNoteId,
    creditMinor,
    depositId: depositMinor > 0n ? deposit!.id : undefined,
    depositMinor,
    suspenseMinor: 0n,
  })
}

function least(one: bigint, other: bigint): bigint {
  const smaller = one < other ? one : other
  return smaller > 0n ? smaller : 0n
}
