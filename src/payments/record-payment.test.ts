import { expect, test } from 'vitest'
import { findLease } from '#leases'
import { inScope } from '#platform'
import { createSpaces } from '#spaces'
import { addDays } from '#kernel'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, codeOf, getInvoice, makeRental, todayOf, valueOf, type Rental } from '#test/rental'
import { paymentJobs } from './jobs.ts'
import { recordPayment, type ManualPayment } from './record-payment.ts'
import { listPaymentsOfInvoice } from './store.ts'

eachDatabase('recording money by hand', { jobs: paymentJobs }, (ground) => {
  /** An open first invoice of 310.00 that waits for a card, and a renter who may pay by hand. */
  const ready = async (wish: { manual?: boolean } = { manual: true }) => {
    const rental = await makeRental(ground(), wish)
    return { rental, ...valueOf(await checkOut(ground(), rental)) }
  }
  const record = (rental: Rental, invoiceId: string, change: Partial<ManualPayment> = {}) =>
    inScope(ground().database, rental.scope, (rows) =>
      recordPayment(rows, {
        invoiceId,
        amountMinor: 31_000n,
        method: 'cash',
        reference: 'Receipt 7',
        receivedOn: todayOf(ground()),
        requestKey: crypto.randomUUID(),
        actor: 'test',
        ...change,
      }),
    )
  const stateOf = (rental: Rental, about: { invoiceId: string; leaseId: string }) =>
    inScope(ground().database, rental.scope, async (rows) => ({
      invoice: await getInvoice(rows, about.invoiceId),
      lease: await findLease(rows, about.leaseId),
      payments: await listPaymentsOfInvoice(rows, about.invoiceId),
      entries: await rows
        .selectFrom('app.ledger_entries')
        .select(['rule', 'effective_on'])
        .where('operator_id', '=', rows.scope.operatorId)
        .where('rule', 'in', ['P10', 'P12'])
        .orderBy('id')
        .execute(),
    }))
  const expectBooks = async (rental: Rental) => expect(await breachesOf(ground().database, rental.scope)).toEqual([])

  test('BIL-67 P10 P12: part of it leaves the rest open, the exact rest pays it and the lease begins', async () => {
    const { rental, ...ids } = await ready()
    const yesterday = addDays(todayOf(ground()), -1)

    expect(codeOf(await record(rental, ids.invoiceId, { amountMinor: 10_000n, receivedOn: yesterday }))).toBe('done')
    const part = await stateOf(rental, ids)
    expect(part.invoice).toMatchObject({ status: 'open', openMinor: 21_000n, allocatedDepositMinor: 0n })
    expect(part.lease).toMatchObject({ state: 'awaiting_payment' })
    await expectBooks(rental)

    expect(codeOf(await record(rental, ids.invoiceId, { amountMinor: 21_000n }))).toBe('done')
    const whole = await stateOf(rental, ids)
    expect(whole.invoice).toMatchObject({ status: 'paid', openMinor: 0n, allocatedDepositMinor: 20_000n })
    expect(whole.lease).toMatchObject({ state: 'active' })
    expect(whole.entries.map((entry) => [entry['rule'], entry['effective_on']])).toEqual([
      ['P10', yesterday],
      ['P12', yesterday],
      ['P10', todayOf(ground())],
      ['P12', todayOf(ground())],
    ])
    expect(whole.payments).toMatchObject([
      { method: 'cash', methodLabel: 'Cash', reference: 'Receipt 7', state: 'succeeded' },
      { method: 'cash', receivedOn: yesterday },
    ])
    await expectBooks(rental)
  })

  test('UI-36: the same key with other values, or for another invoice, is refused and records nothing', async () => {
    const { rental, ...ids } = await ready()
    const [space] = valueOf(await inScope(ground().database, rental.scope, (rows) => createSpaces(rows, rental)))
    const { invoiceId: other } = valueOf(await checkOut(ground(), rental, { spaceId: space!.id }))
    const requestKey = crypto.randomUUID()
    const first = { amountMinor: 10_000n, requestKey }
    const { paymentId } = valueOf(await record(rental, ids.invoiceId, first))

    expect(valueOf(await record(rental, ids.invoiceId, first))).toEqual({ paymentId })
    for (const change of [{ amountMinor: 12_000n }, { method: 'bank_transfer' as const }, { reference: 'Receipt 8' }])
      expect(codeOf(await record(rental, ids.invoiceId, { ...first, ...change }))).toBe('request_key_reused')
    expect(codeOf(await record(rental, other, first))).toBe('request_key_reused')

    expect((await stateOf(rental, ids)).payments).toHaveLength(1)
    expect((await stateOf(rental, { ...ids, invoiceId: other })).payments).toEqual([])
    await expectBooks(rental)
  })

  test('UI-36: cash for two invoices under one key at one moment is recorded for one, and the other is told', async () => {
    const { rental, invoiceId } = await ready()
    const [space] = valueOf(await inScope(ground().database, rental.scope, (rows) => createSpaces(rows, rental)))
    const { invoiceId: other } = valueOf(await checkOut(ground(), rental, { spaceId: space!.id }))
    const same = { requestKey: crypto.randomUUID() }

    const rivals = await Promise.all([record(rental, invoiceId, same), record(rental, other, same)])

    expect(rivals.map(codeOf).toSorted()).toEqual(['done', 'request_key_reused'])
    await expectBooks(rental)
  })

  test('BIL-65: more than is owed pays the invoice, and the rest stays the renter’s', async () => {
    const { rental, ...ids } = await ready()

    const { paymentId } = valueOf(
      await record(rental, ids.invoiceId, { amountMinor: 40_000n, method: 'bank_transfer' }),
    )

    const { invoice } = await stateOf(rental, ids)
    expect(invoice).toMatchObject({ status: 'paid', allocatedMinor: 31_000n })
    const unapplied = await inScope(ground().database, rental.scope, (rows) =>
      rows
        .selectFrom('app.ledger_balances')
        .select('balance_minor')
        .where('operator_id', '=', rows.scope.operatorId)
        .where('account', '=', 'unapplied_payments')
        .where('subject_id', '=', paymentId)
        .executeTakeFirst(),
    )
    expect(unapplied?.['balance_minor']).toBe('-9000')
    await expectBooks(rental)
    expect(codeOf(await record(rental, ids.invoiceId))).toBe('invoice_not_open')
  })

  test('BIL-67: refused for a renter who may not, for tomorrow, for nothing and for an unknown invoice', async () => {
    const { rental, invoiceId } = await ready()
    const strict = await ready({ manual: false })
    const tomorrow = addDays(todayOf(ground()), 1)

    const refusals = [
      await record(strict.rental, strict.invoiceId),
      await record(rental, invoiceId, { receivedOn: tomorrow }),
      await record(rental, invoiceId, { amountMinor: 0n }),
      await record(rental, invoiceId, { amountMinor: -1n }),
      await record(rental, strict.invoiceId),
    ]

    expect(refusals.map(codeOf)).toEqual([
      'manual_not_allowed',
      'received_in_future',
      'amount_not_positive',
      'amount_not_positive',
      'invoice_not_open',
    ])
    expect(refusals[1]).toMatchObject({ refusal: { field: '/receivedOn' } })
    expect((await stateOf(rental, { invoiceId, leaseId: rental.spaceId })).payments).toEqual([])
  })

  test('UI-36: the same form sent twice, even at once, records one payment', async () => {
    const { rental, ...ids } = await ready()
    const form = { amountMinor: 10_000n, requestKey: crypto.randomUUID() }

    const twins = await Promise.all([record(rental, ids.invoiceId, form), record(rental, ids.invoiceId, form)])
    const again = await record(rental, ids.invoiceId, form)

    expect(new Set([...twins, again].map((outcome) => valueOf(outcome).paymentId)).size).toBe(1)
    expect((await stateOf(rental, ids)).invoice).toMatchObject({ openMinor: 21_000n })
    await expectBooks(rental)
  })

  test('STR-125: two partial payments at once never take more than is owed; the surplus is credit', async () => {
    const { rental, ...ids } = await ready()

    const both = await Promise.all(
      ['one', 'two'].map((requestKey) => record(rental, ids.invoiceId, { amountMinor: 20_000n, requestKey })),
    )

    expect(both.map(codeOf)).toEqual(['done', 'done'])
    expect((await stateOf(rental, ids)).invoice).toMatchObject({ status: 'paid', allocatedMinor: 31_000n })
    await expectBooks(rental)
  })
})
