/**
 * What people type and press by mistake where money is concerned, each with the exact sentence they read and with proof that nothing
 * changed (must show 7 of the first issue, STR-122 to STR-129).
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, eventually, requestKey, type Product } from '#test/product'
import { openDesk, unreadableAmount, type Desk, type Said } from './desk.ts'
import { checkOut, furnish, invoiceOf, labelled } from './walk.ts'

eachProduct('wrong money', (product) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(product())
  })
  const expectRefused: Desk['expectRefused'] = (path, body, said) => desk.expectRefused(path, body, said)

  test('STR-126 STR-129: refunds of nothing, of less than nothing, of half a cent, of more than was paid, and two of 60 % at once', async () => {
    const { invoiceId } = await checkOut(desk.session, await desk.withCard())
    const { payments } = await labelled(desk.session, invoiceId, 'Paid')
    await desk.quiet()
    const path = `/invoices/${invoiceId}/refund`
    const wish = { paymentId: payments[0].id, reason: 'Desk was not ready' }
    const refund = (amount: string) => ({ ...wish, requestKey: requestKey(), amount })
    const tooMuch = 'Refund must be $310.00 or less. That is what is left of this payment.'
    await expectRefused(path, refund('310.01'), {
      status: 422,
      code: 'refund_exceeds_captured',
      title: 'Refund larger than the payment',
      detail: tooMuch,
      nextStep: 'Enter a smaller amount.',
      errors: [{ pointer: '/amount', detail: tooMuch }],
    })
    for (const amount of ['0', '0.00', '-1'])
      await expectRefused(path, refund(amount), {
        status: 422,
        code: 'amount_not_positive',
        title: 'The amount cannot be refunded',
        detail: 'Enter an amount above zero with the decimals of the currency.',
        nextStep: 'Correct the amount.',
      })
    for (const amount of ['1.001', 'abc', '1e2', '1,00', '9'.repeat(20), '$5'])
      await expectRefused(path, refund(amount), unreadableAmount)
    await expectRefused(
      path,
      { ...refund('1'), reason: ' ' },
      {
        status: 422,
        title: 'There is a problem',
        detail: 'Some of the fields cannot be used as they are.',
        nextStep: 'Correct the fields named below and send again.',
        errors: [{ pointer: '/reason', detail: 'Enter a reason.' }],
      },
    )
    const both = await Promise.all([1, 2].map(() => desk.session.call('POST', own(path), refund('186.00'))))
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 422])
    expect(both.find(({ status }) => status === 422)!.body).toMatchObject({
      detail: 'Refund must be $124.00 or less. That is what is left of this payment.',
    })
    await eventually(
      () => invoiceOf(desk.session, invoiceId),
      ({ refunds }) => refunds.length === 1 && refunds[0].state === 'succeeded',
    )
    await desk.holds()
  })

  test('STR-123 UI-36: a double click charges once, and a second tab reads that a payment is on its way', async () => {
    const set = await desk.withCard('4000000000000341')
    const { invoiceId } = await checkOut(desk.session, set)
    const failed = await labelled(desk.session, invoiceId, 'Payment Failed')
    await desk.quiet()
    await slowConfirmations(product())
    const path = `/invoices/${invoiceId}/take-payment`
    const form = { requestKey: requestKey() }
    const clicks = await Promise.all(Array.from({ length: 4 }, () => desk.session.call('POST', own(path), form)))
    expect(clicks.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await desk.session.refused('POST', path, { requestKey: requestKey() })).body).toMatchObject({
      status: 409,
      code: 'payment_running',
      title: 'A payment is already on its way',
      detail: 'Another payment of this invoice is running. A second one could charge twice.',
      nextStep: 'Wait for the first to finish, or cancel it on the invoice.',
    })
    const again = await labelled(desk.session, invoiceId, 'Payment Failed')
    const failures = ({ timeline }: any) => timeline.filter(({ title }: any) => title === 'Payment failed').length
    expect(again.payments).toHaveLength(1)
    expect(failures(again) - failures(failed)).toBe(1)
    await desk.holds()
  })

  test('STR-127: a card of another renter, and one that does not exist, charge nothing', async () => {
    const theirs = await desk.methodOf(await desk.withCard())
    const { invoiceId } = await checkOut(desk.session, await furnish(desk.session, { manual: true }))
    await desk.quiet()
    const path = `/invoices/${invoiceId}/take-payment`
    const noCard: Said = {
      status: 409,
      code: 'no_method',
      title: 'No card on file',
      detail: 'The renter has no usable saved method on the connected Stripe account.',
      nextStep: 'Add a card for the renter, or record a payment by hand.',
    }
    await expectRefused(path, { requestKey: requestKey(), methodId: theirs }, noCard)
    await expectRefused(path, { requestKey: requestKey() }, noCard)
    await expectRefused(
      path,
      { requestKey: requestKey(), methodId: `met_${'0'.repeat(32)}` },
      {
        status: 404,
        code: 'not_found',
        title: 'Not found',
        detail: 'There is not a saved card with this address here.',
        nextStep: 'Check the address, or go back to the list.',
      },
    )
  })

  test('STR-124: a paid and a voided invoice take no payment, and neither can be voided again', async () => {
    const { invoiceId: paid } = await checkOut(desk.session, await desk.withCard())
    await labelled(desk.session, paid, 'Paid')
    const { invoiceId: voided } = await checkOut(desk.session, await furnish(desk.session, { manual: true }))
    await desk.session.good('POST', `/invoices/${voided}/void`, { reason: 'Wrong space' })
    await desk.quiet()
    const closed: Said = {
      status: 409,
      code: 'invoice_not_open',
      title: 'This invoice takes no payment',
      detail: 'Only an issued invoice with a balance can be paid.',
      nextStep: 'Open the invoice and look at its status.',
    }
    const cash = { amount: '1.00', method: 'cash', reference: '', receivedOn: desk.started }
    for (const invoiceId of [paid, voided]) {
      await expectRefused(`/invoices/${invoiceId}/take-payment`, { requestKey: requestKey() }, closed)
      await expectRefused(`/invoices/${invoiceId}/record-payment`, { ...cash, requestKey: requestKey() }, closed)
    }
    await expectRefused(
      `/invoices/${paid}/void`,
      { reason: 'Never mind' },
      {
        status: 409,
        code: 'void_has_payments',
        title: 'This invoice has payments',
        detail: 'Money or credit is on it. Void is only for invoices without payments.',
        nextStep: 'Refund the payment, or use a credit note.',
      },
    )
    await expectRefused(
      `/invoices/${voided}/void`,
      { reason: 'Again' },
      {
        status: 409,
        code: 'void_not_open',
        title: 'Only an open invoice can be voided',
        detail: 'This invoice is not open any more.',
        nextStep: 'Issue a credit note for an invoice that was paid.',
      },
    )
    await expectRefused(
      `/invoices/${paid}/cancel-payment`,
      {},
      {
        status: 404,
        title: 'Not found',
        detail: 'No payment of this invoice waits for the renter.',
        nextStep: 'Open the invoice to see where it stands.',
      },
    )
    await expectRefused(
      `/invoices/${paid}/authenticate`,
      {},
      {
        status: 409,
        title: 'Nothing waits for the renter',
        detail: 'This payment does not ask the renter to act.',
        nextStep: 'Open the invoice to see where it stands.',
      },
    )
    await desk.holds()
  })

  const own = (path: string) => `/api/v1/w/${desk.session.slug}${path}?mode=test`
})

/** The next confirmation takes its time, so that a second person meets a payment that runs. */
async function slowConfirmations({ sandbox }: Product): Promise<void> {
  const match = { method: 'POST', path: '/v1/payment_intents/pi_[^/]+/confirm$' }
  const reply = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ where: 'api', match, effect: { kind: 'delay', ms: 1_500, when: 'before' }, times: 1 }),
  })
  expect(reply.status, await reply.text()).toBe(201)
}
