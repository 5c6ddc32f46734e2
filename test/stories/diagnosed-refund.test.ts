/**
 * A refund larger than the available balance from end to end (STR-109, UI-160, H26): provoked at the sandbox as SBX-94 does it, found by the watch, cured by waiting, by the button, or by funds, and gone by
 * itself; the money is right to the cent on both sides, and each refund was sent once.
 */
import { beforeAll, expect, test } from 'vitest'
import { watchAll } from '#diagnosis'
import { parseId } from '#kernel'
import { inScope } from '#platform'
import { eachProduct, eventually, expectBooksToHold, requestKey } from '#test/product'
import { control, listed, openLane, renterWithCard, type Lane } from './faulty.ts'
import { checkOut, invoiceOf, labelled } from './walk.ts'

const title = 'Refund larger than available balance'
const minute = 60_000

eachProduct('a refund larger than the balance', (product) => {
  let lane: Lane
  let invoice: any
  beforeAll(async () => {
    lane = await openLane(product(), 'Harbour Refunds')
    const { invoiceId } = await checkOut(lane.session, await renterWithCard(lane))
    invoice = await labelled(lane.session, invoiceId, 'Paid')
  })

  const provoked = (variant: 'pend' | 'reject') =>
    control(product(), 'POST', '/troubles/refund_too_large', { account: lane.account, mode: 'test', variant })
  const undone = () => control(product(), 'POST', '/troubles/refund_too_large/undo')
  const read = () => lane.session.good('GET', '/diagnosis')
  const look = async () => {
    await watchAll(product().ground)
    const { checks } = await read()
    return checks.find((check: any) => check.title === title)
  }
  const refunds = async () => (await invoiceOf(lane.session, invoice.id)).refunds as any[]
  const request = async (amount: string, wish: object = {}) => {
    const before = await refunds()
    const [payment] = invoice.payments
    const body = { requestKey: requestKey(), paymentId: payment.id, amount, reason: 'Agreed', ...wish }
    await lane.session.good('POST', `/invoices/${invoice.id}/refund`, body)
    const known = new Set(before.map(({ id }) => id))
    return (await refunds()).find(({ id }) => !known.has(id)).id as string
  }
  const until = (refundId: string, state: string) =>
    eventually(
      async () => (await refunds()).find(({ id }) => id === refundId),
      (refund) => refund?.state === state,
    )
  /** Time goes on to this instant; what waits in the queue comes along, and the sandbox does what is due. */
  const turnTo = async (instant: Date) => {
    const { clock, ground, sandbox } = product()
    const milliseconds = instant.getTime() - clock.now().getTime()
    clock.advance(milliseconds)
    await ground.jobs.shift(milliseconds)
    await sandbox.stripe.runDue()
  }

  test('UI-172: the dialog is told what is available, and when the rest is expected', async () => {
    await provoked('pend')
    const [payment] = invoice.payments
    const funds = await lane.session.good('GET', `/invoices/${invoice.id}/payments/${payment.id}/refund-funds`)
    const [charge] = listed(lane, 'balance_transaction').filter(({ type }) => type === 'charge')
    expect(funds).toEqual({
      available: { amountMinor: '0', currency: 'AUD' },
      arrivals: [{ on: expect.any(String), available: { amountMinor: String(charge.net), currency: 'AUD' } }],
    })
  })

  test('STR-109 SBX-94: it waits, is found within a minute, and goes out by itself when funds settle: once, and Diagnosis clears', async () => {
    const refundId = await request('100.00')
    const waiting = await until(refundId, 'waiting_funds')
    expect(waiting).toMatchObject({
      stateLabel: 'Waiting for funds',
      waiting: { available: { amountMinor: '0' }, missing: { amountMinor: '10000' }, expectedOn: expect.any(String) },
    })

    const check = await look()

    expect(check).toMatchObject({ state: 'found', cause: 'short_of_funds', since: expect.any(String) })
    expect(check.remedies.map(({ label }: any) => label).slice(0, 3)).toEqual([
      'Send automatically when funds arrive',
      'Send to Stripe now',
      'Cancel',
    ])
    const evidence = Object.fromEntries(check.evidence.map(({ label, value }: any) => [label, value]))
    expect(evidence).toMatchObject({ Available: '$0.00', Missing: '$100.00' })
    const { changes } = await lane.session.good('POST', '/diagnosis/refund', { refundId, decision: 'wait' })
    expect(changes.join(' ')).toContain('goes out by itself, once')
    expect(listed(lane, 'refund')).toEqual([])

    const settlesAt = new Date(evidence['Expected'])
    await turnTo(new Date(settlesAt.getTime() - 9 * minute))
    await until(refundId, 'pending')
    expect(await look()).toMatchObject({ state: 'found', text: expect.stringContaining('Stripe holds this refund') })
    await turnTo(new Date(settlesAt.getTime() + minute))
    await until(refundId, 'succeeded')
    expect(await look()).toMatchObject({ state: 'ok' })
    expect((await read()).cleared).toMatchObject([{ title }])
    expect(listed(lane, 'refund')).toMatchObject([{ amount: 10_000, status: 'succeeded' }])
  })

  test('STR-109: Stripe refuses it: it waits again, and goes out once when funds are added', async () => {
    await undone()
    await provoked('reject')
    const refundId = await request('50.00')
    await until(refundId, 'waiting_funds')
    await lane.session.good('POST', '/diagnosis/refund', { refundId, decision: 'send' })
    await eventually(
      () => callsOf(lane, refundId),
      (calls) => calls === 2,
    )
    await until(refundId, 'waiting_funds')
    expect(await look()).toMatchObject({ state: 'found' })

    await control(product(), 'POST', '/troubles/refund_too_large/human')

    await until(refundId, 'succeeded')
    expect(await look()).toMatchObject({ state: 'ok' })
    expect(listed(lane, 'refund').map(({ amount }) => amount)).toEqual([5_000, 10_000])
  })

  test('STR-109 STR-87: Send to Stripe now from the invoice, Cancel, and what is refused afterwards', async () => {
    await undone()
    await provoked('pend')
    const [sent, canceled] = [await request('20.00'), await request('10.00')]
    await until(sent, 'waiting_funds')
    await until(canceled, 'waiting_funds')
    const path = (id: string) => `/invoices/${invoice.id}/refunds/${id}`
    await lane.session.good('POST', path(canceled), { decision: 'cancel' })
    await until(canceled, 'canceled')
    await lane.session.good('POST', path(sent), { decision: 'send' })
    await until(sent, 'pending')

    const { rows: noted } = await lane.session.good('GET', '/audit')
    expect(noted.slice(0, 2)).toMatchObject([
      { action: 'refund.sent_now', objectId: sent },
      { action: 'refund.cancelled', objectId: canceled },
    ])

    const twice = await lane.session.refused('POST', path(sent), { decision: 'cancel' })
    expect(twice.body).toMatchObject({ code: 'refund_sent', status: 409 })
    const { can } = await invoiceOf(lane.session, invoice.id)
    expect(can.refund).toEqual({ allowed: false, reason: expect.stringContaining('Stripe holds this refund') })
    await control(product(), 'POST', '/troubles/refund_too_large/human')
    await until(sent, 'succeeded')
    expect(listed(lane, 'refund').map(({ amount }) => amount)).toEqual([2_000, 5_000, 10_000])
    expect(await look()).toMatchObject({ state: 'ok' })
    await expectSameMovements(lane)
  })
})

/** How many calls to Stripe were planned for a refund; each has a key of its own. */
function callsOf({ product, operatorId }: Lane, refundId: string): Promise<number> {
  return inScope(product.ground.database, { operatorId, mode: 'test' }, async (rows) => {
    const found = await rows
      .selectFrom('app.money_calls')
      .select('id')
      .where('object_id', '=', parseId('refund', refundId)!)
      .execute()
    return found.length
  })
}

/** Each movement of a charge or a refund at the sandbox is in our ledger, once, and to the cent (TRU-176). */
async function expectSameMovements(lane: Lane): Promise<void> {
  const { product, operatorId } = lane
  const scope = { operatorId, mode: 'test' } as const
  const there = listed(lane, 'balance_transaction').filter(({ type }) => type === 'charge' || type === 'refund')
  const read = () =>
    inScope(product.ground.database, scope, async (rows) => {
      const lines = await rows
        .selectFrom('app.ledger_lines')
        .select(['bt_id', 'amount_minor'])
        .where('account', '=', 'stripe_clearing')
        .where(
          'bt_id',
          'in',
          there.map(({ id }) => id),
        )
        .execute()
      return lines.map((row) => `${row['bt_id']} ${row['amount_minor']}`).toSorted()
    })
  const here = await eventually(read, (lines) => lines.length >= there.length)
  expect(here).toEqual(there.map(({ id, net }) => `${id} ${net}`).toSorted())
  await expectBooksToHold(product, scope)
}
