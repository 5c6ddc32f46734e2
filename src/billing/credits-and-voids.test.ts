import { expect, test } from 'vitest'
import { getLease } from '#leases'
import { billingOf } from '#test/billing'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, codeOf, receive, valueOf } from '#test/rental'
import { creditInvoice } from './credit-invoice.ts'
import { creditableMinor, noBooks, type Books } from './invoice.ts'
import { findInvoiceOfLease, getInvoice, listCreditNotes } from './store.ts'
import { voidInvoice } from './void-invoice.ts'

eachDatabase('credits and voids', {}, (ground) => {
  const { rent, within, balance, factsOf } = billingOf(ground)

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
})
