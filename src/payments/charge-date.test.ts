import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addDays } from '#kernel'
import { listFacts } from '#platform'
import { until } from '#test/api'
import { cards, eachMoney } from '#test/charges'
import { todayOf } from '#test/rental'

const days = (count: number) => count * 86_400_000

eachMoney('the charge date', ({ ground, open }) => {
  test('BIL-71 ARC-45: an invoice due later is charged by itself at 09:00 of its day, when the clock comes there', async () => {
    const charging = await open({ manual: true })
    await charging.saveCard(cards.good)
    // Payable by hand, so that no hold of a day ends before the charge date comes.
    const { invoiceId } = await charging.checkOut({ readiness: 'no_method' })
    const chargeOn = addDays(todayOf(ground()), 3)
    const facts = await charging.within(async (rows) => {
      await rows
        .updateTable('app.invoices')
        .set({ charge_on: chargeOn })
        .where('operator_id', '=', rows.scope.operatorId)
        .where('id', '=', invoiceId)
        .execute()
      return listFacts(rows, { invoice: invoiceId })
    })
    await charging.run('payments.on-invoice-finalised', facts.find(({ name }) => name === 'invoice.finalised')!.id)
    expect(await charging.paymentsOf(invoiceId)).toEqual([])
    const { jobs, clock } = ground()
    await charging.startWorkers()

    clock.advance(days(2))
    await jobs.shift(days(2))
    await until(async () => (await isIdle()) || undefined, 'a queue with nothing due')
    expect(await charging.paymentsOf(invoiceId)).toEqual([])

    clock.advance(days(2))
    await jobs.shift(days(2))
    const paid = await until(
      async () => (await charging.paymentsOf(invoiceId)).find(({ state }) => state === 'succeeded'),
      'the charge',
    )

    expect(paid).toMatchObject({ amountMinor: 31_000n, requestedBy: 'schedule', attempt: 1 })
    expect(charging.atStripe().charges).toHaveLength(1)
    await charging.expectAgreement()
  })

  async function isIdle(): Promise<boolean> {
    const due = await ground()
      .database.handle.selectFrom('pgboss.job')
      .select('id')
      .where('state', 'in', ['created', 'retry', 'active'])
      .where('start_after', '<=', sql<Date>`now()`)
      .execute()
    return due.length === 0
  }
})
