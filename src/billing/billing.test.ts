import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSpaces } from '#spaces'
import { updateRenter, getRenter } from '#renters'
import { billingOf } from '#test/billing'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, codeOf, makeRental, receive, todayOf, valueOf } from '#test/rental'
import { reverseAllocation } from './allocation.ts'
import { finaliseInvoice } from './finalise-invoice.ts'
import {
  countInvoices,
  findDepositOfInvoice,
  getInvoice,
  hasFinalisedInvoice,
  listAllocations,
  listBalances,
  listInvoiceLines,
  listInvoices,
  readOutstanding,
  setInvoicePaymentIntent,
} from './store.ts'

eachDatabase('billing', {}, (ground) => {
  const { rent, within, balance, factsOf } = billingOf(ground)

  test('P1: finalising posts what is owed against income, tax and the deposit, each about its subject', async () => {
    const rental = await rent()

    const found = await within(rental, async (rows) => {
      const deposit = await findDepositOfInvoice(rows, rental.invoiceId)
      return {
        receivable: await balance(rows, 'receivable', rental.invoiceId),
        income: await balance(rows, 'income.rent', `${rental.invoiceId}:1`),
        tax: await balance(rows, 'tax_payable', rental.invoiceId),
        deposit: await balance(rows, 'deposits_charged', deposit!.id),
        required: deposit!.requiredMinor,
        facts: await factsOf(rows, rental.invoiceId),
      }
    })

    expect(found).toEqual({
      receivable: 31_000n,
      income: -10_000n,
      tax: -1000n,
      deposit: -20_000n,
      required: 20_000n,
      facts: ['invoice.finalised'],
    })
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-37, BIL-53: a finalised document keeps its lines, seller and buyer whatever changes afterwards', async () => {
    const rental = await rent()

    await within(rental, async (rows) => {
      const renter = await getRenter(rows, rental.renterId)
      valueOf(await updateRenter(rows, { ...renter, name: 'Someone Else', renterId: renter.id }))
    })

    const [invoice, lines] = await within(rental, async (rows) => [
      await getInvoice(rows, rental.invoiceId),
      await listInvoiceLines(rows, rental.invoiceId),
    ])
    expect(invoice).toMatchObject({ buyer: { name: 'Kim Park' }, seller: { name: 'Test Desks Pty Ltd' } })
    expect(invoice).toMatchObject({
      spaceNumber: 'DESK-A-01',
      issueOn: todayOf(ground()),
      dueOn: todayOf(ground()),
      chargeOn: todayOf(ground()),
    })
    expect(lines.map(({ kind, taxTreatment, totalMinor }) => [kind, taxTreatment, totalMinor])).toEqual([
      ['rent', 'taxable', 11_000n],
      ['deposit', 'out_of_scope', 20_000n],
    ])
    expect(lines[0]).toMatchObject({
      serviceStart: todayOf(ground()),
      formula: { priceMinor: '10000', method: 'actual_days' },
    })
    await expect(
      within(rental, (rows) => finaliseInvoice(rows, { invoiceId: rental.invoiceId, actor: 'test' })),
    ).rejects.toThrow('not_a_draft')
  })

  test('BIL-58: numbers have no gap although transactions roll back, and follow the order of finalising', async () => {
    const rental = await makeRental(ground())
    const spaces = await within(rental, async (rows) =>
      valueOf(await createSpaces(rows, { categoryId: rental.categoryId, count: 4 })),
    )

    const outcomes = await Promise.allSettled(
      spaces.map(({ id }, index) => checkOut(ground(), rental, { spaceId: id, breaksAfterInvoice: index === 1 })),
    )

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    valueOf(await checkOut(ground(), rental))
    const numbers = await within(rental, async (rows) =>
      (await listInvoices(rows, { limit: 10 })).map(({ number }) => number),
    )
    expect(numbers.toSorted()).toEqual(['TEST-INV-000001', 'TEST-INV-000002', 'TEST-INV-000003', 'TEST-INV-000004'])
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('P12, BIL-65: money fills the rent first and the deposit last, and the last cent makes it paid', async () => {
    const rental = await rent()

    const seen = await within(rental, async (rows) => {
      const deposit = (await findDepositOfInvoice(rows, rental.invoiceId))!
      const steps = []
      for (const amountMinor of [10_000n, 6000n, 20_000n]) {
        const { allocatedMinor, isPaid } = await receive(rows, { ...rental, amountMinor })
        const held = -(await balance(rows, 'deposits_held', deposit.id))
        const { openMinor, status } = await getInvoice(rows, rental.invoiceId)
        steps.push([allocatedMinor, isPaid, held, openMinor, status])
      }
      return { steps, facts: await factsOf(rows, rental.invoiceId) }
    })

    expect(seen.steps).toEqual([
      [10_000n, false, 0n, 21_000n, 'open'],
      [6000n, false, 5000n, 15_000n, 'open'],
      [15_000n, true, 20_000n, 0n, 'paid'],
    ])
    expect(seen.facts).toEqual(['invoice.finalised', 'invoice.paid'])
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('P13: an allocation taken back reopens the invoice, once, unless its deposit was used', async () => {
    const rental = await rent()
    const paid = await within(rental, (rows) => receive(rows, { ...rental, amountMinor: 31_000n }))
    const wish = { allocationId: paid.allocationId!, effectiveOn: todayOf(ground()), actor: 'test' }

    const first = await within(rental, (rows) => reverseAllocation(rows, wish))
    const again = await within(rental, (rows) => reverseAllocation(rows, wish))

    expect(first).toEqual({ ok: true, value: { reversedMinor: 31_000n, isReopened: true } })
    expect(codeOf(again)).toBe('allocation_reversed')
    const found = await within(rental, async (rows) => ({
      invoice: await getInvoice(rows, rental.invoiceId),
      unapplied: await balance(rows, 'unapplied_payments', paid.paymentId),
      allocations: await listAllocations(rows, { paymentId: paid.paymentId }),
      facts: await factsOf(rows, rental.invoiceId),
    }))
    expect(found.invoice).toMatchObject({ status: 'open', openMinor: 31_000n, allocatedDepositMinor: 0n })
    expect(found.unapplied).toBe(-31_000n)
    expect(found.allocations.map(({ amountMinor, isReversed }) => [amountMinor, isReversed])).toEqual([
      [31_000n, true],
      [-31_000n, false],
    ])
    expect(found.facts.at(-1)).toBe('invoice.reopened')
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-69: money for a void or paid invoice stays the renter’s', async () => {
    const rental = await rent()

    const late = await within(rental, async (rows) => {
      await receive(rows, { ...rental, amountMinor: 31_000n })
      return receive(rows, { ...rental, amountMinor: 500n })
    })

    expect(late).toMatchObject({ allocatedMinor: 0n, isPaid: true })
    expect(await within(rental, (rows) => balance(rows, 'unapplied_payments', late.paymentId))).toBe(-500n)
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-57: lists, counts and balances say what is owed and what is late', async () => {
    const rental = await rent()
    const seen = await within(rental, async (rows) => ({
      byNumber: (await listInvoices(rows, { text: 'inv-0000', limit: 10 })).length,
      byRenter: (await listInvoices(rows, { text: 'KIM', limit: 10 })).length,
      byNothing: (await listInvoices(rows, { text: '%', limit: 10 })).length,
      counted: await countInvoices(rows, { statuses: ['open'] }),
      overdue: await countInvoices(rows, { overdueOn: '2999-01-01' }),
      notYet: await countInvoices(rows, { overdueOn: '2020-01-01' }),
      all: await readOutstanding(rows, '2999-01-01'),
      mine: await listBalances(rows, { by: 'renterId', ids: [rental.renterId], today: '2020-01-01' }),
      lease: await listBalances(rows, { by: 'leaseId', ids: [rental.leaseId], today: '2020-01-01' }),
      none: await listBalances(rows, { by: 'renterId', ids: [], today: '2020-01-01' }),
      isFixed: await hasFinalisedInvoice(rows),
    }))
    const owed = { currency: 'AUD', outstandingMinor: 31_000n }
    expect(seen).toEqual({
      byNumber: 1,
      byRenter: 1,
      byNothing: 0,
      counted: 1,
      overdue: 1,
      notYet: 0,
      all: [{ ...owed, overdueMinor: 31_000n }],
      mine: [{ ...owed, overdueMinor: 0n, renterId: rental.renterId }],
      lease: [{ ...owed, overdueMinor: 0n, leaseId: rental.leaseId }],
      none: [],
      isFixed: true,
    })
  })

  test('ARC-25: pages follow one another by due date and id, and none is shown twice', async () => {
    const rental = await makeRental(ground())
    const spaces = await within(rental, async (rows) =>
      valueOf(await createSpaces(rows, { categoryId: rental.categoryId, count: 5 })),
    )
    for (const { id } of spaces) valueOf(await checkOut(ground(), rental, { spaceId: id }))

    const pages = await within(rental, async (rows) => {
      const first = await listInvoices(rows, { limit: 3 })
      const { dueOn, id } = first.at(-1)!
      return [...first, ...(await listInvoices(rows, { limit: 3, after: { dueOn, id } }))]
    })

    expect(new Set(pages.map(({ number }) => number)).size).toBe(5)
  })

  test('H15: only a PaymentIntent is remembered as one', async () => {
    const rental = await rent()
    await within(rental, (rows) => setInvoicePaymentIntent(rows, rental.invoiceId, 'pi_123'))
    expect((await within(rental, (rows) => getInvoice(rows, rental.invoiceId))).stripePaymentIntentId).toBe('pi_123')
    const wrong = within(rental, (rows) =>
      setInvoicePaymentIntent(rows, rental.invoiceId, `cs_test_${randomUUID()}` as 'pi_1'),
    )
    await expect(wrong).rejects.toThrow('invoices_pi_not_checkout_session')
  })
})
