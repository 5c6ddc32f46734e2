/**
 * Money that a card cannot or may not bring: cash recorded wrongly, a renter who has to confirm first, and an amount Stripe does not take
 * (must show 7 of the first issue, BIL-67, STR-81, STR-122).
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, eventually, requestKey, type Session } from '#test/product'
import { openDesk, unreadableAmount, type Desk } from './desk.ts'
import { cardOnFile, checkOut, furnish, invoiceOf, labelled, saveCard, turn } from './walk.ts'

eachProduct('other money', (product) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(product())
  })
  const expectRefused: Desk['expectRefused'] = (path, body, said) => desk.expectRefused(path, body, said)

  test('BIL-67: cash of no amount, from the future, for a renter who may not, and given back by card', async () => {
    const { invoiceId } = await checkOut(desk.session, await furnish(desk.session, { manual: true }))
    await desk.quiet()
    const path = `/invoices/${invoiceId}/record-payment`
    const cash = { amount: '10.00', method: 'cash', reference: '', receivedOn: desk.started }
    for (const amount of ['0', '-5'])
      await expectRefused(
        path,
        { ...cash, requestKey: requestKey(), amount },
        {
          status: 422,
          title: 'The amount cannot be recorded',
          detail: 'Enter an amount above zero with the decimals of the currency.',
          nextStep: 'Correct the amount.',
        },
      )
    for (const amount of ['10.001', 'ten', '1,00', '１０'])
      await expectRefused(path, { ...cash, requestKey: requestKey(), amount }, unreadableAmount)
    await expectRefused(
      path,
      { ...cash, requestKey: requestKey(), receivedOn: '2099-01-01' },
      {
        status: 422,
        title: 'The date is in the future',
        detail: 'A payment can be recorded once it was received, so the date must be today or earlier.',
        nextStep: 'Correct the received date.',
      },
    )
    await desk.session.good('POST', path, { ...cash, requestKey: requestKey() })
    await desk.quiet()
    const { payments } = await invoiceOf(desk.session, invoiceId)
    await expectRefused(
      `/invoices/${invoiceId}/refund`,
      { requestKey: requestKey(), paymentId: payments[0].id, amount: '5.00', reason: 'Too warm' },
      {
        status: 409,
        code: 'not_refundable_here',
        title: 'This payment was not made by card',
        detail: 'Money received by hand is given back by hand.',
        nextStep: 'Pay it back outside Rentroll.',
      },
    )
    const set = await desk.withCard('4000000000000341')
    const { invoiceId: byCard } = await checkOut(desk.session, set)
    await labelled(desk.session, byCard, 'Payment Failed')
    await desk.quiet()
    await expectRefused(
      `/invoices/${byCard}/record-payment`,
      { ...cash, requestKey: requestKey() },
      {
        status: 409,
        code: 'manual_not_allowed',
        title: 'Manual payments are not allowed for this renter',
        detail: 'Allow cash and cheque for this renter first.',
        nextStep: 'Open the renter and allow manual payments.',
      },
    )
    await desk.holds()
  })

  test('STR-122: while the renter has to confirm, the invoice takes no other money and cannot be voided', async () => {
    const set = await desk.withCard('4000002760003184')
    await desk.session.good('PUT', `/renters/${set.renterId}`, await allowingCash(desk.session, set.renterId))
    const { invoiceId } = await checkOut(desk.session, set)
    await eventually(
      () => invoiceOf(desk.session, invoiceId),
      ({ can }) => can.authenticate.allowed,
    )
    await desk.quiet()
    const before = await invoiceOf(desk.session, invoiceId)
    const running = {
      status: 409,
      code: 'payment_running',
      title: 'A payment is already on its way',
      detail: 'Another payment of this invoice is running. A second one could charge twice.',
      nextStep: 'Wait for the first to finish, or cancel it on the invoice.',
    }
    const cash = { amount: '310.00', method: 'cash', reference: '', receivedOn: desk.started }
    const refusalOf = async (deed: string, body: object) =>
      (await desk.session.refused('POST', `/invoices/${invoiceId}/${deed}`, body)).body
    expect(await refusalOf('take-payment', { requestKey: requestKey() })).toMatchObject(running)
    expect(await refusalOf('record-payment', { ...cash, requestKey: requestKey() })).toMatchObject(running)
    expect(await refusalOf('void', { reason: 'Changed their mind' })).toMatchObject({
      status: 409,
      code: 'void_payment_running',
      title: 'A payment is running',
      detail: 'A payment of this invoice is on its way, and it may still succeed.',
      nextStep: 'Wait until it is final, or cancel it, then void the invoice.',
    })
    expect(await invoiceOf(desk.session, invoiceId)).toEqual(before)
    await desk.holds()
  })

  test('STR-81: less than Stripe takes is said beside the card before anybody presses anything', async () => {
    const set = await furnish(desk.session, { monthly: '0.20', deposit: '0' })
    await saveCard(desk.session, product(), set.renterId)
    await cardOnFile(desk.session, set.renterId)
    const { invoiceId } = await checkOut(desk.session, set)
    await desk.quiet()
    const sentence = 'The amount is too small for a card. Record the payment by hand.'
    expect(await invoiceOf(desk.session, invoiceId)).toMatchObject({
      label: { text: 'Payment Due' },
      payments: [],
      collection: { text: expect.stringContaining(sentence) },
      can: { takePayment: { allowed: false, reason: sentence } },
    })
  })

  test('STR-79: pressed again minutes after the answer was lost, the same button opens the same page for a card', async () => {
    const { renterId } = await furnish(desk.session)
    const wish = { requestKey: requestKey(), returnTo: '/w/x/renters' }
    const first = await desk.session.good('POST', `/renters/${renterId}/setup`, wish)
    await turn(product(), { advance: 'PT2M' })
    expect(await desk.session.good('POST', `/renters/${renterId}/setup`, wish)).toEqual(first)
  })
})

async function allowingCash(session: Session, renterId: string) {
  const { kind, name, email, version } = await session.good('GET', `/renters/${renterId}`)
  return { kind, name, email, version, manualPaymentsAllowed: true }
}
