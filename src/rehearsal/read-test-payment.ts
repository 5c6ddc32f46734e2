/**
 * The newest test payment as it stands (UI-130). Where Stripe's news are kept is the inbox's matter, so it is asked through a function.
 */
import type { Scope } from '#kernel'
import { listInvoices } from '#billing'
import { getConnection, judgeWebhook, listEndpointSecrets } from '#connections'
import { findMoneyCall, keys, listAttempts, listPaymentsOfInvoice } from '#payments'
import { inScope, type Database, type ScopedHandle } from '#platform'
import { findTestPayer } from './store.ts'
import { tellTestPayment, type TestFacts, type TestPayment } from './test-payment.ts'

export type TestPaymentQuestion = {
  readonly scope: Scope
  /** When a delivery brought this event about this object; undefined when none did. */
  readonly findArrival: (event: { readonly type: string; readonly objectId: string }) => Promise<Date | undefined>
}

/** Undefined when none was ever made. */
export async function readTestPayment(
  database: Database,
  { scope, findArrival }: TestPaymentQuestion,
): Promise<TestPayment | undefined> {
  const facts = await inScope(database, scope, readFacts)
  if (!facts) return undefined
  const { stripePaymentIntentId: objectId } = facts.payment
  const deliveredAt = objectId && (await findArrival({ type: 'payment_intent.succeeded', objectId }))
  return tellTestPayment({ ...facts, deliveredAt: deliveredAt || undefined })
}

async function readFacts(rows: ScopedHandle): Promise<Omit<TestFacts, 'deliveredAt'> | undefined> {
  const renterId = await findTestPayer(rows)
  if (!renterId) return undefined
  const made = (await listInvoices(rows, { renterId, limit: 100 })).filter(({ kind }) => kind === 'test')
  // Invoices of one day are listed in the order in which they were made.
  for (const invoice of made) {
    const [payment] = await listPaymentsOfInvoice(rows, invoice.id)
    if (!payment?.connectionId) continue
    const now = rows.clock.now()
    const connection = await getConnection(rows, payment.connectionId)
    const attempts = await listAttempts(rows, [payment.id])
    const call = await findMoneyCall(rows, keys.confirmPayment(payment.id, payment.attempt))
    return {
      invoice,
      payment,
      connection,
      standing: judgeWebhook(connection, await listEndpointSecrets(rows, connection.id), now),
      createdAt: attempts.at(-1)?.at ?? payment.createdAt,
      chargedAt: call?.finishedAt,
      now,
    }
  }
  return undefined
}
