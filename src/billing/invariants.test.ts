import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { post } from '#ledger'
import { inScope, newId, type ScopedHandle } from '#platform'
import { createRenter } from '#renters'
import { breachesOf, eachDatabase } from '#test/databases'
import { checkOut, makeRental, receive, valueOf, type Rental } from '#test/rental'
import { creditInvoice } from './credit-invoice.ts'

type Planted = Rental & { readonly invoiceId: string; readonly paymentId: string; readonly creditNoteId: string }

// Each plants one violation the way a mistake of ours could: with the rights of the application, past its own functions.
const plants: Readonly<Record<string, (rows: ScopedHandle, planted: Planted) => Promise<unknown>>> = {
  i06_receivable: (rows, { invoiceId }) =>
    sql`update app.invoices set total_minor = total_minor + 1, subtotal_minor = subtotal_minor + 1 where id = ${invoiceId}`.execute(
      rows,
    ),
  i07_payment_split: (rows, { paymentId }) =>
    sql`update app.payments set amount_minor = amount_minor + 1 where id = ${paymentId}`.execute(rows),
  i09_deposit: (rows, planted) => allocate(rows, { ...planted, amountMinor: 1n, depositMinor: 1n }),
  i10_credit_note: (rows, { creditNoteId }) =>
    sql`update app.credit_notes set total_minor = total_minor + 1 where id = ${creditNoteId}`.execute(rows),
  i11_refund_cap: (rows, planted) => refund(rows, { ...planted, amountMinor: 99_999n }),
  i12_captures_cap: (rows, planted) => allocate(rows, { ...planted, amountMinor: 99_999n, depositMinor: 0n }),
  i17_document_arithmetic: (rows, { invoiceId }) =>
    sql`update app.invoice_lines set tax_minor = tax_minor + 1, net_minor = net_minor - 1 where invoice_id = ${invoiceId} and kind = 'rent'`.execute(
      rows,
    ),
  i18_numbers: (rows) =>
    sql`update app.number_series set next_seq = next_seq + 1 where series = 'invoice'`.execute(rows),
  i19_mode_apart: (rows, { renterId }) => post(rows, foreignEntry(rows, renterId)),
  i20_state_from_ledger: (rows, { invoiceId }) =>
    sql`update app.invoices set status = 'paid' where id = ${invoiceId}`.execute(rows),
}

function allocate(rows: ScopedHandle, about: Planted & { amountMinor: bigint; depositMinor: bigint }) {
  return rows
    .insertInto('app.allocations')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: newId(rows.clock),
      payment_id: about.paymentId,
      invoice_id: about.invoiceId,
      amount_minor: about.amountMinor.toString(),
      deposit_minor: about.depositMinor.toString(),
      created_at: rows.clock.now(),
    })
    .execute()
}

function refund(rows: ScopedHandle, about: Planted & { amountMinor: bigint }) {
  const now = rows.clock.now()
  return rows
    .insertInto('app.refunds')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: newId(rows.clock),
      payment_id: about.paymentId,
      unapplied_minor: about.amountMinor.toString(),
      amount_minor: about.amountMinor.toString(),
      currency: 'AUD',
      state: 'requested',
      reason: 'planted',
      requested_by: 'test',
      created_at: now,
      updated_at: now,
    })
    .execute()
}

/** Balanced and well formed, but about an invoice that is not in this mode. */
function foreignEntry(rows: ScopedHandle, renterId: string) {
  const id = newId(rows.clock)
  const common = { currency: 'AUD', renterId, subjectId: id }
  return {
    rule: 'P1',
    cause: { kind: 'invoice', id, step: 'finalised' },
    effectiveOn: '2026-07-01',
    actor: 'test',
    lines: [
      { ...common, account: 'receivable', amountMinor: 5n },
      { ...common, account: 'income.rent', amountMinor: -5n },
    ],
  } as const
}

eachDatabase('the invariants of billing', {}, (ground) => {
  const furnish = async (): Promise<Planted> => {
    const rental = await makeRental(ground())
    const { invoiceId } = valueOf(await checkOut(ground(), rental))
    const parts = await inScope(ground().database, rental.scope, async (rows) => {
      const { paymentId } = await receive(rows, { ...rental, invoiceId, amountMinor: 12_000n })
      const wish = { invoiceId, amountMinor: 500n, reason: 'x', origin: 'goodwill', actor: 'test' } as const
      return { paymentId, ...valueOf(await creditInvoice(rows, wish)) }
    })
    return { ...rental, invoiceId, ...parts }
  }

  test('MON-14: books that hold answer no row', async () => {
    const planted = await furnish()
    expect(await breachesOf(ground().database, planted.scope)).toEqual([])
  })

  test.each(Object.keys(plants))('MON-14: %s answers a row when it is broken', async (view) => {
    const planted = await furnish()

    await inScope(ground().database, planted.scope, (rows) => plants[view]!(rows, planted))

    const breaches = await breachesOf(ground().database, planted.scope)
    expect(breaches.map(({ invariant }) => invariant)).toContain(view)
    expect(breaches.filter(({ subject, expected, actual }) => !subject || !expected || !actual)).toEqual([])
  })

  test('MON-14: i25_link_kinds has nothing to find, because each column refuses an id of another kind', async () => {
    const { scope, invoiceId, paymentId } = await furnish()
    const set = (table: string, column: string, id: string) =>
      inScope(ground().database, scope, (rows) =>
        sql`update ${sql.table(table)} set ${sql.ref(column)} = 'cs_test_1' where id = ${id}`.execute(rows),
      )

    await expect(set('app.invoices', 'stripe_payment_intent_id', invoiceId)).rejects.toThrow('check constraint')
    await expect(set('app.payments', 'stripe_payment_intent_id', paymentId)).rejects.toThrow('check constraint')
    await expect(set('app.payments', 'stripe_charge_id', paymentId)).rejects.toThrow('check constraint')
    await expect(set('app.payments', 'balance_transaction_id', paymentId)).rejects.toThrow('check constraint')
    expect(await breachesOf(ground().database, scope)).toEqual([])
  })

  test('L10, MON-14: a renter of the other mode in an entry is seen', async () => {
    const planted = await furnish()
    const live = { ...planted.scope, mode: 'live' } as const
    const other = await inScope(ground().database, live, async (rows) =>
      valueOf(await createRenter(rows, { kind: 'person', name: 'Live Renter', actor: 'test' })),
    )

    await inScope(ground().database, planted.scope, async (rows) => {
      const entry = foreignEntry(rows, other.id)
      const lines = entry.lines.map((line) => ({ ...line, subjectId: 'not an id' }))
      await post(rows, { ...entry, lines })
    })

    const breaches = await breachesOf(ground().database, planted.scope)
    expect(breaches.map(({ invariant }) => invariant)).toContain('i19_mode_apart')
  })
})
