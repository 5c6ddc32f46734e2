import { expect, test } from 'vitest'
import { findLease } from '#leases'
import { cards, eachMoney } from '#test/charges'
import { cancelPayment } from './authenticate-payment.ts'

eachMoney('a held space and its first payment', ({ ground, open }) => {
  test('BIL-17: while a payment may still succeed the space stays held; given up, the next look frees it', async () => {
    const charging = await open()
    await charging.saveCard(cards.challenged)
    const { invoiceId, leaseId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    ground().clock.advance(25 * 3_600_000)
    const standing = async () => [
      (await charging.within((rows) => findLease(rows, leaseId)))!.state,
      (await charging.invoice(invoiceId)).status,
    ]

    await charging.run('leases.release-hold', leaseId)
    expect(await standing()).toEqual(['awaiting_payment', 'open'])
    await cancelPayment(charging.money, charging.scope, { paymentId, actor: 'test' })
    await charging.run('leases.release-hold', leaseId)

    expect(await standing()).toEqual(['abandoned', 'void'])
    await charging.expectAgreement()
  })

  test('BIL-17 TRU-134: the end of the hold and the success at the same moment: the renter has the space, or the money is theirs', async () => {
    const charging = await open()
    await charging.saveCard(cards.declined)
    const { invoiceId, leaseId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    const [intent] = charging.atStripe().intents
    await charging.inDashboard(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_visa' })
    ground().clock.advance(25 * 3_600_000)

    await Promise.all([charging.run('leases.release-hold', leaseId), charging.run('payments.follow', paymentId)])

    const outcome = [
      (await charging.within((rows) => findLease(rows, leaseId)))!.state,
      (await charging.invoice(invoiceId)).status,
    ]
    expect([
      ['active', 'paid'],
      ['abandoned', 'void'],
    ]).toContainEqual(outcome)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
    await charging.expectAgreement()
  })
})
