/**
 * The background work of payments and of saved methods' setups, by stable names (ARC-43), and charging by itself (L2): when an invoice
 * was finalised, when its charge date comes, when a new card was saved, when Stripe can be asked again. A charge that is not possible yet
 * is no error here: the invoice stays open and says what is missing.
 */
import { addDays, compareDates, isMode, localDateAt, type LocalDate } from '#kernel'
import { findInvoice, listInvoices, lockInvoice } from '#billing'
import { findChargingConnection } from '#connections'
import { getFact, inScope, type JobDeclaration, type JobHandler, type JobPayload, type ScopedHandle } from '#platform'
import { followSetup, getRenter, listUnfinishedSetups } from '#renters'
import { getLocation } from '#spaces'
import { drivePayment, followPayment } from './drive-payment.ts'
import { listUntriedInvoices, type UntriedInvoice } from './money-call-store.ts'
import { pollOf, type MoneyGround } from './payment.ts'
import { requestCharge } from './request-charge.ts'
import { listPaymentsOfInvoice, listUnfinishedPayments } from './store.ts'

export const paymentJobs = [
  { name: 'payments.on-invoice-finalised', reads: ['invoice.finalised'] },
  { name: 'payments.on-method-saved', reads: ['method.saved'] },
  {
    name: 'payments.on-connection',
    reads: ['connection.verified', 'connection.revived', 'connection.charging_changed'],
  },
  { name: 'payments.on-method-revived', reads: ['method.revived'] },
  { name: 'payments.charge-due' },
  { name: 'payments.charge-waiting' },
  { name: 'payments.drive', retryLimit: 1000 },
  { name: 'payments.follow', retryLimit: 1000 },
  { name: 'renters.follow-setup', retryLimit: 1000 },
] as const satisfies readonly JobDeclaration[]

export function paymentHandlers(ground: MoneyGround): Record<(typeof paymentJobs)[number]['name'], JobHandler> {
  const inRows = (work: (rows: ScopedHandle, id: string) => Promise<void>): JobHandler => {
    return (payload) => inScope(ground.database, scopeOf(payload), (rows) => work(rows, payload.id))
  }
  return {
    'payments.on-invoice-finalised': inRows(onInvoiceFinalised),
    'payments.on-method-saved': inRows(onMethodSaved),
    'payments.on-connection': inRows((rows) => planWaitingCharges(rows)),
    'payments.on-method-revived': inRows(async (rows, factId) =>
      planWaitingCharges(rows, (await getFact(rows, factId)).ids['renter']),
    ),
    'payments.charge-waiting': inRows(chargeWaiting),
    'payments.charge-due': inRows((rows, id) => chargeDue(rows, { invoiceId: id, onceFor: 'due' })),
    'payments.drive': (payload) => drivePayment(ground, scopeOf(payload), payload.id),
    'payments.follow': (payload) => followPayment(ground, scopeOf(payload), payload.id),
    'renters.follow-setup': (payload) => followSetup(ground, scopeOf(payload), payload.id),
  }
}

export function scopeOf({ operatorId, mode }: JobPayload) {
  if (!isMode(mode)) throw new Error(`a job names the mode ${mode}`)
  return { operatorId, mode }
}

/**
 * Plans everything unfinished of one operator again. Nothing here decides: each job re-reads and finds its place, so running this at
 * every start and every few minutes is safe, and a job lost in any way is made good (STR-71). @returns how much is unfinished.
 */
export async function recoverPayments(rows: ScopedHandle): Promise<number> {
  const [payments, setups] = [await listUnfinishedPayments(rows), await listUnfinishedSetups(rows)]
  for (const payment of payments) {
    const { id, state } = payment
    if (state === 'created' || state === 'unknown') await rows.enqueue({ name: 'payments.drive', id })
    else await rows.enqueue({ name: 'payments.follow', id, onceFor: pollOf(payment) })
  }
  for (const { id } of setups) await rows.enqueue({ name: 'renters.follow-setup', id })
  return payments.length + setups.length
}

/** Asks about a payment as soon as possible, beside whatever is planned for later: somebody wants to know now. */
export function planFollowing(rows: ScopedHandle, paymentId: string): Promise<void> {
  return rows.enqueue({ name: 'payments.follow', id: paymentId, onceFor: 'check' })
}

/** The reader of `invoice.finalised`: plans the charge for its date, or makes it now. */
async function onInvoiceFinalised(rows: ScopedHandle, factId: string): Promise<void> {
  const { ids } = await getFact(rows, factId)
  await chargeDue(rows, { invoiceId: ids['invoice']!, onceFor: 'first' })
}

/** Charges the invoice when its charge date has come and the renter is on autopay. `onceFor` names the occasion: it acts once for it. */
async function chargeDue(rows: ScopedHandle, about: { invoiceId: string; onceFor: string }): Promise<void> {
  const invoice = await findInvoice(rows, about.invoiceId)
  if (invoice?.status !== 'open' || invoice.openMinor <= 0n || !invoice.chargeOn) return
  const renter = await getRenter(rows, invoice.renterId)
  if (!renter.autopay) return
  const { timeZone } = await getLocation(rows)
  const today = localDateAt(rows.clock.now(), timeZone)
  if (compareDates(invoice.chargeOn, today) > 0) {
    return rows.enqueue({
      name: 'payments.charge-due',
      id: invoice.id,
      startAt: chargeInstant(invoice.chargeOn, timeZone),
    })
  }
  await requestCharge(rows, {
    invoiceId: invoice.id,
    requestKey: `auto:${invoice.id}:${about.onceFor}`,
    actor: 'schedule',
  })
}

/** 09:00 local wall time of the charge date (BIL-71); a time that does not exist that day is later by the gap. */
function chargeInstant(chargeOn: string, timeZone: string): Date {
  const local = Temporal.PlainDate.from(chargeOn).toZonedDateTime({ timeZone, plainTime: '09:00' })
  return new Date(local.epochMilliseconds)
}

/** The reader of `method.saved`: a new card tries what is due at once (BIL-73), each invoice once per card. */
async function onMethodSaved(rows: ScopedHandle, factId: string): Promise<void> {
  const { ids } = await getFact(rows, factId)
  const open = await listInvoices(rows, { renterId: ids['renter']!, statuses: ['open'], limit: 100 })
  for (const { id } of open) {
    const tried = await listPaymentsOfInvoice(rows, id)
    if (tried.some(({ savedMethodId }) => savedMethodId === ids['method'])) continue
    await chargeDue(rows, { invoiceId: id, onceFor: `method:${ids['method']}` })
  }
}

/** Somebody who forgot to write down cash for a month would be paid twice, so what is older than this a person charges (decision 0036). */
const longestWaitDays = 30

/** Something can be charged again (STR-26, STR-28): what fell due meanwhile and was never tried goes on, each invoice by its own job. */
async function planWaitingCharges(rows: ScopedHandle, renterId?: string): Promise<void> {
  const { timeZone } = await getLocation(rows)
  const now = rows.clock.now()
  const jobs = (await listWaiting(rows, { renterId })).map(({ id, chargeOn }) => {
    const startAt = chargeInstant(chargeOn, timeZone)
    // Before the hour of its day it waits like any other.
    return startAt > now ? { name: 'payments.charge-due', id, startAt } : { name: 'payments.charge-waiting', id }
  })
  if (jobs.length > 0) await rows.enqueue(...jobs)
}

async function listWaiting(
  rows: ScopedHandle,
  about: { readonly renterId?: string | undefined; readonly invoiceId?: string },
): Promise<readonly UntriedInvoice[]> {
  const connection = await findChargingConnection(rows)
  if (!connection) return []
  const { timeZone } = await getLocation(rows)
  const chargeUntil: LocalDate = localDateAt(rows.clock.now(), timeZone)
  const chargeFrom = addDays(chargeUntil, -longestWaitDays)
  return listUntriedInvoices(rows, { ...about, connectionId: connection.id, chargeFrom, chargeUntil })
}

/** Asked again under the lock of the invoice: whoever has tried it meanwhile was the one. */
async function chargeWaiting(rows: ScopedHandle, invoiceId: string): Promise<void> {
  await lockInvoice(rows, invoiceId)
  const [waiting] = await listWaiting(rows, { invoiceId })
  if (!waiting) return
  const withdrawn = await listPaymentsOfInvoice(rows, invoiceId)
  await chargeDue(rows, { invoiceId, onceFor: `waited:${withdrawn.length}` })
}
