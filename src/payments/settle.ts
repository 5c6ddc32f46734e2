/**
 * The only writer of money received from Stripe (STR-76). The answer of a call, a webhook, the poller and a person's "Check again" all
 * end here with a freshly read PaymentIntent: lock invoice, lock payment, compare, judge, write state, ledger and facts at once.
 */
import { localDateAt } from '#kernel'
import { recordFact, type ScopedHandle } from '#platform'
import { allocatePayment, findInvoice, lockInvoice, setInvoicePaymentIntent } from '#billing'
import { confirmLease } from '#leases'
import { markMethodUnusable } from '#renters'
import { getLocation } from '#spaces'
import { judgeDecline, type PaymentIntentSeen, type ReactionVerdict, type StripeFault } from '#stripe'
import { decide, maySpeakOfAnEarlierAttempt, stateOfIntent, type PaymentState } from './payment-state.ts'
import { keys, nextPollAt, pollOf, type Payment } from './payment.ts'
import { postChargeSettled, postSucceeded } from './post-payment.ts'
import { findMoneyCall, updateMoneyCall } from './money-call-store.ts'
import { findPayment, findPaymentByIntent, lockPayment, recordAttempt, updatePayment } from './store.ts'

export type IntentNews = {
  readonly connectionId: string
  readonly observed: PaymentIntentSeen
  /** The attempt whose own confirmation answered with this; news from elsewhere has none. */
  readonly answersAttempt?: number
  readonly actor: string
}

/** @returns `done` also for late news; `park` when the row is not there yet; `quarantine` when amounts or owners differ. */
export async function settle(rows: ScopedHandle, news: IntentNews): Promise<ReactionVerdict> {
  const found = await findOurs(rows, news)
  if ('verdict' in found) return found.verdict
  if (found.payment.invoiceId) await lockInvoice(rows, found.payment.invoiceId)
  const payment = (await lockPayment(rows, found.payment.id))!
  const difference = differs(rows, payment, news.observed)
  if (difference) return { quarantine: difference }
  if (!payment.stripePaymentIntentId) await adopt(rows, payment, news.observed)
  await move(rows, payment, news)
  return 'done'
}

async function findOurs(
  rows: ScopedHandle,
  { connectionId, observed }: IntentNews,
): Promise<{ payment: Payment } | { verdict: ReactionVerdict }> {
  const owner = observed.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { verdict: { quarantine: 'Its metadata names another operator than the account it came from.' } }
  const known = await findPaymentByIntent(rows, { connectionId, intentId: observed.id })
  if (known) return { payment: known }
  const paymentId = observed.metadata['rentroll_payment']
  if (!owner || !paymentId) return { verdict: 'foreign' }
  const named = await findPayment(rows, paymentId)
  if (!named) return { verdict: { park: 'The payment it names is not here yet.' } }
  if (
    named.connectionId !== connectionId ||
    (named.stripePaymentIntentId && named.stripePaymentIntentId !== observed.id)
  ) {
    return { verdict: { quarantine: 'Its metadata names a payment that belongs to another PaymentIntent.' } }
  }
  return { payment: named }
}

/** Trust nothing that does not match what we asked for (TRU-9, STR-141). */
function differs(rows: ScopedHandle, payment: Payment, observed: PaymentIntentSeen): string | undefined {
  if (observed.isLive !== (rows.scope.mode === 'live')) return 'Its mode is not the mode of this payment.'
  if (observed.currency !== payment.currency)
    return `Its currency is ${observed.currency}, this payment is in ${payment.currency}.`
  if (observed.amountMinor !== payment.amountMinor)
    return `Its amount is ${observed.amountMinor}, this payment is ${payment.amountMinor} (minor units).`
  if (observed.status === 'succeeded' && observed.amountReceivedMinor !== payment.amountMinor)
    return `It received ${observed.amountReceivedMinor} of ${payment.amountMinor} (minor units).`
  return undefined
}

async function adopt(rows: ScopedHandle, payment: Payment, observed: PaymentIntentSeen): Promise<void> {
  await updatePayment(rows, payment.id, { stripe_payment_intent_id: observed.id })
  if (payment.invoiceId) await setInvoicePaymentIntent(rows, payment.invoiceId, observed.id)
}

async function move(rows: ScopedHandle, payment: Payment, news: IntentNews): Promise<void> {
  const seen = stateOfIntent(news.observed)
  const isConfirming = await isConfirmingElsewhere(rows, payment, { seen, answersAttempt: news.answersAttempt })
  const { verdict, to, isFollowed } = decide(payment.state, { seen, isConfirming })
  if (verdict === 'impossible')
    throw new Error(
      `impossible_news: payment ${payment.id} is ${payment.state}, Stripe reports ${news.observed.status}`,
    )
  if (to) await moveTo(rows, { payment, state: to, news })
  else if (verdict === 'same' && seen === 'requires_action')
    await updatePayment(rows, payment.id, { next_action_url: news.observed.nextActionUrl ?? null })
  await bookCharge(rows, payment, news)
  if (isFollowed) await planNextPoll(rows, payment)
}

/** Whether the confirmation of the present attempt is under way, and this is not its answer. Asked only where it matters. */
async function isConfirmingElsewhere(
  rows: ScopedHandle,
  payment: Payment,
  about: { seen: PaymentState; answersAttempt: number | undefined },
): Promise<boolean> {
  if (about.answersAttempt === payment.attempt || !maySpeakOfAnEarlierAttempt(about.seen)) return false
  const call = await findMoneyCall(rows, keys.confirmPayment(payment.id, payment.attempt))
  return call !== undefined && call.state !== 'succeeded' && call.state !== 'failed'
}

async function moveTo(
  rows: ScopedHandle,
  { payment, state, news }: { payment: Payment; state: PaymentState; news: IntentNews },
): Promise<void> {
  const { observed } = news
  const error = state === 'failed' || state === 'requires_action' ? observed.lastError : undefined
  await updatePayment(rows, payment.id, {
    state,
    next_action_url: state === 'requires_action' ? (observed.nextActionUrl ?? null) : null,
    ...codesOf(error),
    ...(observed.requestId && { stripe_request_id: observed.requestId }),
    ...(state === 'succeeded' && { settled_at: rows.clock.now() }),
  })
  await noteOutcome(rows, { payment, state, error, actor: news.actor })
  if (state === 'processing') await letLeaseBegin(rows, payment)
  if (state !== 'succeeded') return
  const confirmation = keys.confirmPayment(payment.id, payment.attempt)
  await updateMoneyCall(rows, confirmation, { state: 'succeeded', provider_id: observed.id })
  await receive(rows, payment, news)
}

type Refused = { readonly code?: string; readonly declineCode?: string; readonly adviceCode?: string }

function codesOf(error: Refused | undefined) {
  return {
    failure_code: error?.code ?? null,
    decline_code: error?.declineCode ?? null,
    advice_code: error?.adviceCode ?? null,
  }
}

/**
 * Ends a payment by what we know ourselves: the call was refused for good or never arrived, or nothing is owed any more. The caller holds
 * its lock and has seen that it is open.
 */
export async function endPayment(
  rows: ScopedHandle,
  payment: Payment,
  end: { state: 'failed' | 'canceled'; key: string; code: string; error?: StripeFault },
): Promise<void> {
  const { declineCode, adviceCode } = end.error ?? {}
  const error = { code: end.code, ...(declineCode && { declineCode }), ...(adviceCode && { adviceCode }) }
  await updateMoneyCall(rows, end.key, { state: 'failed', failure: end.code })
  await updatePayment(rows, payment.id, { state: end.state, next_action_url: null, ...codesOf(error) })
  await noteOutcome(rows, { payment, state: end.state, error, actor: payment.requestedBy })
}

/** The attempt's own line, the fact, and the end of a method the bank refused for good (STR-82). */
async function noteOutcome(
  rows: ScopedHandle,
  about: { payment: Payment; state: PaymentState; error: Refused | undefined; actor: string },
): Promise<void> {
  const { payment, state, error, actor } = about
  if (payment.attempt > 0) {
    await recordAttempt(rows, payment.id, {
      attempt: payment.attempt,
      methodLabel: payment.methodLabel,
      outcome: state,
      failureCode: error?.code,
      declineCode: error?.declineCode,
      adviceCode: error?.adviceCode,
    })
  }
  const decline = state === 'failed' && error ? judgeDecline(error) : undefined
  if (decline?.isHard && payment.savedMethodId)
    await markMethodUnusable(rows, { methodId: payment.savedMethodId, reason: decline.staffSentence })
  const fact = factOf[state]
  if (fact) await recordFact(rows, { name: fact, ids: idsOf(payment), actor })
}

const factOf: Partial<
  Record<
    PaymentState,
    'payment.settled' | 'payment.failed' | 'payment.action_required' | 'payment.processing' | 'payment.canceled'
  >
> = {
  succeeded: 'payment.settled',
  failed: 'payment.failed',
  requires_action: 'payment.action_required',
  processing: 'payment.processing',
  canceled: 'payment.canceled',
}

export function idsOf(payment: Pick<Payment, 'id' | 'renterId' | 'invoiceId'>): Record<string, string> {
  return { payment: payment.id, renter: payment.renterId, ...(payment.invoiceId && { invoice: payment.invoiceId }) }
}

/** P6, then what the invoice still takes; anything above stays the renter's credit (STR-85). */
async function receive(rows: ScopedHandle, payment: Payment, news: IntentNews): Promise<void> {
  const { timeZone } = await getLocation(rows)
  await postSucceeded(rows, payment, { actor: news.actor, timeZone })
  await applyToInvoice(rows, payment, { actor: news.actor, timeZone })
}

/** Allocates to the payment's own invoice and, once that is paid, lets its lease begin. Shared with payments recorded by hand. */
export async function applyToInvoice(
  rows: ScopedHandle,
  payment: Payment,
  by: { actor: string; timeZone: string; effectiveOn?: string },
): Promise<void> {
  if (!payment.invoiceId) return
  const { isPaid } = await allocatePayment(rows, {
    paymentId: payment.id,
    invoiceId: payment.invoiceId,
    renterId: payment.renterId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    effectiveOn: by.effectiveOn ?? localDateAt(rows.clock.now(), by.timeZone),
    actor: by.actor,
  })
  if (isPaid) await letLeaseBegin(rows, payment)
}

/** The first invoice is paid, or its money is on its way (BIL-17). */
async function letLeaseBegin(rows: ScopedHandle, payment: Payment): Promise<void> {
  const invoice = payment.invoiceId && (await findInvoice(rows, payment.invoiceId))
  if (invoice && invoice.leaseId && invoice.kind === 'check_out') await confirmLease(rows, invoice.leaseId)
}

/** Stripe may book the charge later than it reports success; until then the payment goes on being read (P7). */
async function bookCharge(
  rows: ScopedHandle,
  payment: Payment,
  { observed, connectionId, actor }: IntentNews,
): Promise<void> {
  if (observed.status !== 'succeeded') return
  const { charge } = observed
  if (charge?.receiptUrl && charge.receiptUrl !== payment.receiptUrl && /^https?:\/\//.test(charge.receiptUrl))
    await updatePayment(rows, payment.id, { receipt_url: charge.receiptUrl })
  if (payment.balanceTransactionId) return
  const transaction = charge?.balanceTransaction
  if (charge && !payment.stripeChargeId)
    await updatePayment(rows, payment.id, {
      stripe_charge_id: charge.id,
      ...(charge.methodLabel && { method_label: charge.methodLabel }),
    })
  if (!transaction) return planNextPoll(rows, payment)
  const by = { actor, timeZone: (await getLocation(rows)).timeZone }
  if (await postChargeSettled(rows, { payment, connectionId, transaction, by })) {
    await updatePayment(rows, payment.id, {
      balance_transaction_id: transaction.id,
      fee_minor: transaction.feeMinor.toString(),
    })
  }
}

async function planNextPoll(rows: ScopedHandle, payment: Payment): Promise<void> {
  await updatePayment(rows, payment.id, { polls: payment.polls + 1 })
  const startAt = nextPollAt(payment, rows.clock.now())
  await rows.enqueue({ name: 'payments.follow', id: payment.id, startAt, onceFor: pollOf(payment) })
}
