/**
 * What fell due while nothing could be charged goes on by itself when something can again (STR-26, STR-28): once, by the ordinary road, and
 * nothing that somebody paused, paid, voided or was declined.
 */
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { noBooks, voidInvoice } from '#billing'
import { closeConnection, connectionGroundOf, setChargingConnection, stopNewCharges } from '#connections'
import { addDays, type LocalDate } from '#kernel'
import { listFacts, recordFact, type ScopedHandle } from '#platform'
import { getLocation } from '#spaces'
import { until } from '#test/api'
import { cards, eachMoney, type Charging } from '#test/charges'
import { connectionGround, connectToSandbox } from '#test/connections'
import { todayOf } from '#test/rental'
import { listUntriedInvoices } from './money-call-store.ts'
import { recordPayment } from './record-payment.ts'
import { requestCharge } from './request-charge.ts'

eachMoney('charges that wait for a connection', ({ ground, sandbox, open }) => {
  const comeBack = ({ scope }: Charging) =>
    connectToSandbox(connectionGround(ground(), sandbox().gateway), sandbox(), scope)
  const factIds = ({ within, connectionId }: Charging, wanted: string) =>
    within(async (rows) =>
      (await listFacts(rows, { connection: connectionId })).flatMap(({ id, name }) => (name === wanted ? [id] : [])),
    )

  /** A renter with a card on autopay whose invoice fell due while nothing charged. */
  async function waiting(change: (about: Charging & { invoiceId: string }) => Promise<unknown> = async () => {}) {
    const charging = await open({ manual: true })
    await charging.saveCard(cards.good)
    const { invoiceId } = await charging.checkOut()
    await change({ ...charging, invoiceId })
    return { ...charging, invoiceId }
  }
  const chargeOn = (on: () => LocalDate) => (about: Charging & { invoiceId: string }) =>
    about.within((rows) =>
      rows
        .updateTable('app.invoices')
        .set({ charge_on: on() })
        .where('operator_id', '=', rows.scope.operatorId)
        .where('id', '=', about.invoiceId)
        .execute(),
    )
  const ofRenter = ({ within, rental }: Charging, change: object) =>
    within((rows) =>
      rows
        .updateTable('app.renters')
        .set(change)
        .where('operator_id', '=', rows.scope.operatorId)
        .where('id', '=', rental.renterId)
        .execute(),
    )
  const planned = () =>
    ground()
      .database.handle.selectFrom('pgboss.job')
      .select(['name', sql<string>`data->>'id'`.as('id')])
      .where('name', 'in', ['payments.charge-waiting', 'payments.charge-due'])
      .execute()

  test('STR-28: two connections make one charge, and so do a press of Take payment and the schedule at once', async () => {
    const charging = await waiting()
    const { invoiceId, within } = charging
    const press = (rows: ScopedHandle) =>
      requestCharge(rows, { invoiceId, requestKey: crypto.randomUUID(), actor: 'desk' })
    const again = () => charging.run('payments.charge-waiting', invoiceId)

    const [, pressed] = await Promise.all([again(), within(press), again(), again()])

    expect(pressed.ok ? 'pressed' : pressed.refusal.code).toMatch(/^(pressed|payment_running)$/)
    const [payment, ...more] = await charging.paymentsOf(invoiceId)
    expect(more).toEqual([])
    await Promise.all([charging.run('payments.drive', payment!.id), charging.run('payments.drive', payment!.id)])
    await again()
    expect(await charging.paymentsOf(invoiceId)).toMatchObject([{ state: 'succeeded' }])
    expect(charging.atStripe().charges).toHaveLength(1)
    await charging.expectAgreement()
  })

  test('STR-26: a payment withdrawn before anything was confirmed is no try; the invoice is charged by a fresh one', async () => {
    const charging = await waiting()
    const { invoiceId, within, connectionId } = charging
    const first = await charging.plan(invoiceId)
    await within((rows) => stopNewCharges(rows, connectionId, 'test'))
    await charging.run('payments.drive', first)
    expect(await charging.payment(first)).toMatchObject({ state: 'canceled' })

    await comeBack(charging)
    await charging.run('payments.charge-waiting', invoiceId)
    await charging.run('payments.charge-waiting', invoiceId)

    const payments = await charging.paymentsOf(invoiceId)
    expect(payments.map(({ state }) => state)).toEqual(['created', 'canceled'])
    await charging.run('payments.drive', payments[0]!.id)
    expect(await charging.payment(payments[0]!.id)).toMatchObject({ state: 'succeeded' })
    expect(charging.atStripe().charges).toHaveLength(1)
  })

  test('STR-14 BIL-71: another connection is chosen: what is due is planned, what is due later is not, and today before 09:00 its hour comes first', async () => {
    const due = await waiting()
    const { connectionId } = due
    const choose = (rows: ScopedHandle) => setChargingConnection(rows, connectionId, 'test')
    await due.within(async (rows) => {
      await rows
        .updateTable('app.connections')
        .set({ is_charging: false })
        .where('operator_id', '=', rows.scope.operatorId)
        .where('id', '=', connectionId)
        .execute()
      await choose(rows)
    })
    const [changed] = await factIds(due, 'connection.charging_changed')
    await chargeOn(() => addDays(todayOf(ground()), -1))(due)
    await due.run('payments.on-connection', changed!)

    const later = await waiting(chargeOn(() => addDays(todayOf(ground()), 2)))
    const fact = { name: 'connection.verified' as const, ids: { connection: later.connectionId } }
    await later.run('payments.on-connection', await later.within((rows) => recordFact(rows, fact)))

    const jobs = await planned()
    expect(jobs).toContainEqual({ name: 'payments.charge-waiting', id: due.invoiceId })
    expect(jobs.filter(({ id }) => id === later.invoiceId)).toEqual([])

    const { timeZone } = await later.within(getLocation)
    const day = addDays(todayOf(ground()), 1)
    const early = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: '07:00' }).epochMilliseconds
    ground().clock.advance(early - ground().clock.now().getTime())
    const today = await waiting(chargeOn(() => day))
    const verified = { name: 'connection.verified' as const, ids: { connection: today.connectionId } }
    await today.run('payments.on-connection', await today.within((rows) => recordFact(rows, verified)))
    expect((await planned()).filter(({ id }) => id === today.invoiceId)).toEqual([
      { name: 'payments.charge-due', id: today.invoiceId },
    ])
  })

  describe('STR-26: what is left alone', () => {
    const untouched: Readonly<Record<string, (about: Charging & { invoiceId: string }) => Promise<unknown>>> = {
      'autopay off': (about) => ofRenter(about, { autopay: false }),
      'automatic charges wait': (about) => ofRenter(about, { autopay_paused_reason: 'The card was removed.' }),
      'part of it in cash': ({ within, invoiceId }) =>
        within((rows) =>
          recordPayment(rows, {
            invoiceId,
            amountMinor: 100n,
            method: 'cash',
            reference: '',
            receivedOn: todayOf(ground()),
            requestKey: crypto.randomUUID(),
            actor: 'test',
          }),
        ),
      voided: ({ within, invoiceId }) =>
        within((rows) =>
          voidInvoice({
            rows,
            invoiceId,
            reason: 'Wrong',
            actor: 'test',
            books: noBooks('not_connected'),
            inFlight: 0,
          }),
        ),
      declined: async (about) => {
        await about.saveCard(cards.declined)
        await about.run('payments.drive', await about.plan(about.invoiceId))
        expect(await about.paymentsOf(about.invoiceId)).toMatchObject([{ state: 'failed' }])
      },
      'declined and withdrawn': async (about) => {
        await about.saveCard(cards.declined)
        const payment = await about.plan(about.invoiceId)
        await about.run('payments.drive', payment)
        await about.within((rows) =>
          rows.updateTable('app.payments').set({ state: 'canceled' }).where('id', '=', payment).execute(),
        )
      },
      'asked of the renter': async (about) => {
        await about.saveCard(cards.challenged)
        await about.run('payments.drive', await about.plan(about.invoiceId))
        expect(await about.paymentsOf(about.invoiceId)).toMatchObject([{ state: 'requires_action' }])
      },
      'long ago': chargeOn(() => addDays(todayOf(ground()), -31)),
      'not due yet': chargeOn(() => addDays(todayOf(ground()), 1)),
      'never automatic': async ({ within, invoiceId }) =>
        within((rows) =>
          rows.updateTable('app.invoices').set({ charge_on: null }).where('id', '=', invoiceId).execute(),
        ),
    }
    for (const [what, change] of Object.entries(untouched)) {
      test(`${what}`, async () => {
        const charging = await waiting(change)
        const before = await charging.paymentsOf(charging.invoiceId)
        await charging.run('payments.charge-waiting', charging.invoiceId)
        expect(await charging.paymentsOf(charging.invoiceId)).toEqual(before)
      })
    }
  })

  test('STR-28: what fell due thirty days ago is charged still', async () => {
    const oldest = await waiting(chargeOn(() => addDays(todayOf(ground()), -30)))
    await oldest.run('payments.charge-waiting', oldest.invoiceId)
    expect(await oldest.paymentsOf(oldest.invoiceId)).toMatchObject([{ requestedBy: 'schedule' }])
  })

  test('an invoice of another operator is never among them', async () => {
    const [one, other] = [await waiting(), await waiting()]
    const all = { chargeFrom: '2000-01-01', chargeUntil: '2999-01-01' }
    const found = await one.within((rows) => listUntriedInvoices(rows, { ...all, connectionId: one.connectionId }))
    expect(found.map(({ id }) => id)).toEqual([one.invoiceId])
    expect(await one.within((rows) => listUntriedInvoices(rows, { ...all, connectionId: other.connectionId }))).toEqual(
      [],
    )
  })
})

eachMoney('charges that wait, with the queue at work', ({ ground, sandbox, open }) => {
  const leave = async ({ money, scope, connectionId, within }: Charging) => {
    const leaving = { scope, connectionId, actor: 'test', occasion: 'test' }
    await within((rows) => stopNewCharges(rows, connectionId, 'test'))
    expect(await closeConnection(connectionGroundOf(money), leaving)).toBe(true)
  }
  const comeBack = ({ scope }: Charging) =>
    connectToSandbox(connectionGround(ground(), sandbox().gateway), sandbox(), scope)

  test('STR-28: it fell due after the account had left; the same account comes back, and it is charged once by itself', async () => {
    const charging = await open({ manual: true })
    // Past the hour at which the charges of a day begin.
    const { timeZone } = await charging.within(getLocation)
    const ten = Temporal.PlainDate.from(addDays(todayOf(ground()), 1)).toZonedDateTime({ timeZone, plainTime: '10:00' })
    ground().clock.advance(ten.epochMilliseconds - ground().clock.now().getTime())
    await charging.saveCard(cards.good)
    await leave(charging)
    const { invoiceId } = await charging.checkOut()
    const [finalised] = await charging.within(async (rows) => listFacts(rows, { invoice: invoiceId }))
    await charging.run('payments.on-invoice-finalised', finalised!.id)
    expect(await charging.paymentsOf(invoiceId)).toEqual([])

    await comeBack(charging)
    // The card is looked at first; until then nothing may charge it.
    const facts = await charging.within((rows) => listFacts(rows, { connection: charging.connectionId }))
    const back = facts.find(({ name }) => name === 'connection.revived')
    await charging.run('payments.on-connection', back!.id)
    expect(await charging.paymentsOf(invoiceId)).toEqual([])
    await charging.startWorkers()

    const paid = await until(
      async () => (await charging.paymentsOf(invoiceId)).find(({ state }) => state === 'succeeded'),
      'the charge',
    )
    expect(paid).toMatchObject({ amountMinor: 31_000n, requestedBy: 'schedule', attempt: 1 })
    expect(charging.atStripe().charges).toHaveLength(1)
    expect(await charging.paymentsOf(invoiceId)).toHaveLength(1)
    await charging.expectAgreement()
  })
})
