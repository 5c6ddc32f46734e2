import { expect, test } from 'vitest'
import { noBooks, voidInvoice } from '#billing'
import { findLease } from '#leases'
import { bentCharges } from '#test/bent-charges'
import { cards, eachMoney, type Charging } from '#test/charges'
import { codeOf } from '#test/rental'
import { cancelPayment } from './authenticate-payment.ts'
import { readIntent } from './payment-intent.ts'
import { settle } from './settle.ts'

eachMoney('a payment that was given up, and money that comes all the same', ({ ground, sandbox, open }) => {
  const { bent, planned } = bentCharges({ ground, sandbox, open })
  /** The webhook's road, with what Stripe says now. */
  const tell = async ({ atStripe, money, scope, connectionId, within }: Charging) => {
    const [{ id: intentId }] = atStripe().intents
    const observed = (await readIntent(money, { scope, connectionId, intentId }))!
    return within((rows) => settle(rows, { connectionId, observed, actor: 'stripe' }))
  }

  test('STR-148: cancelled in Stripe’s Dashboard the invoice is free for another way to pay', async () => {
    const { charging, invoiceId, paymentId } = await planned(cards.challenged)
    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'requires_action' })
    expect(codeOf(await charging.payCash(invoiceId))).toBe('payment_running')
    await charging.inDashboard(`/v1/payment_intents/${charging.atStripe().intents[0].id}/cancel`)

    expect(await tell(charging)).toBe('done')

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'canceled' })
    expect(codeOf(await charging.payCash(invoiceId))).toBe('done')
    await charging.expectAgreement()
  })

  test('STR-100: given up by a person; one that was paid meanwhile cannot be, and its money is booked', async () => {
    const given = await planned(cards.challenged)
    await given.charging.run('payments.drive', given.paymentId)
    const late = await planned(cards.challenged)
    await late.charging.run('payments.drive', late.paymentId)
    const [intent] = late.charging.atStripe().intents
    await late.charging.inDashboard(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_visa' })
    const giveUp = ({ charging, paymentId }: typeof given) =>
      cancelPayment(charging.money, charging.scope, { paymentId, actor: 'test' })

    expect([await giveUp(given), await giveUp(late)].map(codeOf)).toEqual(['done', 'cannot_cancel'])

    expect(await given.charging.payment(given.paymentId)).toMatchObject({ state: 'canceled' })
    expect(await late.charging.payment(late.paymentId)).toMatchObject({ state: 'succeeded' })
    expect(await late.charging.invoice(late.invoiceId)).toMatchObject({ status: 'paid' })
    await given.charging.expectAgreement()
    await late.charging.expectAgreement()
  })

  test('STR-85: a success after we took it for cancelled is real money; the invoice was paid otherwise, so it is credit', async () => {
    const { charging, invoiceId, paymentId } = await planned()
    bent().bend((answer) => answer.status === 'succeeded' && (answer.status = 'canceled'))
    await charging.run('payments.drive', paymentId)
    bent().bend(undefined)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'canceled' })
    expect(codeOf(await charging.payCash(invoiceId))).toBe('done')
    const before = (await charging.entries()).length

    expect(await tell(charging)).toBe('done')

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
    const after = (await charging.entries()).slice(before)
    expect(after.slice(0, 2)).toEqual(['P6 charges_unsettled 31000', 'P6 unapplied_payments -31000'])
    expect(after.filter((line) => line.startsWith('P12'))).toEqual([])
    await charging.expectAgreement()
  })

  test('BIL-69 MON-13: money for an invoice that was voided meanwhile stays the renter’s', async () => {
    const { charging, invoiceId, leaseId, paymentId } = await planned(cards.declined)
    await charging.run('payments.drive', paymentId)
    const voided = await charging.within((rows) =>
      voidInvoice({
        rows,
        invoiceId,
        reason: 'Wrong space',
        actor: 'test',
        books: noBooks('not_connected'),
        inFlight: 0,
      }),
    )
    expect(codeOf(voided)).toBe('done')
    const [intent] = charging.atStripe().intents
    await charging.inDashboard(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_visa' })
    const before = (await charging.entries()).length

    expect(await tell(charging)).toBe('done')

    expect((await charging.entries()).slice(before, before + 2)).toEqual([
      'P6 charges_unsettled 31000',
      'P6 unapplied_payments -31000',
    ])
    expect((await charging.entries()).filter((line) => line.startsWith('P12'))).toEqual([])
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'void' })
    expect(await charging.within((rows) => findLease(rows, leaseId))).toMatchObject({ state: 'cancelled' })
    await charging.expectAgreement()
  })
})
