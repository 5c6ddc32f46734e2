import { createHash, randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'
import { addDays } from '#kernel'
import { inScope, listFacts } from '#platform'
import { createSpaces } from '#spaces'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, checkOutGround, codeOf, getInvoice, listInvoices, makeRental, todayOf, valueOf } from '#test/rental'
import { checkOutSpace } from './check-out-space.ts'
import { confirmLease } from './confirm-lease.ts'
import { previewCheckOut } from './preview-check-out.ts'
import { listSpacesWithState } from './space-standing.ts'
import { getAcceptance, getLease, insertLease, isOverlap } from './store.ts'

eachDatabase('checking out a space', {}, (ground) => {
  test('BIL-16: lease, acceptance, first invoice and ledger are written at once', async () => {
    const rental = await makeRental(ground())

    const { leaseId, invoiceId, state } = valueOf(await checkOut(ground(), rental))

    expect(state).toBe('awaiting_payment')
    const found = await inScope(ground().database, rental.scope, async (rows) => ({
      lease: await getLease(rows, leaseId),
      invoice: await getInvoice(rows, invoiceId),
      acceptance: await getAcceptance(rows, leaseId),
      facts: (await listFacts(rows, { lease: leaseId })).map(({ name }) => name),
    }))
    expect(found.lease).toMatchObject({ spaceNumber: 'DESK-A-01', priceMinor: 10_000n, depositMinor: 20_000n })
    expect(found.invoice).toMatchObject({
      status: 'open',
      number: 'TEST-INV-000001',
      totalMinor: 31_000n,
      taxMinor: 1000n,
    })
    expect(found.acceptance).toMatchObject({ acceptedName: 'Kim Park', renderedText: 'You rent DESK-A-01.' })
    expect(found.acceptance.renderedSha256).toBe(createHash('sha256').update('You rent DESK-A-01.').digest('hex'))
    expect(found.facts).toEqual(['agreement.accepted', 'invoice.finalised'])
    expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  })

  test('BIL-16: sending the same form again gives the same lease and invoice', async () => {
    const rental = await makeRental(ground())
    const draftId = randomUUID()

    const first = valueOf(await checkOut(ground(), rental, { draftId }))
    const again = valueOf(await checkOut(ground(), rental, { draftId }))
    const twins = await Promise.all([checkOut(ground(), rental, { draftId }), checkOut(ground(), rental, { draftId })])

    expect([again, ...twins.map(valueOf)]).toEqual([first, first, first])
    const invoices = await inScope(ground().database, rental.scope, (rows) => listInvoices(rows, { limit: 10 }))
    expect(invoices).toHaveLength(1)
  })

  test('UI-36: the same form with other terms is refused and names what was checked out before', async () => {
    const rental = await makeRental(ground())
    const [space] = valueOf(await inScope(ground().database, rental.scope, (rows) => createSpaces(rows, rental)))
    const rateOverride = { price: '250.00', reason: 'First to rent it' }
    const sent = { draftId: randomUUID(), deposit: { custom: '80.00' }, rateOverride } as const
    const first = valueOf(await checkOut(ground(), rental, sent))

    expect(valueOf(await checkOut(ground(), rental, sent))).toEqual(first)
    for (const change of [
      { spaceId: space!.id },
      { startOn: addDays(todayOf(ground()), 1) },
      { deposit: 'standard' },
      { deposit: { custom: '90.00' } },
      { rateOverride: { ...rateOverride, price: '260.00' } },
      { rateOverride: { ...rateOverride, reason: 'Another' } },
    ] as const) {
      const again = await checkOut(ground(), rental, { ...sent, ...change })
      expect(again).toMatchObject({
        refusal: { code: 'request_key_reused', problem: { cause: expect.stringMatching(/^DESK-A-01 was/) } },
      })
    }
    const invoices = await inScope(ground().database, rental.scope, (rows) => listInvoices(rows, { limit: 10 }))
    expect(invoices).toHaveLength(1)
  })

  test('UI-36: one form sent for two spaces at one moment checks one out, and the other is told', async () => {
    const rental = await makeRental(ground())
    const [space] = valueOf(await inScope(ground().database, rental.scope, (rows) => createSpaces(rows, rental)))
    const draftId = randomUUID()

    const rivals = await Promise.all([
      checkOut(ground(), rental, { draftId }),
      checkOut(ground(), rental, { draftId, spaceId: space!.id }),
    ])

    expect(rivals.map(codeOf).toSorted()).toEqual(['done', 'request_key_reused'])
    const invoices = await inScope(ground().database, rental.scope, (rows) => listInvoices(rows, { limit: 10 }))
    expect(invoices).toHaveLength(1)
  })

  test('BIL-3: of two who want one space at the same moment, one has it and the other is told', async () => {
    const rental = await makeRental(ground())

    const both = await Promise.all([checkOut(ground(), rental), checkOut(ground(), rental)])

    expect(both.map(codeOf).toSorted()).toEqual(['done', 'space_taken'])
    const loser = both.find((outcome) => !outcome.ok)
    expect(loser).toMatchObject({
      refusal: { problem: { cause: 'DESK-A-01 was just taken. Your entries are kept; pick another space.' } },
    })
    const invoices = await inScope(ground().database, rental.scope, (rows) => listInvoices(rows, { limit: 10 }))
    expect(invoices.map(({ number }) => number)).toEqual(['TEST-INV-000001'])
  })

  test('BIL-3: the database itself refuses two live leases of one space', async () => {
    const rental = await makeRental(ground())
    const { leaseId } = valueOf(await checkOut(ground(), rental))
    const lease = await inScope(ground().database, rental.scope, (rows) => getLease(rows, leaseId))

    const twice = inScope(ground().database, rental.scope, (rows) =>
      insertLease(rows, { ...lease, id: randomUUID(), draftId: randomUUID(), createdBy: 'test' }),
    )

    await expect(twice.catch((error: unknown) => isOverlap(error))).resolves.toBe(true)
  })

  test('BIL-17: the first payment starts the lease, today or on its first day, and only once', async () => {
    const rental = await makeRental(ground())
    const [later] = await inScope(ground().database, rental.scope, async (rows) =>
      valueOf(await createSpaces(rows, { categoryId: rental.categoryId })),
    )
    const now = valueOf(await checkOut(ground(), rental))
    const startOn = addDays(todayOf(ground()), 20)
    const soon = valueOf(await checkOut(ground(), rental, { spaceId: later!.id, startOn }))

    const states = await inScope(ground().database, rental.scope, async (rows) => [
      (await confirmLease(rows, now.leaseId)).state,
      (await confirmLease(rows, now.leaseId)).state,
      (await confirmLease(rows, soon.leaseId)).state,
    ])

    expect(states).toEqual(['active', 'active', 'reserved'])
    const facts = await inScope(ground().database, rental.scope, (rows) => listFacts(rows, { lease: now.leaseId }))
    expect(facts.filter(({ name }) => name === 'lease.started')).toHaveLength(1)
    const spaces = await inScope(ground().database, rental.scope, listSpacesWithState)
    expect(spaces.map(({ standing }) => standing.state)).toEqual(['occupied', 'reserved'])
  })

  test('BIL-17: who may pay by hand and has no card moves in at once; a first invoice of nothing is paid at once', async () => {
    const byHand = await makeRental(ground(), { manual: true })
    const free = await makeRental(ground(), { month: '0.00', deposit: '0.00' })

    expect(valueOf(await checkOut(ground(), byHand, { readiness: 'no_method' })).state).toBe('active')
    const lease = valueOf(await checkOut(ground(), free))
    expect(lease.state).toBe('active')
    const invoice = await inScope(ground().database, free.scope, (rows) => getInvoice(rows, lease.invoiceId))
    expect(invoice).toMatchObject({ status: 'paid', totalMinor: 0n })
    expect(await breachesOf(ground().database, free.scope)).toEqual([])
  })

  test('BIL-15: a start in the past, or too far ahead, is refused in words', async () => {
    const rental = await makeRental(ground())
    const yesterday = addDays(todayOf(ground()), -1)

    const past = await checkOut(ground(), rental, { startOn: yesterday })

    expect(past).toMatchObject({
      ok: false,
      refusal: { code: 'start_in_past', field: '/startOn', problem: { cause: 'Start date must be today or later.' } },
    })
    expect(codeOf(await checkOut(ground(), rental, { startOn: addDays(todayOf(ground()), 366) }))).toBe(
      'start_too_late',
    )
    expect(codeOf(await checkOut(ground(), rental, { startOn: '2026-02-30' }))).toBe('start_unreadable')
  })

  test('BIL-8: without a card and without leave to pay by hand nothing is rented out', async () => {
    const rental = await makeRental(ground())

    expect(codeOf(await checkOut(ground(), rental, { readiness: 'no_method' }))).toBe('payment_method_required')
    expect(codeOf(await checkOut(ground(), rental, { readiness: 'not_connected' }))).toBe('payments_not_connected')
    expect(codeOf(await checkOut(ground(), rental, { acceptedName: '  ' }))).toBe('acceptance_missing')
    const spaces = await inScope(ground().database, rental.scope, listSpacesWithState)
    expect(spaces.map(({ standing }) => standing.state)).toEqual(['available'])
  })

  test('UI-41: what was previewed is what is done; anything else is refused', async () => {
    const rental = await makeRental(ground())
    const parts = checkOutGround(ground())
    const terms = { spaceId: rental.spaceId, renterId: rental.renterId, interval: 'month', startOn: todayOf(ground()) }
    const seen = await inScope(ground().database, rental.scope, (rows) =>
      previewCheckOut(parts, rows, { ...terms, deposit: 'standard' }),
    )
    const form = { draftId: randomUUID(), acceptedName: 'Kim', actor: 'test', previewHash: valueOf(seen).previewHash }

    const other = await checkOutSpace(parts, rental.scope, { ...terms, ...form, deposit: 'none' })
    const same = await checkOutSpace(parts, rental.scope, { ...terms, ...form, deposit: 'standard' })

    expect([codeOf(other), codeOf(same)]).toEqual(['preview_changed', 'done'])
  })

  test('UI-192: the preview shows the first invoice, the next three and what is missing, and writes nothing', async () => {
    const rental = await makeRental(ground())
    const terms = { spaceId: rental.spaceId, renterId: rental.renterId, interval: 'month', startOn: todayOf(ground()) }

    const preview = valueOf(
      await inScope(ground().database, rental.scope, (rows) =>
        previewCheckOut(checkOutGround(ground(), 'no_method'), rows, { ...terms, deposit: { custom: '50.00' } }),
      ),
    )

    expect(preview.invoice).toMatchObject({ subtotalMinor: 15_000n, taxMinor: 1000n, totalMinor: 16_000n })
    expect(preview.invoice.lines.map(({ kind, totalMinor }) => [kind, totalMinor])).toEqual([
      ['rent', 11_000n],
      ['deposit', 5000n],
    ])
    expect(preview.invoice.next.map(({ totalMinor }) => totalMinor)).toEqual([11_000n, 11_000n, 11_000n])
    expect(preview.banners.map(({ code }) => code)).toEqual(['payment_method_required', 'acceptance_missing'])
    const invoices = await inScope(ground().database, rental.scope, (rows) => listInvoices(rows, { limit: 10 }))
    expect(invoices).toEqual([])
  })

  test('BIL-14: a price of its own needs a reason and is frozen with the lease', async () => {
    const rental = await makeRental(ground())

    const refused = await checkOut(ground(), rental, { rateOverride: { price: '80.00', reason: ' ' } })
    const { leaseId } = valueOf(
      await checkOut(ground(), rental, { rateOverride: { price: '80.00', reason: 'Friend' } }),
    )

    expect(codeOf(refused)).toBe('override_reason_missing')
    const lease = await inScope(ground().database, rental.scope, (rows) => getLease(rows, leaseId))
    expect(lease).toMatchObject({
      priceMinor: 8000n,
      terms: { override: { listPriceMinor: '10000', reason: 'Friend' } },
    })
  })
})
