/**
 * The only writer of money received from Stripe (STR-76). The answer of a call, a webhook, the poller and a person's "Check again" all
 * end here with a freshly read PaymentIntent: lock invoice, lock payment, compare, judge, write state, ledger and facts at once. What
 * surprises: news are settled in sets of one operator (PERF-53), one alone is a set of one. Everything is locked before anything is
 * written, invoices and then payments in the order of their ids, so that a set and whoever settles one of it never wait in a circle.
 */
import { holdInvoices, setInvoicePaymentIntent } from '#billing'
import { assert } from '#kernel'
import type { ScopedHandle } from '#platform'
import { markMethodUnusable } from '#renters'
import { judgeDecline, type PaymentIntentSeen, type ReactionVerdict, type StripeFault } from '#stripe'
import { endMoneyCalls, findMoneyCall, recordAttempts, updateMoneyCall } from './money-call-store.ts'
import { decide, maySpeakOfAnEarlierAttempt, stateOfIntent, type PaymentState } from './payment-state.ts'
import { idsOf, keys, nextPollAt, pollOf, type Payment } from './payment.ts'
import { bookEffects, noEffects, type Effects } from './post-payment.ts'
import { findPayment, listPaymentsByIntents, lockPayments, updatePayments } from './store.ts'

export type IntentNews = {
  readonly connectionId: string
  readonly observed: PaymentIntentSeen
  /** The attempt whose own confirmation answered with this; news from elsewhere has none. */
  readonly answersAttempt?: number
  readonly actor: string
}

type Found = { readonly news: IntentNews; readonly payment: Payment }

/** @returns `done` also for late news; `park` when the row is not there yet; `quarantine` when amounts or owners differ. */
export async function settle(rows: ScopedHandle, news: IntentNews): Promise<ReactionVerdict> {
  const [verdict] = await settleAll(rows, [news])
  assert(verdict !== undefined, 'news were settled without a verdict')
  return verdict
}

/** As `settle`, for several at once. @returns the verdicts in the order of the news. */
export async function settleAll(rows: ScopedHandle, all: readonly IntentNews[]): Promise<readonly ReactionVerdict[]> {
  const verdicts = new Map<IntentNews, ReactionVerdict>()
  const found: Found[] = []
  const known = await listPaymentsByIntents(
    rows,
    all.map(({ connectionId, observed }) => ({ connectionId, intentId: observed.id })),
  )
  for (const news of all) {
    const ours = await findOurs(rows, news, known)
    if ('verdict' in ours) verdicts.set(news, ours.verdict)
    else found.push({ news, payment: ours.payment })
  }
  await holdInvoices(rows, [...new Set(found.flatMap(({ payment }) => payment.invoiceId ?? []))])
  let locked = await lockPayments(rows, idsIn(found))
  for (const [turn, round] of inRounds(found).entries()) {
    if (turn > 0) locked = await lockPayments(rows, idsIn(round))
    for (const [news, verdict] of await settleRound(rows, round, locked)) verdicts.set(news, verdict)
  }
  return all.map((news) => verdicts.get(news)!)
}

const idsIn = (found: readonly Found[]) => found.map(({ payment }) => payment.id)

async function findOurs(
  rows: ScopedHandle,
  { connectionId, observed }: IntentNews,
  known: readonly Payment[],
): Promise<{ payment: Payment } | { verdict: ReactionVerdict }> {
  const owner = observed.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { verdict: { quarantine: 'Its metadata names another operator than the account it came from.' } }
  const isThis = (payment: Payment) =>
    payment.connectionId === connectionId && payment.stripePaymentIntentId === observed.id
  const payment = known.find(isThis)
  if (payment) return { payment }
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

/** Two that meet in one invoice or one payment are settled one after the other, because the second has to see what the first did. */
function inRounds(found: readonly Found[]): readonly (readonly Found[])[] {
  const rounds: Found[][] = []
  const meets = (one: Found, other: Found) =>
    one.payment.id === other.payment.id ||
    (one.payment.invoiceId !== undefined && one.payment.invoiceId === other.payment.invoiceId)
  for (const each of found) {
    const round = rounds.find((others) => !others.some((other) => meets(each, other)))
    if (round) round.push(each)
    else rounds.push([each])
  }
  return rounds
}

/** @param payments as they stand under their locks. */
async function settleRound(
  rows: ScopedHandle,
  round: readonly Found[],
  payments: readonly Payment[],
): Promise<readonly (readonly [IntentNews, ReactionVerdict])[]> {
  const effects = noEffects()
  const verdicts: (readonly [IntentNews, ReactionVerdict])[] = []
  for (const {
    news,
    payment: { id },
  } of round) {
    const payment = payments.find((locked) => locked.id === id)
    assert(payment, `the payment ${id} is gone`)
    const difference = differs(rows, payment, news.observed)
    if (!difference) await addNews(rows, { effects, payment, news })
    verdicts.push([news, difference ? { quarantine: difference } : 'done'])
  }
  await write(rows, effects)
  return verdicts
}

async function write(rows: ScopedHandle, effects: Effects): Promise<void> {
  await updatePayments(rows, effects.changes)
  await recordAttempts(rows, effects.attempts)
  await endMoneyCalls(rows, effects.confirmed)
  for (const method of effects.unusable) await markMethodUnusable(rows, method)
  await bookEffects(rows, effects)
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

type About = { readonly effects: Effects; readonly payment: Payment; readonly news: IntentNews }

/** Judges one payment under its lock and adds what that comes to. @throws on news that cannot be. */
async function addNews(rows: ScopedHandle, about: About): Promise<void> {
  const { effects, payment, news } = about
  const { observed, answersAttempt } = news
  if (!payment.stripePaymentIntentId) {
    effects.change(payment, { stripe_payment_intent_id: observed.id })
    if (payment.invoiceId) await setInvoicePaymentIntent(rows, payment.invoiceId, observed.id)
  }
  const seen = stateOfIntent(observed)
  const isConfirming = await isConfirmingElsewhere(rows, payment, { seen, answersAttempt })
  const { verdict, to, isFollowed } = decide(payment.state, { seen, isConfirming })
  if (verdict === 'impossible')
    throw new Error(`impossible_news: payment ${payment.id} is ${payment.state}, Stripe reports ${observed.status}`)
  if (to) addMove(rows, about, to)
  else if (verdict === 'same' && seen === 'requires_action')
    effects.change(payment, { next_action_url: observed.nextActionUrl ?? null })
  addCharge(rows, about)
  if (isFollowed) addPoll(rows, about)
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

function addMove(rows: ScopedHandle, { effects, payment, news }: About, state: PaymentState): void {
  const { observed, actor } = news
  const error = state === 'failed' || state === 'requires_action' ? observed.lastError : undefined
  effects.change(payment, {
    state,
    next_action_url: state === 'requires_action' ? (observed.nextActionUrl ?? null) : null,
    ...codesOf(error),
    ...(observed.requestId && { stripe_request_id: observed.requestId }),
    ...(state === 'succeeded' && { settled_at: rows.clock.now() }),
  })
  addOutcome(effects, { payment, state, error, actor })
  if (state === 'processing') effects.beginning.push(payment)
  // Whoever asked for it may have died before the answer came.
  if (state === 'canceled') effects.confirmed.push({ key: keys.cancelPayment(payment.id), providerId: observed.id })
  if (state !== 'succeeded') return
  if (payment.attempt > 0)
    effects.confirmed.push({ key: keys.confirmPayment(payment.id, payment.attempt), providerId: observed.id })
  effects.received.push({ payment, actor })
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
  const effects = noEffects()
  effects.change(payment, { state: end.state, next_action_url: null, ...codesOf(error) })
  addOutcome(effects, { payment, state: end.state, error, actor: payment.requestedBy })
  await write(rows, effects)
}

/** The attempt's own line, the fact, and the end of a method the bank refused for good (STR-82). */
function addOutcome(
  effects: Effects,
  about: { payment: Payment; state: PaymentState; error: Refused | undefined; actor: string },
): void {
  const { payment, state, error, actor } = about
  const { id: paymentId, attempt, methodLabel } = payment
  const { code: failureCode, declineCode, adviceCode } = error ?? {}
  if (attempt > 0)
    effects.attempts.push({ paymentId, attempt, methodLabel, outcome: state, failureCode, declineCode, adviceCode })
  const decline = state === 'failed' && error ? judgeDecline(error) : undefined
  if (decline?.isHard && payment.savedMethodId)
    effects.unusable.push({ methodId: payment.savedMethodId, reason: decline.staffSentence })
  const fact = factOf[state]
  if (fact) effects.facts.push({ name: fact, ids: idsOf(payment), actor })
}

const factOf = {
  succeeded: 'payment.settled',
  failed: 'payment.failed',
  requires_action: 'payment.action_required',
  processing: 'payment.processing',
  canceled: 'payment.canceled',
  created: undefined,
  authorized: undefined,
  unknown: undefined,
} as const

/** Stripe may book the charge later than it reports success; until then the payment goes on being read (P7). */
function addCharge(rows: ScopedHandle, about: About): void {
  const { effects, payment, news } = about
  if (news.observed.status !== 'succeeded') return
  const { charge } = news.observed
  if (charge?.receiptUrl && charge.receiptUrl !== payment.receiptUrl && /^https?:\/\//.test(charge.receiptUrl))
    effects.change(payment, { receipt_url: charge.receiptUrl })
  if (payment.balanceTransactionId) return
  const transaction = charge?.balanceTransaction
  if (charge && !payment.stripeChargeId)
    effects.change(payment, {
      stripe_charge_id: charge.id,
      ...(charge.methodLabel && { method_label: charge.methodLabel }),
    })
  if (!transaction) return addPoll(rows, about)
  // Settled in another currency: P32 books it together with payouts.
  if (transaction.currency !== payment.currency) return
  effects.charges.push({ payment, connectionId: news.connectionId, transaction, actor: news.actor })
  effects.change(payment, {
    balance_transaction_id: transaction.id,
    fee_minor: transaction.feeMinor.toString(),
  })
}

function addPoll(rows: ScopedHandle, { effects, payment }: About): void {
  effects.change(payment, { polls: payment.polls + 1 })
  const startAt = nextPollAt(payment, rows.clock.now())
  effects.jobs.push({ name: 'payments.follow', id: payment.id, startAt, onceFor: pollOf(payment) })
}
