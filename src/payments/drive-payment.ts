/**
 * Carries a planned charge to Stripe, one persisted step at a time (STR-75, TRU-130 to TRU-135), and picks it up wherever a dead
 * process left it. Every arrow is its own transaction and no HTTP runs inside one. Running it twice, or from two workers, charges once:
 * the create and each confirmation have their key before they leave, and a PaymentIntent succeeds at most once.
 */
import type { CustomerId, Scope } from '#kernel'
import { lockInvoice } from '#billing'
import { getConnection, isHeld, isJoined, recheckKey, stripeScopeOf } from '#connections'
import { inScope, type ScopedHandle } from '#platform'
import { ensureCustomer, getMethod } from '#renters'
import { StripeFault, type PaymentIntentSeen, type ReactionVerdict, type StripeScope } from '#stripe'
import { mayRepeat } from './money-call-state.ts'
import { keys, type MoneyCall, type MoneyGround, type Payment } from './payment.ts'
import { isOpen } from './payment-state.ts'
import { endPayment, settle } from './settle.ts'
import { findMoneyCall, updateMoneyCall } from './money-call-store.ts'
import { cancelIntent, readIntent, startCreation, withdrawPayment } from './payment-intent.ts'
import { findPayment, listSupersededPayments, lockPayment, updatePayment } from './store.ts'

type Drive = {
  readonly ground: MoneyGround
  readonly scope: Scope
  readonly payment: Payment
  readonly stripeScope: StripeScope
  readonly connectionId: string
  /** Stripe's type of the method it is charged to. */
  readonly methodType: string
}

/** @throws StripeFault when Stripe did not answer usefully; the job tries again and finds its place. */
export async function drivePayment(ground: MoneyGround, scope: Scope, paymentId: string): Promise<void> {
  const start = await inScope(ground.database, scope, async (rows) => {
    const payment = await findPayment(rows, paymentId)
    if (!payment?.connectionId || !isOpen(payment.state)) return undefined
    const method = payment.savedMethodId ? await getMethod(rows, payment.savedMethodId) : undefined
    const connection = await getConnection(rows, payment.connectionId)
    return { payment, connection, methodType: method?.kind ?? 'card' }
  })
  if (!start || isHeld(start.connection)) return
  // Its account takes no new money: whatever nobody has confirmed yet ends here (STR-26).
  if (start.connection.state === 'disconnecting')
    return withdrawPayment(ground, scope, { paymentId, actor: 'schedule' })
  const drive = {
    ground,
    scope,
    payment: start.payment,
    methodType: start.methodType,
    connectionId: start.connection.id,
    stripeScope: stripeScopeOf(ground.box, start.connection),
  }
  try {
    if (!(await clearTheWay(drive))) return
    const intent = await createIntent(drive)
    if (intent) await confirmIntent(drive, intent)
  } catch (error) {
    await onFault(drive, error)
  }
}

/**
 * A declined intent of the same invoice over another amount ends at Stripe before a new one is made (STR-78). Should one of them turn
 * out paid, the invoice may owe nothing more: then this payment is withdrawn before anything of it left the house.
 */
async function clearTheWay({ ground, scope, payment }: Drive): Promise<boolean> {
  const { invoiceId } = payment
  if (payment.stripePaymentIntentId || !invoiceId) return true
  const superseded = await inScope(ground.database, scope, (rows) => listSupersededPayments(rows, payment))
  for (const { id } of superseded) await cancelIntent(ground, scope, { paymentId: id, actor: payment.requestedBy })
  return inScope(ground.database, scope, async (rows) => {
    const invoice = await lockInvoice(rows, invoiceId)
    const current = await lockPayment(rows, payment.id)
    if (!current || !isOpen(current.state)) return false
    const key = keys.createPayment(payment.id)
    const mayBeAtStripe = (await findMoneyCall(rows, key))?.state !== 'created'
    if (mayBeAtStripe || (invoice.status === 'open' && invoice.openMinor >= current.amountMinor)) return true
    await endPayment(rows, current, { state: 'canceled', key, code: 'no_longer_owed' })
    return false
  })
}

/** Step 2 and 3: an unconfirmed intent that can charge nothing, and its id on our row. */
async function createIntent(drive: Drive): Promise<PaymentIntentSeen | undefined> {
  const { ground, payment, stripeScope } = drive
  if (payment.stripePaymentIntentId) {
    const known = await ground.stripe.findPaymentIntent(stripeScope, payment.stripePaymentIntentId)
    if (!known) throw new Error(`payment ${payment.id}: Stripe does not know its PaymentIntent`)
    return known
  }
  const key = keys.createPayment(payment.id)
  const customer = (await ensureCustomer(ground, drive.scope, {
    renterId: payment.renterId,
    connectionId: drive.connectionId,
  })) as CustomerId
  const call = await startCall(drive, key)
  const listed = await lookUp(drive, { call, customer })
  // Nothing unconfirmed can charge, so what never reached Stripe is over, and whoever asked decides about another (STR-77).
  if (!listed && isTooOld(drive, call)) return giveUp(drive, { key, code: 'not_received' })
  const intent = listed ?? (await send(drive, { call, customer }))
  const verdict = isFor(payment, intent)
    ? await inScope(ground.database, drive.scope, async (rows) => {
        const accepted = await settle(rows, { ...newsOf(drive), observed: intent })
        if (accepted === 'done') await updateMoneyCall(rows, key, { state: 'succeeded', provider_id: intent.id })
        return accepted
      })
    : { quarantine: `It answered with ${intent.id}, which is not for this payment.` }
  if (verdict !== 'done') return hold(drive, key, verdict)
  return intent
}

function isFor(payment: Payment, { metadata }: PaymentIntentSeen): boolean {
  return metadata['rentroll_payment'] === payment.id
}

function newsOf({ connectionId, payment }: Drive) {
  return { connectionId, actor: payment.requestedBy }
}

/** A call that may have left before is looked up by listing, never by search, before anything is sent again (STR-77). */
async function lookUp(
  drive: Drive,
  { call, customer }: { call: MoneyCall; customer: CustomerId },
): Promise<PaymentIntentSeen | undefined> {
  if (call.state === 'created') return undefined
  const since = new Date(call.createdAt.getTime() - 3_600_000)
  const listed = await drive.ground.stripe.listPaymentIntents(drive.stripeScope, { customer, createdSince: since })
  return listed.find((intent) => isFor(drive.payment, intent))
}

async function send(
  drive: Drive,
  { call, customer }: { call: MoneyCall; customer: CustomerId },
): Promise<PaymentIntentSeen> {
  const { payment } = drive
  return drive.ground.stripe.createPaymentIntent(drive.stripeScope, {
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    customer,
    methodType: drive.methodType,
    description: 'Rent',
    metadata: { rentroll_payment: payment.id, ...(payment.invoiceId && { rentroll_invoice: payment.invoiceId }) },
    ...(call.applicationFeeMinor && { applicationFeeMinor: call.applicationFeeMinor }),
    idempotencyKey: call.idempotencyKey,
  })
}

/** Step 4 and 5. Only this attempt's own key is used, so a decline of an earlier attempt is never read as its answer. */
async function confirmIntent(drive: Drive, intent: PaymentIntentSeen): Promise<void> {
  const { ground, scope, payment } = drive
  const key = keys.confirmPayment(payment.id, payment.attempt)
  const before = await inScope(ground.database, scope, (rows) => findMoneyCall(rows, key))
  if (!before || before.state === 'succeeded' || before.state === 'failed')
    return finish(drive, { key, intent, isAnswer: false })
  // An intent that can no longer be confirmed shows what this attempt's call did, although its answer was lost.
  if (!isConfirmable(intent)) return finish(drive, { key, intent, isAnswer: true })
  if (isTooOld(drive, before)) return giveUp(drive, { key, code: 'not_received' })
  const confirmation = await inScope(ground.database, scope, (rows) => startConfirmation(rows, drive, key))
  if (!confirmation) return
  const { methodId, returnUrl } = confirmation
  const answer = await ground.stripe.confirmPaymentIntent(drive.stripeScope, intent.id, {
    ...(methodId && { paymentMethod: methodId }),
    offSession: payment.isOffSession,
    ...(returnUrl && { returnUrl }),
    idempotencyKey: key,
  })
  await finish(drive, { key, intent: answer, isAnswer: true })
}

function isConfirmable({ status }: PaymentIntentSeen): boolean {
  return status === 'requires_payment_method' || status === 'requires_confirmation'
}

/** Sent once, unanswered, and its key may be forgotten by now: it is never sent again (TRU-135). */
function isTooOld({ ground }: Drive, call: MoneyCall): boolean {
  return call.state !== 'created' && !mayRepeat(call, ground.database.clock.now())
}

/** As `startCall`. Undefined when the payment was withdrawn meanwhile, or its account takes no new money. */
async function startConfirmation(rows: ScopedHandle, { payment, ground, connectionId }: Drive, key: string) {
  const current = await lockPayment(rows, payment.id)
  if (!current || current.state === 'canceled') return undefined
  if ((await getConnection(rows, connectionId)).state === 'disconnecting') return undefined
  await updateMoneyCall(rows, key, { state: 'sent' })
  const method = payment.savedMethodId ? await getMethod(rows, payment.savedMethodId) : undefined
  return {
    methodId: method?.stripePaymentMethodId,
    // Off-session no renter is there to come back; on-session the bank sends them to a page that proves nothing (STR-80, STR-101).
    returnUrl: payment.isOffSession ? undefined : `${ground.publicUrl}/pay/return`,
  }
}

async function finish(
  drive: Drive,
  { key, intent, isAnswer }: { key: string; intent: PaymentIntentSeen; isAnswer: boolean },
): Promise<void> {
  const { payment } = drive
  const verdict = await inScope(drive.ground.database, drive.scope, async (rows) => {
    // First the locks of invoice and payment, then the call: a webhook that settles the same takes them in this order too.
    const accepted = await settle(rows, {
      ...newsOf(drive),
      observed: intent,
      ...(isAnswer && { answersAttempt: payment.attempt }),
    })
    if (isAnswer)
      await updateMoneyCall(rows, key, {
        state: 'succeeded',
        provider_id: intent.id,
        ...(intent.requestId && { stripe_request_id: intent.requestId }),
      })
    return accepted
  })
  if (verdict !== 'done') return hold(drive, key, verdict)
}

/** The answer is not about this payment, or not in its amount: nothing is booked and nothing confirmed; Stripe is asked again (STR-141). */
async function hold({ ground, scope, payment }: Drive, key: string, verdict: ReactionVerdict): Promise<never> {
  await inScope(ground.database, scope, async (rows) => {
    const current = await lockPayment(rows, payment.id)
    await updateMoneyCall(rows, key, { state: 'unknown', failure: 'answer_not_accepted' })
    if (current && isOpen(current.state)) await updatePayment(rows, payment.id, { state: 'unknown' })
  })
  throw new Error(`payment ${payment.id}: Stripe's answer was not accepted: ${JSON.stringify(verdict)}`)
}

/** Written before the call leaves: whoever comes after a crash knows that it may have happened. @returns the call as it was before. */
async function startCall(drive: Drive, key: string): Promise<MoneyCall> {
  return inScope(drive.ground.database, drive.scope, async (rows) => {
    const call = (await findMoneyCall(rows, key))!
    return startCreation(rows, drive.ground, { call, payment: drive.payment })
  })
}

/** Only a refused or lost write says something about the payment; a reading that failed is simply tried again. */
async function onFault(drive: Drive, error: unknown): Promise<void> {
  if (!(error instanceof StripeFault)) throw error
  const { ground, scope, payment } = drive
  if (error.kind === 'auth') await recheckKey(ground, scope, drive.connectionId)
  const isConfirmation = error.operation === 'payment_intents.confirm'
  const isWrite = isConfirmation || error.operation.endsWith('.create')
  const key = isConfirmation ? keys.confirmPayment(payment.id, payment.attempt) : keys.createPayment(payment.id)
  if (isWrite && error.isOutcomeUnknown) await markUnknown(drive, key, error.kind)
  if (!isWrite || !isRefusal(error)) throw error
  if (isConfirmation && (await wasDecidedElsewhere(drive, key))) return
  await giveUp(drive, { key, code: error.code ?? error.kind, error })
}

function markUnknown({ ground, scope, payment }: Drive, key: string, failure: string): Promise<void> {
  return inScope(ground.database, scope, async (rows) => {
    const current = await lockPayment(rows, payment.id)
    if (!current || !isOpen(current.state)) return
    await updateMoneyCall(rows, key, { state: 'unknown', failure })
    if (current.state === 'created') await updatePayment(rows, payment.id, { state: 'unknown' })
  })
}

/** Refused for good: the same request will be refused again, so the payment failed and another card or a person is needed. */
function isRefusal(error: StripeFault): boolean {
  return error.kind === 'invalid' || error.kind === 'missing' || error.kind === 'permission' || error.kind === 'card'
}

/** A confirmation is also refused when the intent was paid or cancelled meanwhile; then what Stripe has now counts. */
async function wasDecidedElsewhere(drive: Drive, key: string): Promise<boolean> {
  const { ground, scope, payment } = drive
  const current = await inScope(ground.database, scope, (rows) => findPayment(rows, payment.id))
  const id = current?.stripePaymentIntentId
  const intent = id && (await ground.stripe.findPaymentIntent(drive.stripeScope, id))
  if (!intent || isConfirmable(intent)) return false
  await finish(drive, { key, intent, isAnswer: true })
  return true
}

async function giveUp(
  { ground, scope, payment }: Drive,
  about: { key: string; code: string; error?: StripeFault },
): Promise<undefined> {
  await inScope(ground.database, scope, async (rows) => {
    const current = await lockPayment(rows, payment.id)
    if (current && isOpen(current.state)) await endPayment(rows, current, { state: 'failed', ...about })
  })
}

/**
 * Asks Stripe where a payment stands and settles what it says (STR-71). A payment whose call never finished is carried on instead.
 * @throws StripeFault when Stripe did not answer.
 */
export async function followPayment(ground: MoneyGround, scope: Scope, paymentId: string): Promise<void> {
  const { payment, connection } = await inScope(ground.database, scope, async (rows) => {
    const found = await findPayment(rows, paymentId)
    return { payment: found, connection: found?.connectionId && (await getConnection(rows, found.connectionId)) }
  })
  if (!payment?.connectionId || !connection || !isJoined(connection)) return
  const isBooked = payment.state === 'succeeded' && payment.balanceTransactionId !== undefined
  if (isBooked || payment.state === 'canceled') return
  const { connectionId, stripePaymentIntentId: intentId } = payment
  if (!intentId || payment.state === 'created' || payment.state === 'unknown')
    return drivePayment(ground, scope, paymentId)
  const observed = await readIntent(ground, { scope, connectionId, intentId })
  if (!observed) throw new Error(`payment ${paymentId}: Stripe does not know its PaymentIntent`)
  await inScope(ground.database, scope, (rows) => settle(rows, { connectionId, observed, actor: 'schedule' }))
}
