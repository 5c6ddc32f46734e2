/** All SQL of payments and their attempts. */
import type { PaymentIntentId } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { Payment } from './payment.ts'
import { openStates, type PaymentState } from './payment-state.ts'

const own = (rows: ScopedHandle) => ({ operator_id: rows.scope.operatorId, mode: rows.scope.mode })
const payments = (rows: ScopedHandle) =>
  rows
    .selectFrom('app.payments')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)

export type NewPayment = Pick<
  Payment,
  'id' | 'renterId' | 'method' | 'methodLabel' | 'amountMinor' | 'currency' | 'requestedBy'
> & {
  readonly invoiceId: string | undefined
  readonly state: PaymentState
  readonly connectionId?: string
  readonly savedMethodId?: string
  readonly attempt?: number
  readonly reference?: string
  readonly receivedOn?: string
  readonly requestKey?: string
  readonly stripePaymentIntentId?: PaymentIntentId
  readonly stripeInvoiceId?: string
}

export async function insertPayment(rows: ScopedHandle, payment: NewPayment): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.payments')
    .values({
      ...own(rows),
      id: payment.id,
      renter_id: payment.renterId,
      invoice_id: payment.invoiceId ?? null,
      connection_id: payment.connectionId ?? null,
      saved_method_id: payment.savedMethodId ?? null,
      method: payment.method,
      method_label: payment.methodLabel,
      state: payment.state,
      amount_minor: payment.amountMinor.toString(),
      currency: payment.currency,
      attempt: payment.attempt ?? 0,
      reference: payment.reference ?? '',
      received_on: payment.receivedOn ?? null,
      request_key: payment.requestKey ?? null,
      stripe_payment_intent_id: payment.stripePaymentIntentId ?? null,
      stripe_invoice_id: payment.stripeInvoiceId ?? null,
      requested_by: payment.requestedBy,
      created_at: now,
      updated_at: now,
      settled_at: payment.state === 'succeeded' ? now : null,
    })
    .execute()
}

export async function findPayment(rows: ScopedHandle, id: string): Promise<Payment | undefined> {
  const row = await payments(rows).where('id', '=', id).executeTakeFirst()
  return row && toPayment(row)
}

/** Locks the row until the transaction ends. Callers lock the invoice first, always in that order (TRU-134). */
export async function lockPayment(rows: ScopedHandle, id: string): Promise<Payment | undefined> {
  const row = await payments(rows).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toPayment(row)
}

export async function findPaymentByIntent(
  rows: ScopedHandle,
  about: { connectionId: string; intentId: string },
): Promise<Payment | undefined> {
  const row = await payments(rows)
    .where('connection_id', '=', about.connectionId)
    .where('stripe_payment_intent_id', '=', about.intentId)
    .executeTakeFirst()
  return row && toPayment(row)
}

/** Charges keep the key with the attempt, payments recorded by hand with the payment itself. */
export async function findPaymentByRequestKey(rows: ScopedHandle, requestKey: string): Promise<Payment | undefined> {
  const attempt = await rows
    .selectFrom('app.payment_attempts')
    .select('payment_id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('request_key', '=', requestKey)
    .executeTakeFirst()
  if (attempt) return findPayment(rows, attempt.payment_id)
  const row = await payments(rows).where('request_key', '=', requestKey).executeTakeFirst()
  return row && toPayment(row)
}

export async function listPaymentsOfInvoice(rows: ScopedHandle, invoiceId: string): Promise<readonly Payment[]> {
  return (await payments(rows).where('invoice_id', '=', invoiceId).orderBy('id', 'desc').execute()).map(toPayment)
}

/** Payments that reached the invoice by allocation or were asked for it, newest first: what its page shows. */
export async function findOpenPayment(rows: ScopedHandle, invoiceId: string): Promise<Payment | undefined> {
  const row = await payments(rows)
    .where('invoice_id', '=', invoiceId)
    .where('connection_id', 'is not', null)
    .where('state', 'in', [...openStates])
    .executeTakeFirst()
  return row && toPayment(row)
}

/** Declined payments of the same invoice whose PaymentIntents still stand at Stripe beside this one (STR-78). */
export async function listSupersededPayments(rows: ScopedHandle, payment: Payment): Promise<readonly Payment[]> {
  const found = await payments(rows)
    .where('invoice_id', '=', payment.invoiceId)
    .where('id', '<>', payment.id)
    .where('state', '=', 'failed')
    .where('stripe_payment_intent_id', 'is not', null)
    .where('stripe_invoice_id', 'is', null)
    .orderBy('id')
    .execute()
  return found.map(toPayment)
}

/** The newest provider payment of each invoice, for labels; one query for a page of invoices. */
export async function listNewestPayments(
  rows: ScopedHandle,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, Payment>> {
  if (invoiceIds.length === 0) return new Map()
  const found = await payments(rows)
    .where('invoice_id', 'in', [...invoiceIds])
    .distinctOn('invoice_id')
    .orderBy('invoice_id')
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return new Map(found.map((row) => [row.invoice_id as string, toPayment(row)]))
}

/** Everything that is not final, for the recovery at start and every few minutes (STR-71). */
export async function listUnfinishedPayments(rows: ScopedHandle): Promise<readonly Payment[]> {
  const found = await payments(rows)
    .where('connection_id', 'is not', null)
    .where('state', 'in', [...openStates])
    .orderBy('id')
    .limit(1000)
    .execute()
  return found.map(toPayment)
}

export type PaymentChange = Partial<{
  state: PaymentState
  saved_method_id: string
  method_label: string
  attempt: number
  is_off_session: boolean
  next_action_url: string | null
  stripe_payment_intent_id: PaymentIntentId
  stripe_charge_id: string
  receipt_url: string
  stripe_request_id: string
  failure_code: string | null
  decline_code: string | null
  advice_code: string | null
  balance_transaction_id: string
  fee_minor: string
  polls: number
  settled_at: Date
}>

export async function updatePayment(rows: ScopedHandle, id: string, change: PaymentChange): Promise<void> {
  await rows
    .updateTable('app.payments')
    .set((expression) => ({ ...change, updated_at: rows.clock.now(), version: expression('version', '+', 1) }))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

export async function recordAttempt(
  rows: ScopedHandle,
  paymentId: string,
  attempt: {
    attempt: number
    methodLabel: string
    outcome: string
    requestKey?: string
    failureCode?: string | undefined
    declineCode?: string | undefined
    adviceCode?: string | undefined
  },
): Promise<void> {
  const outcome = {
    outcome: attempt.outcome,
    failure_code: attempt.failureCode ?? null,
    decline_code: attempt.declineCode ?? null,
    advice_code: attempt.adviceCode ?? null,
  }
  await rows
    .insertInto('app.payment_attempts')
    .values({
      ...own(rows),
      payment_id: paymentId,
      attempt: attempt.attempt,
      method_label: attempt.methodLabel,
      request_key: attempt.requestKey ?? null,
      at: rows.clock.now(),
      ...outcome,
    })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'payment_id', 'attempt']).doUpdateSet(outcome))
    .execute()
}

export type Attempt = {
  readonly paymentId: string
  readonly attempt: number
  readonly methodLabel: string
  readonly outcome: string
  readonly failureCode: string | undefined
  readonly declineCode: string | undefined
  readonly at: Date
}

export async function listAttempts(rows: ScopedHandle, paymentIds: readonly string[]): Promise<readonly Attempt[]> {
  if (paymentIds.length === 0) return []
  const found = await rows
    .selectFrom('app.payment_attempts')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('payment_id', 'in', [...paymentIds])
    .orderBy('at')
    .execute()
  return found.map((row) => ({
    paymentId: row.payment_id,
    attempt: row.attempt,
    methodLabel: row.method_label,
    outcome: row.outcome,
    failureCode: row.failure_code ?? undefined,
    declineCode: row.decline_code ?? undefined,
    at: row.at,
  }))
}

function toPayment(row: Record<string, any>): Payment {
  return {
    id: row['id'],
    renterId: row['renter_id'],
    invoiceId: row['invoice_id'] ?? undefined,
    connectionId: row['connection_id'] ?? undefined,
    savedMethodId: row['saved_method_id'] ?? undefined,
    method: row['method'],
    methodLabel: row['method_label'],
    state: row['state'],
    amountMinor: BigInt(row['amount_minor']),
    currency: row['currency'],
    attempt: row['attempt'],
    isOffSession: row['is_off_session'],
    nextActionUrl: row['next_action_url'] ?? undefined,
    stripePaymentIntentId: row['stripe_payment_intent_id'] ?? undefined,
    stripeChargeId: row['stripe_charge_id'] ?? undefined,
    stripeInvoiceId: row['stripe_invoice_id'] ?? undefined,
    receiptUrl: row['receipt_url'] ?? undefined,
    feeMinor: row['fee_minor'] === null ? undefined : BigInt(row['fee_minor']),
    failureCode: row['failure_code'] ?? undefined,
    declineCode: row['decline_code'] ?? undefined,
    adviceCode: row['advice_code'] ?? undefined,
    reference: row['reference'],
    receivedOn: row['received_on'] ?? undefined,
    balanceTransactionId: row['balance_transaction_id'] ?? undefined,
    polls: row['polls'],
    requestedBy: row['requested_by'],
    createdAt: row['created_at'],
    updatedAt: row['updated_at'],
    settledAt: row['settled_at'] ?? undefined,
  }
}
