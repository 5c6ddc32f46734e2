import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { inScope, listFacts, type ScopedHandle } from '#platform'
import { getLease } from '#leases'
import { readBalance, type Account } from '#ledger'
import { createSpaces } from '#spaces'
import { updateRenter, getRenter } from '#renters'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, codeOf, makeRental, receive, todayOf, valueOf, type Rental, type RentalWish } from '#test/rental'
import { reverseAllocation } from './allocation.ts'
import { creditInvoice } from './credit-invoice.ts'
import { finaliseInvoice } from './finalise-invoice.ts'
import { creditableMinor, noBooks, type Books } from './invoice.ts'
import {
  countInvoices,
  findDepositOfInvoice,
  findInvoiceOfLease,
  getInvoice,
  hasFinalisedInvoice,
  listAllocations,
  listBalances,
  listCreditNotes,
  listInvoiceLines,
  listInvoices,
  readOutstanding,
  setInvoicePaymentIntent,
} from './store.ts'
import { voidInvoice } from './void-invoice.ts'

// Rent 100.00 + 10 % tax, deposit 200.00: 310.00 in all.
eachDatabase('billing', {}, (ground) => {
  const rent = async (wish: RentalWish = {}) => {
    const rental = await makeRental(ground(), wish)
    const { leaseId, invoiceId } = valueOf(await checkOut(ground(), rental))
    return { ...rental, leaseId, invoiceId }
  }
  const within = <Result>(rental: Pick<Rental, 'scope'>, work: (rows: ScopedHandle) => Promise<Result>) =>
    inScope(ground().database, rental.scope, work)
  const balance = (rows: ScopedHandle, account: Account, subjectId: string) =>
    readBalance(rows, { account, subjectId, currency: 'AUD' })
  const factsOf = async (rows: ScopedHandle, invoice: string) =>
    (await listFacts(rows, { invoice })).map(({ name }) => name)

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

  test('P4, BIL-62: a credit note takes tax at the original rate and leaves the deposit alone', async () => {
    const rental = await rent()

    const credited = await within(rental, async (rows) => {
      await receive(rows, { ...rental, amountMinor: 31_000n })
      const wish = { invoiceId: rental.invoiceId, reason: 'Broken heating', origin: 'goodwill', actor: 'test' } as const
      const credits = []
      for (const amountMinor of [3333n, 3333n, 4334n])
        credits.push(valueOf(await creditInvoice(rows, { ...wish, amountMinor })))
      const more = await creditInvoice(rows, { ...wish, amountMinor: 1n })
      return {
        credits,
        more,
        notes: await listCreditNotes(rows, rental.invoiceId),
        invoice: await getInvoice(rows, rental.invoiceId),
      }
    })

    expect(credited.credits.map(({ number, spendableMinor }) => [number, spendableMinor])).toEqual([
      ['TEST-CN-000001', 3333n],
      ['TEST-CN-000002', 3333n],
      ['TEST-CN-000003', 4334n],
    ])
    expect(credited.notes.map(({ netMinor, taxMinor }) => [netMinor, taxMinor])).toEqual([
      [3030n, 303n],
      [3030n, 303n],
      [3940n, 394n],
    ])
    expect(credited.invoice).toMatchObject({ status: 'paid', creditedMinor: 11_000n, openMinor: 0n })
    expect(creditableMinor(credited.invoice)).toBe(0n)
    expect(codeOf(credited.more)).toBe('credit_exceeds_invoice')
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-63: credit first lowers what is unpaid of its own invoice; only the rest can be spent', async () => {
    const rental = await rent()
    const wish = { invoiceId: rental.invoiceId, reason: 'Moved in late', origin: 'correction', actor: 'test' } as const

    const seen = await within(rental, async (rows) => {
      await receive(rows, { ...rental, amountMinor: 8000n })
      const credit = valueOf(await creditInvoice(rows, { ...wish, amountMinor: 5000n }))
      const invoice = await getInvoice(rows, rental.invoiceId)
      const rest = await receive(rows, { ...rental, amountMinor: 20_000n })
      return { credit, invoice, rest, left: await balance(rows, 'unapplied_credit_notes', credit.creditNoteId) }
    })

    expect(seen.credit.spendableMinor).toBe(2000n)
    expect(seen.left).toBe(-2000n)
    expect(seen.invoice).toMatchObject({
      status: 'open',
      openMinor: 20_000n,
      appliedCreditMinor: 3000n,
      creditedMinor: 5000n,
    })
    expect(seen.rest).toMatchObject({ allocatedMinor: 20_000n, isPaid: true })
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-57: an invoice without a deposit that is credited in full is paid', async () => {
    const rental = await rent({ deposit: '0.00' })
    const wish = { invoiceId: rental.invoiceId, amountMinor: 11_000n, reason: 'Never moved in', actor: 'test' } as const

    const credit = await within(rental, (rows) => creditInvoice(rows, { ...wish, origin: 'cancellation' }))

    expect(valueOf(credit).spendableMinor).toBe(0n)
    const invoice = await within(rental, (rows) => getInvoice(rows, rental.invoiceId))
    expect(invoice).toMatchObject({ status: 'paid', openMinor: 0n })
    const [note] = await within(rental, (rows) => listCreditNotes(rows, rental.invoiceId))
    expect(note).toMatchObject({ status: 'settled', origin: 'cancellation' })
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-61: a credit needs a reason, an amount, and an invoice that was issued', async () => {
    const rental = await rent()
    const wish = {
      invoiceId: rental.invoiceId,
      amountMinor: 100n,
      reason: 'x',
      origin: 'goodwill',
      actor: 'test',
    } as const
    const credit = (change: object) => within(rental, (rows) => creditInvoice(rows, { ...wish, ...change }))

    expect(codeOf(await credit({ reason: ' ' }))).toBe('credit_reason_missing')
    expect(codeOf(await credit({ amountMinor: 0n }))).toBe('credit_not_positive')
    const tooMuch = await credit({ amountMinor: 11_001n })
    expect(tooMuch).toMatchObject({ refusal: { code: 'credit_exceeds_invoice' } })
    expect(JSON.stringify(tooMuch)).toContain('$110.00')
    await within(rental, (rows) =>
      voidInvoice({
        rows,
        invoiceId: rental.invoiceId,
        reason: 'x',
        actor: 'test',
        books: noBooks('not_connected'),
        inFlight: 0,
      }),
    )
    expect(codeOf(await credit({}))).toBe('credit_not_issued')
  })

  const voiding = (
    rental: { invoiceId: string },
    change: { inFlight?: number; reason?: string; books?: Books } = {},
  ) => ({
    invoiceId: rental.invoiceId,
    reason: 'Made in error',
    actor: 'test',
    books: noBooks('not_connected'),
    inFlight: 0,
    ...change,
  })

  test('P2, MON-52: voiding mirrors the entry, keeps the number, frees the period and cancels the waiting lease', async () => {
    const rental = await rent()

    const voided = valueOf(await within(rental, (rows) => voidInvoice({ rows, ...voiding(rental) })))

    expect(voided).toMatchObject({ status: 'void', number: 'TEST-INV-000001', openMinor: 0n })
    const found = await within(rental, async (rows) => ({
      receivable: await balance(rows, 'receivable', rental.invoiceId),
      lease: await getLease(rows, rental.leaseId),
      next: await findInvoiceOfLease(rows, rental.leaseId),
      facts: await factsOf(rows, rental.invoiceId),
    }))
    expect(found.receivable).toBe(0n)
    expect(found.lease.state).toBe('cancelled')
    expect(found.next).toBeUndefined()
    expect(found.facts).toEqual(['invoice.finalised', 'invoice.voided'])
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
    expect(valueOf(await checkOut(ground(), rental)).state).toBe('awaiting_payment')
  })

  test('MON-53: money, credit, a running payment and a missing reason each stop it', async () => {
    const [paid, running] = [await rent(), await rent()]
    const [credited, nothing] = [await rent(), await rent()]
    const tryVoid = (rental: typeof paid, change = {}) =>
      within(rental, (rows) => voidInvoice({ rows, ...voiding(rental, change) }))

    await within(paid, (rows) => receive(rows, { ...paid, amountMinor: 100n }))
    await within(credited, (rows) =>
      creditInvoice(rows, { ...voiding(credited), amountMinor: 100n, origin: 'goodwill' }),
    )

    expect(codeOf(await tryVoid(paid))).toBe('void_has_payments')
    expect(codeOf(await tryVoid(credited))).toBe('void_has_payments')
    expect(codeOf(await tryVoid(running, { inFlight: 1 }))).toBe('void_payment_running')
    expect(codeOf(await tryVoid(nothing, { reason: '  ' }))).toBe('void_reason_missing')
    valueOf(await tryVoid(nothing))
    expect(codeOf(await tryVoid(nothing))).toBe('void_not_open')
  })

  test('MON-52: the books are asked in the same transaction, and when they refuse nothing is voided', async () => {
    const rental = await rent()
    const books: Books = {
      recordVoid: async () => {
        throw new Error('the books are closed')
      },
    }

    await expect(within(rental, (rows) => voidInvoice({ rows, ...voiding(rental, { books }) }))).rejects.toThrow(
      'the books are closed',
    )

    expect((await within(rental, (rows) => getInvoice(rows, rental.invoiceId))).status).toBe('open')
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
