/**
 * Something to rent and somebody who rents it, made by the product's own deeds; and money that arrived, written as `payments` would write
 * it, for tests of the modules below.
 */
import { randomUUID } from 'node:crypto'
import { allocatePayment, firstInvoice, noBooks, previewFirstInvoice, voidUnpaid } from '#billing'
import { localDateAt, type LocalDate, type Outcome } from '#kernel'
import { checkOutSpace, leaseHandlers, previewCheckOut, type FirstInvoice, type PaymentReadiness } from '#leases'
import { post } from '#ledger'
import { findOpenPayment } from '#payments'
import { inScope, newId, type ScopedHandle } from '#platform'
import { createRenter } from '#renters'
import { createCategory, createSpaces } from '#spaces'
import type { TestGround, TestOperator } from './databases.ts'

/** For tests below billing, which may not open its door themselves. */
export { getInvoice, listInvoices } from '#billing'

export type Rental = TestOperator & { readonly categoryId: string; readonly spaceId: string; readonly renterId: string }

/** @throws when the deed was refused. */
export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new Error(`${outcome.refusal.code}: ${outcome.refusal.problem.cause}`)
}

/** The code of a refusal, or `done`. */
export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'done' : outcome.refusal.code
}

export type RentalWish = { readonly month?: string; readonly deposit?: string; readonly manual?: boolean }

/** A fresh operator with a category at 100.00 a month and a 200.00 deposit, one space and one renter. */
export async function makeRental(ground: TestGround, wish: RentalWish = {}): Promise<Rental> {
  const operator = await ground.makeOperator()
  const parts = await inScope(ground.database, operator.scope, async (rows) => {
    const prices = { periodPrices: { month: wish.month ?? '100.00' }, deposit: wish.deposit ?? '200.00' }
    const category = valueOf(
      await createCategory(rows, { code: 'DESK', name: 'Desk', priceBasis: 'period_price', ...prices }),
    )
    const [space] = valueOf(await createSpaces(rows, { categoryId: category.id }))
    const details = { kind: 'person', name: 'Kim Park', manualPaymentsAllowed: wish.manual ?? false } as const
    const renter = valueOf(await createRenter(rows, { ...details, actor: 'test' }))
    return { categoryId: category.id, spaceId: space!.id, renterId: renter.id }
  })
  return { ...operator, ...parts }
}

/** Today at the test operator's location. */
export function todayOf(ground: TestGround): LocalDate {
  return localDateAt(ground.clock.now(), 'Australia/Sydney')
}

/** What the wiring hands to a check-out; the card question is answered as the test wants. */
export function checkOutGround(ground: TestGround, readiness: PaymentReadiness = 'ready') {
  const readPaymentReadiness = async () => readiness
  return { database: ground.database, firstInvoice, previewFirstInvoice, readPaymentReadiness }
}

/** The jobs of the lease clock with what the wiring hands them. */
export function leaseHandlersOf({ database }: TestGround) {
  const books = noBooks('not_connected')
  const countInFlight = async (rows: ScopedHandle, invoiceId: string) =>
    (await findOpenPayment(rows, invoiceId)) ? 1 : 0
  return leaseHandlers({ database, voidUnpaid: (rows, leaseId) => voidUnpaid(rows, { leaseId, books, countInFlight }) })
}

export type TestCheckOut = {
  readonly readiness?: PaymentReadiness
  readonly draftId?: string
  readonly spaceId?: string
  readonly startOn?: LocalDate
  readonly deposit?: 'standard' | 'none' | { readonly custom: string }
  readonly acceptedName?: string
  /** The power goes out after the invoice was written and numbered, before the commit. */
  readonly breaksAfterInvoice?: boolean
  readonly rateOverride?: { readonly price: string; readonly reason: string }
}

/** Previews and confirms, as the wizard does. */
export async function checkOut(ground: TestGround, rental: Rental, wish: TestCheckOut = {}) {
  const parts = checkOutGround(ground, wish.readiness)
  const terms = {
    spaceId: wish.spaceId ?? rental.spaceId,
    renterId: rental.renterId,
    interval: 'month',
    startOn: wish.startOn ?? todayOf(ground),
    deposit: wish.deposit ?? 'standard',
    ...(wish.rateOverride && { rateOverride: wish.rateOverride }),
  } as const
  const preview = await inScope(ground.database, rental.scope, (rows) => previewCheckOut(parts, rows, terms))
  const previewHash = preview.ok ? preview.value.previewHash : 'none'
  const form = { draftId: wish.draftId ?? randomUUID(), acceptedName: wish.acceptedName ?? 'Kim Park', previewHash }
  const written = wish.breaksAfterInvoice ? { ...parts, firstInvoice: breaking } : parts
  return checkOutSpace(written, rental.scope, { ...terms, ...form, actor: 'test' })
}

const breaking: FirstInvoice = async (rows, lease) => {
  await firstInvoice(rows, lease)
  throw new Error('the power went out')
}

/** Money in hand: the payment's row and its posting (P10), put on the invoice as far as it is owed. */
export async function receive(rows: ScopedHandle, money: { invoiceId: string; renterId: string; amountMinor: bigint }) {
  const { invoiceId, renterId, amountMinor } = money
  const id = newId(rows.clock)
  const now = rows.clock.now()
  await rows
    .insertInto('app.payments')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id,
      renter_id: renterId,
      invoice_id: invoiceId,
      method: 'cash',
      state: 'succeeded',
      amount_minor: amountMinor.toString(),
      currency: 'AUD',
      requested_by: 'test',
      created_at: now,
      updated_at: now,
    })
    .execute()
  const effectiveOn = localDateAt(now, 'Australia/Sydney')
  const common = { currency: 'AUD', subjectId: id, renterId }
  await post(rows, {
    rule: 'P10',
    cause: { kind: 'payment', id, step: 'succeeded' },
    effectiveOn,
    actor: 'test',
    lines: [
      { ...common, account: 'manual_receipts', amountMinor },
      { ...common, account: 'unapplied_payments', amountMinor: -amountMinor },
    ],
  })
  const allocated = await allocatePayment(rows, {
    paymentId: id,
    invoiceId,
    renterId,
    amountMinor,
    currency: 'AUD',
    effectiveOn,
    actor: 'test',
  })
  return { paymentId: id, ...allocated }
}
