/** What is paid is given back, and what is not paid is voided: over HTTP, with the credit notes and the books that follow from it. */
import { expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey } from '#test/product'
import { addFunds, cardOnFile, checkOut, furnish, invoiceOf, labelled, ready, saveCard, scopeOf } from './walk.ts'

eachProduct('refunds and voids', (product) => {
  test('UI-172 MON-11: a partial refund leaves a credit note, goes out once, and more than what is left is refused with the amount', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    const paid = await labelled(session, invoiceId, 'Paid')
    await addFunds(product())
    const key = requestKey()
    const wish = { requestKey: key, paymentId: paid.payments[0].id, amount: '40.00', reason: 'Desk was not ready' }
    await session.good('POST', `/invoices/${invoiceId}/refund`, wish)
    await session.good('POST', `/invoices/${invoiceId}/refund`, wish)
    const refunded = await eventually(
      () => invoiceOf(session, invoiceId),
      ({ refunds }) => refunds[0]?.state === 'succeeded',
    )
    expect(refunded.refunds).toHaveLength(1)
    expect(refunded.credits).toMatchObject([
      { total: { amountMinor: '4000' }, number: expect.stringMatching(/^TEST-CN-/) },
    ])

    const refusal = await session.refused('POST', `/invoices/${invoiceId}/refund`, {
      ...wish,
      requestKey: requestKey(),
      amount: '270.01',
    })
    expect(refusal.body).toMatchObject({
      code: 'refund_exceeds_captured',
      detail: 'Refund must be $270.00 or less. That is what is left of this payment.',
    })
    await session.good('POST', `/invoices/${invoiceId}/refund`, { ...wish, requestKey: requestKey(), amount: '270.00' })
    await eventually(
      () => invoiceOf(session, invoiceId),
      ({ refunds }) => refunds.length === 2 && refunds.every(({ state }: any) => state === 'succeeded'),
    )
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('BIL-54 BIL-58: an unpaid invoice can be voided once, and its number stays used', async () => {
    const { session, set } = await ready(product(), { manual: true })
    const { invoiceId } = await checkOut(session, set)
    const voided = await session.good('POST', `/invoices/${invoiceId}/void`, { reason: 'Wrong space' })
    expect(voided).toMatchObject({ status: 'void', label: { text: 'Voided' }, balance: { amountMinor: '0' } })
    const again = await session.refused('POST', `/invoices/${invoiceId}/void`, { reason: 'Again' })
    expect(again.status).toBe(409)
    const other = await furnish(session, { manual: true })
    const next = await invoiceOf(session, (await checkOut(session, other)).invoiceId)
    expect(Number(next.number.slice(-6))).toBe(Number(voided.number.slice(-6)) + 1)
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })

  test('BIL-17: voiding the first invoice of a lease that waits for its payment frees the space', async () => {
    const { session, set } = await ready(product())
    await saveCard(session, product(), set.renterId, '4000000000000341')
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    await labelled(session, invoiceId, 'Payment Failed')
    await session.good('POST', `/invoices/${invoiceId}/void`, { reason: 'The renter gave up' })
    const { rows } = await session.good('GET', '/spaces')
    expect(rows).toMatchObject([{ state: 'available' }])
    await expectBooksToHold(product(), await scopeOf(product(), session))
  })
})
