/** All SQL of payments and their attempts. */
import type { PaymentIntentId } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
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

export async function listPaymentsById(rows: ScopedHandle, ids: readonly string[]): Promise<readonly Payment[]> {
  if (ids.length === 0) return []
  const found = await payments(rows)
    .where(sql<boolean>`id = any (${ids}::uuid[])`)
    .execute()
  return found.map(toPayment)
}

/** Locks the row until the transaction ends. Callers lock the invoice first, always in that order (TRU-134). */
export async function lockPayment(rows: ScopedHandle, id: string): Promise<Payment | undefined> {
  const row = await payments(rows).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toPayment(row)
}

/** Locks several rows in the one order in which payments are locked. @returns them as they stand under the lock. */
export async function lockPayments(rows: ScopedHandle, ids: readonly string[]): Promise<readonly Payment[]> {
  if (ids.length === 0) return []
  const found = await payments(rows)
    .where(sql<boolean>`id = any (${ids}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
  return found.map(toPayment)
}

/** What there is for these intents, each of its own connection. */
export async function listPaymentsByIntents(
  rows: ScopedHandle,
  wanted: readonly { readonly connectionId: string; readonly intentId: PaymentIntentId }[],
): Promise<readonly Payment[]> {
  const found: Payment[] = []
  for (const [connectionId, group] of Map.groupBy(wanted, (one) => one.connectionId)) {
    const intents = group.map(({ intentId }) => intentId)
    const query = payments(rows).where('connection_id', '=', connectionId)
    const known = await query.where(sql<boolean>`stripe_payment_intent_id = any (${intents}::text[])`).execute()
    found.push(...known.map(toPayment))
  }
  return found
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

/** Whether money was ever taken through Stripe in this mode. */
export async function hasTakenPayment(rows: ScopedHandle): Promise<boolean> {
  const found = await payments(rows)
    .where('connection_id', 'is not', null)
    .where('state', '=', 'succeeded')
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
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

export function updatePayment(rows: ScopedHandle, id: string, change: PaymentChange): Promise<void> {
  return updatePayments(rows, new Map([[id, change]]))
}

/** Each payment by what changes of it, in one statement: what a change leaves out stays. */
export async function updatePayments(rows: ScopedHandle, changes: ReadonlyMap<string, PaymentChange>): Promise<void> {
  if (changes.size === 0) return
  const { operatorId, mode } = rows.scope
  const set = Object.entries(changeable).map(
    ([name, type]) =>
      sql`${sql.ref(name)} = case when change ? ${sql.lit(name)} then (change ->> ${sql.lit(name)})::${sql.raw(type)} else payment.${sql.ref(name)} end`,
  )
  await sql`
    update app.payments payment set ${sql.join(set)}, updated_at = ${rows.clock.now()}, version = version + 1
    from jsonb_to_recordset(${JSON.stringify([...changes].map(([id, change]) => ({ id, change })))}::jsonb) as given (id uuid, change jsonb)
    where payment.operator_id = ${operatorId} and payment.mode = ${mode} and payment.id = given.id`.execute(rows)
}

const changeable: Readonly<Record<keyof PaymentChange, string>> = {
  state: 'text',
  saved_method_id: 'uuid',
  method_label: 'text',
  attempt: 'integer',
  is_off_session: 'boolean',
  next_action_url: 'text',
  stripe_payment_intent_id: 'text',
  stripe_charge_id: 'text',
  receipt_url: 'text',
  stripe_request_id: 'text',
  failure_code: 'text',
  decline_code: 'text',
  advice_code: 'text',
  balance_transaction_id: 'text',
  fee_minor: 'bigint',
  polls: 'integer',
  settled_at: 'timestamptz',
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
