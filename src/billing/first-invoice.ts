/**
 * The check-out invoice: the first rent, the deposit, tax per line (architecture §16). It is issued on the check-out day and due after
 * the first terms, so it is also what is charged at once. The preview is the same computation without a pen, so both come out alike.
 */
import { daysBetween, incrementMinorOf, type LocalDate, type Uuid } from '#kernel'
import type { FirstInvoice, LeaseOnOffer, PlannedInvoice, PreviewFirstInvoice, VoidedUnpaid } from '#leases'
import { listTaxRates, type TaxRate } from '#operators'
import { newId, type ScopedHandle } from '#platform'
import { getBasis, getLocation, todayAt } from '#spaces'
import { finaliseInvoice } from './finalise-invoice.ts'
import { explainFormula, spanText, type Books, type InvoiceLine } from './invoice.ts'
import {
  datesOf,
  findPeriod,
  listPeriods,
  storageTiming,
  type InvoiceDates,
  type Period,
  type Plan,
} from './periods.ts'
import { priceOfPart } from './proration.ts'
import { findInvoiceOfLease, insertDeposit, insertDraft, lockInvoice } from './store.ts'
import { taxOf } from './tax.ts'
import { voidInvoice } from './void-invoice.ts'

/** Once per lease: asked again it answers with the invoice that is there (BIL-16). Supplied to `checkOutSpace` in the wiring. */
export const firstInvoice: FirstInvoice = async (rows, lease) => {
  const before = await findInvoiceOfLease(rows, lease.id)
  if (before) return { invoiceId: before.id, isPaid: before.status === 'paid' }
  const composed = await compose(rows, lease)
  const id = newId(rows.clock)
  const { renterId, locationId, currency } = lease
  await insertDraft(rows, {
    id,
    kind: 'check_out',
    renterId,
    leaseId: lease.id,
    locationId,
    currency,
    ...composed.dates,
    ...composed.totals,
    lines: composed.lines.map((line) => ({ ...line, leaseId: lease.id })),
  })
  if (lease.depositMinor > 0n) {
    const requiredMinor = lease.depositMinor
    await insertDeposit(rows, { id: newId(rows.clock), leaseId: lease.id, invoiceId: id, currency, requiredMinor })
  }
  const invoice = await finaliseInvoice(rows, { invoiceId: id, actor: lease.actor })
  return { invoiceId: id, isPaid: invoice.status === 'paid' }
}

/** What `firstInvoice` would write today, and the three invoices after it. */
export const previewFirstInvoice: PreviewFirstInvoice = async (rows, lease) => {
  const { lines, totals, dates, next } = await compose(rows, lease)
  return {
    currency: lease.currency,
    lines: lines.map(({ formula, ...line }) => ({
      ...line,
      ...(formula && { formula: explainFormula(formula, lease.currency) }),
    })),
    ...totals,
    ...dates,
    next,
  }
}

/**
 * The held time of a lease is over: its invoice is voided and the lease abandoned, unless money has come or may still come (BIL-17).
 * @param countInFlight how many payments of an invoice may still succeed; `payments` knows, and is asked under the invoice's lock.
 */
export async function voidUnpaid(
  rows: ScopedHandle,
  about: { leaseId: Uuid; books: Books; countInFlight: (rows: ScopedHandle, invoiceId: Uuid) => Promise<number> },
): Promise<VoidedUnpaid> {
  const found = await findInvoiceOfLease(rows, about.leaseId)
  if (!found) return 'no_invoice'
  await lockInvoice(rows, found.id)
  const inFlight = await about.countInFlight(rows, found.id)
  const voided = await voidInvoice({
    rows,
    invoiceId: found.id,
    reason: 'The first payment did not arrive in time.',
    actor: 'schedule',
    books: about.books,
    inFlight,
    leaseEnds: 'abandoned',
  })
  return voided.ok ? 'voided' : 'kept'
}

/** The three invoices of a running lease that come after today; the first one exists already. */
export async function planInvoices(rows: ScopedHandle, lease: LeaseOnOffer): Promise<readonly PlannedInvoice[]> {
  const today = todayAt(await getLocation(rows), rows.clock)
  const tax = await findTax(rows, lease.taxRateId)
  const plan = planOf(lease)
  const running = findPeriod(plan, today > lease.startOn ? today : lease.startOn)?.n ?? 1
  const coming = listPeriods(plan, running + 3).slice(running)
  return coming.map((period) => toPlanned(lease, { period, tax, notBefore: today }))
}

type Composed = {
  readonly lines: readonly InvoiceLine[]
  readonly totals: { readonly subtotalMinor: bigint; readonly taxMinor: bigint; readonly totalMinor: bigint }
  readonly dates: InvoiceDates
  readonly next: readonly PlannedInvoice[]
}

async function compose(rows: ScopedHandle, lease: LeaseOnOffer): Promise<Composed> {
  const today = todayAt(await getLocation(rows), rows.clock)
  const tax = await findTax(rows, lease.taxRateId)
  const [first, ...others] = listPeriods(planOf(lease), 4)
  if (!first) throw new Error('a lease without a single day reached billing')
  const lines = [rentLine(lease, { period: first, tax }), ...depositLines(lease)]
  const sum = (field: 'netMinor' | 'taxMinor' | 'totalMinor') => lines.reduce((total, line) => total + line[field], 0n)
  return {
    lines,
    totals: { subtotalMinor: sum('netMinor'), taxMinor: sum('taxMinor'), totalMinor: sum('totalMinor') },
    dates: datesOf(storageTiming, { start: first.start, notBefore: today, isFirst: true }),
    next: others.map((period) => toPlanned(lease, { period, tax, notBefore: today })),
  }
}

type PeriodToBill = { readonly period: Period; readonly tax: TaxRate | undefined }

function toPlanned(lease: LeaseOnOffer, about: PeriodToBill & { readonly notBefore: LocalDate }): PlannedInvoice {
  const { period, notBefore } = about
  const { totalMinor } = rentLine(lease, about)
  const dates = datesOf(storageTiming, { start: period.start, notBefore, isFirst: false })
  return { periodStart: period.start, periodEnd: period.end, ...dates, totalMinor }
}

function planOf({ interval, terms, startOn, endOn }: LeaseOnOffer): Plan {
  const { anchor, firstInvoice: mode } = terms
  return { basis: getBasis(interval), anchor, startOn, endOn, firstInvoice: mode }
}

async function findTax(rows: ScopedHandle, id: Uuid | undefined): Promise<TaxRate | undefined> {
  return id === undefined ? undefined : (await listTaxRates(rows)).find((rate) => rate.id === id)
}

function rentLine(lease: LeaseOnOffer, { period, tax }: PeriodToBill): InvoiceLine {
  const { priceMinor, interval } = lease
  const incrementMinor = incrementMinorOf(lease.currency)
  const referenceDays = daysBetween(period.reference.start, period.reference.end)
  const method = lease.terms.proration
  const part = { method, priceMinor, basis: getBasis(interval), days: period.days, referenceDays, incrementMinor }
  const amount = priceOfPart(part)
  const rate = tax?.percent ?? '0'
  const taxed = taxOf(amount, {
    entry: 'exclusive',
    tax: { rate, treatment: tax?.treatment ?? 'out_of_scope' },
    incrementMinor,
  })
  return {
    lineNo: 1,
    kind: 'rent',
    description: `Rent ${lease.spaceNumber}, ${spanText(period)}`,
    quantity: '1',
    unitMinor: amount,
    ...taxed,
    ...(tax && { taxRateId: tax.id }),
    taxName: tax?.name ?? 'No tax',
    taxPercent: rate,
    taxTreatment: tax?.treatment ?? 'out_of_scope',
    serviceStart: period.start,
    serviceEnd: period.end,
    formula: { priceMinor: priceMinor.toString(), days: period.days, referenceDays, method },
  }
}

/** A deposit is never taxed and never income (BIL-44, BIL-48). */
function depositLines({ depositMinor, spaceNumber }: LeaseOnOffer): InvoiceLine[] {
  if (depositMinor === 0n) return []
  return [
    {
      lineNo: 2,
      kind: 'deposit',
      description: `Deposit ${spaceNumber}`,
      quantity: '1',
      unitMinor: depositMinor,
      netMinor: depositMinor,
      taxMinor: 0n,
      totalMinor: depositMinor,
      taxName: 'Not subject to tax',
      taxPercent: '0',
      taxTreatment: 'out_of_scope',
    },
  ]
}
