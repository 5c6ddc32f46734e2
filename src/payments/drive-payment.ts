/**
 * Carries a planned charge to Stripe, one persisted step at a time (STR-75, TRU-130 to TRU-135), and picks it up wherever a dead
 * process left it. Every arrow is its own transaction and no HTTP runs inside one. Running it twice, or from two workers, charges once:
 * the create and each confirmation have their key before they leave, and a PaymentIntent succeeds at most once.
 */
import type { CustomerId, PaymentMethodId, Scope } from '#kernel'
import { getConnection, recheckKey, stripeScopeOf } from '#connections'
import { inScope, recordFact, type Database, type Logs, type ScopedHandle, type SecretBox } from '#platform'
import { ensureCustomer, getMethod } from '#renters'
import { StripeFault, type PaymentIntentSeen, type StripeGateway, type StripeScope } from '#stripe'
import { mayRepeat } from './money-call-state.ts'
import { keys, type MoneyCall, type Payment } from './payment.ts'
import { isOpen } from './payment-state.ts'
import { idsOf, settle } from './settle.ts'
import { findMoneyCall, updateMoneyCall } from './money-call-store.ts'
import { findPayment, lockPayment, recordAttempt, updatePayment } from './store.ts'

/** What every deed that talks to Stripe is given by the wiring. */
export type MoneyGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
  readonly publicUrl: string
}

type Drive = {
  readonly ground: MoneyGround
  readonly scope: Scope
  readonly payment: Payment
  readonly stripeScope: StripeScope
  readonly connectionId: string
}

/** @throws StripeFault when Stripe did not answer usefully; the job tries again and finds its place. */
export async function drivePayment(ground: MoneyGround, scope: Scope, paymentId: string): Promise<void> {
  const start = await inScope(ground.database, scope, async (rows) => {
    const payment = await findPayment(rows, paymentId)
    if (!payment?.connectionId || !isOpen(payment.state)) return undefined
    return { payment, connection: await getConnection(rows, payment.connectionId) }
  })
  if (!start || start.connection.state === 'broken' || start.connection.writesFrozenReason) return
  const drive = {
    ground,
    scope,
    payment: start.payment,
    connectionId: start.connection.id,
    stripeScope: stripeScopeOf(ground.box, start.connection),
  }
  try {
    const intent = await createIntent(drive)
    await confirmIntent(drive, intent)
  } catch (error) {
    await onFault(drive, error)
  }
}

/** Step 2 and 3: an unconfirmed intent that can charge nothing, and its id on our row. */
async function createIntent(drive: Drive): Promise<PaymentIntentSeen> {
  const { ground, payment, stripeScope } = drive
  if (payment.stripePaymentIntentId)
    return (await ground.stripe.findPaymentIntent(stripeScope, payment.stripePaymentIntentId))!
  const key = keys.createPayment(payment.id)
  const customer = (await ensureCustomer(ground, drive.scope, {
    renterId: payment.renterId,
    connectionId: drive.connectionId,
  })) as CustomerId
  const call = await startCall(drive, key)
  const intent = (await lookUp(drive, { call, customer })) ?? (await send(drive, { call, customer }))
  await inScope(ground.database, drive.scope, async (rows) => {
    await settle(rows, { connectionId: drive.connectionId, observed: intent, actor: payment.requestedBy })
    await updateMoneyCall(rows, key, { state: 'succeeded', provider_id: intent.id })
  })
  return intent
}

/** A call that may have left before is looked up by listing, never by search, before anything is sent again (STR-77). */
async function lookUp(
  drive: Drive,
  { call, customer }: { call: MoneyCall; customer: CustomerId },
): Promise<PaymentIntentSeen | undefined> {
  if (call.state === 'created') return undefined
  const since = new Date(call.createdAt.getTime() - 3_600_000)
  const listed = await drive.ground.stripe.listPaymentIntents(drive.stripeScope, { customer, createdSince: since })
  const found = listed.find(({ metadata }) => metadata['rentroll_payment'] === drive.payment.id)
  if (!found && !mayRepeat(call, drive.ground.database.clock.now()))
    throw new Error(
      `payment ${drive.payment.id}: Stripe does not list it and its key is too old to repeat; a person decides`,
    )
  return found
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
    methodType: 'card',
    description: 'Rent',
    metadata: { rentroll_payment: payment.id, ...(payment.invoiceId && { rentroll_invoice: payment.invoiceId }) },
    idempotencyKey: call.idempotencyKey,
  })
}

/** Step 4 and 5. Only this attempt's own key is used, so a decline of an earlier attempt is never read as its answer. */
async function confirmIntent(drive: Drive, intent: PaymentIntentSeen): Promise<void> {
  const { ground, scope, payment } = drive
  const key = keys.confirmPayment(payment.id, payment.attempt)
  const before = await inScope(ground.database, scope, (rows) => findMoneyCall(rows, key))
  const isConfirmable = intent.status === 'requires_payment_method' || intent.status === 'requires_confirmation'
  if (!before || before.state === 'succeeded' || before.state === 'failed')
    return finish(drive, { key, intent, isAnswer: false })
  // An intent that can no longer be confirmed shows what this attempt's call did, although its answer was lost.
  if (!isConfirmable || isTooOld(drive, before)) return finish(drive, { key, intent, isAnswer: true })
  await startCall(drive, key)
  const { methodId, returnUrl } = await inScope(ground.database, scope, (rows) => confirmation(rows, drive))
  const answer = await ground.stripe.confirmPaymentIntent(drive.stripeScope, intent.id, {
    ...(methodId && { paymentMethod: methodId }),
    offSession: payment.isOffSession,
    ...(returnUrl && { returnUrl }),
    idempotencyKey: key,
  })
  await finish(drive, { key, intent: answer, isAnswer: true })
}

function isTooOld({ ground }: Drive, call: MoneyCall): boolean {
  return call.state !== 'created' && !mayRepeat(call, ground.database.clock.now())
}

async function confirmation(
  rows: ScopedHandle,
  { payment, ground }: Drive,
): Promise<{ methodId: PaymentMethodId | undefined; returnUrl: string | undefined }> {
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
  const { ground, scope, payment, connectionId } = drive
  await inScope(ground.database, scope, async (rows) => {
    if (isAnswer)
      await updateMoneyCall(rows, key, {
        state: 'succeeded',
        provider_id: intent.id,
        ...(intent.requestId && { stripe_request_id: intent.requestId }),
      })
    const verdict = await settle(rows, {
      connectionId,
      observed: intent,
      actor: payment.requestedBy,
      ...(isAnswer && { answersAttempt: payment.attempt }),
    })
    if (verdict !== 'done')
      throw new Error(`payment ${payment.id}: its own answer was not accepted: ${JSON.stringify(verdict)}`)
  })
}

/** Written before the call leaves: whoever comes after a crash knows that it may have happened. */
async function startCall(drive: Drive, key: string): Promise<MoneyCall> {
  return inScope(drive.ground.database, drive.scope, async (rows) => {
    const call = (await findMoneyCall(rows, key))!
    await updateMoneyCall(rows, key, { state: 'sent' })
    return call
  })
}

async function onFault(drive: Drive, error: unknown): Promise<void> {
  const { ground, scope, payment } = drive
  if (!(error instanceof StripeFault)) throw error
  if (error.kind === 'auth') await recheckKey(ground, scope, drive.connectionId)
  await inScope(ground.database, scope, async (rows) => {
    const current = await lockPayment(rows, payment.id)
    if (!current || !isOpen(current.state)) return
    const key = current.stripePaymentIntentId
      ? keys.confirmPayment(payment.id, payment.attempt)
      : keys.createPayment(payment.id)
    if (error.isOutcomeUnknown) {
      await updateMoneyCall(rows, key, { state: 'unknown', failure: error.kind })
      if (current.state === 'created') await updatePayment(rows, payment.id, { state: 'unknown' })
    }
    if (isFinal(error)) await giveUp(rows, { drive, key, error })
  })
  if (!isFinal(error)) throw error
}

/** Refused for good: the same request will be refused again, so the payment failed and another card or a person is needed. */
function isFinal(error: StripeFault): boolean {
  return error.kind === 'invalid' || error.kind === 'missing' || error.kind === 'permission' || error.kind === 'card'
}

async function giveUp(
  rows: ScopedHandle,
  { drive, key, error }: { drive: Drive; key: string; error: StripeFault },
): Promise<void> {
  const { payment } = drive
  const code = error.code ?? error.kind
  await updateMoneyCall(rows, key, { state: 'failed', failure: code })
  await updatePayment(rows, payment.id, {
    state: 'failed',
    failure_code: code,
    decline_code: error.declineCode ?? null,
    advice_code: error.adviceCode ?? null,
  })
  await recordAttempt(rows, payment.id, {
    attempt: payment.attempt,
    methodLabel: payment.methodLabel,
    outcome: 'failed',
    failureCode: code,
  })
  await recordFact(rows, { name: 'payment.failed', ids: idsOf(payment), actor: payment.requestedBy })
}
