import { expect, test } from 'vitest'
import { listCreditNotes } from '#billing'
import { inScope, listFacts, newId } from '#platform'
import { createStripe } from '#stripe'
import { openBentStripe } from '#test/bent-stripe'
import { cards, eachMoney } from '#test/charges'
import { refundsOf } from '#test/refunds'

const day = 24 * 3_600_000

eachMoney('news of refunds', (parts) => {
  const { ground, sandbox } = parts
  const { paid, find, all, tell, tellOfCharge, since } = refundsOf(parts)

  test('STR-116 STR-90: the webhook before the API answer is the same refund', async () => {
    const { charging, paymentId, refunded } = await paid()
    const id = await refunded(5_000n)
    await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_after', 2)
    await expect(charging.run('refunds.send', id)).rejects.toThrow(/network/)
    const [there] = charging.atStripe().refunds

    expect(await tell(charging, there.id)).toBe('done')
    expect(await tellOfCharge(charging, there.charge)).toBe('done')
    await charging.run('refunds.send', id)

    expect(await all(charging, paymentId)).toMatchObject([{ id, state: 'succeeded', stripeRefundId: there.id }])
    await charging.expectAgreement()
  })

  test('STR-150: one that pends at the bank is asked about until it succeeds', async () => {
    const { charging, refunded } = await paid(cards.refundPends)
    const id = await refunded(5_000n)
    await charging.run('refunds.send', id)
    expect(await find(charging, id)).toMatchObject({ state: 'pending', pendingReason: 'processing' })
    await charging.expectAgreement()
    ground().clock.advance(2 * 3_600_000)
    await sandbox().sandbox.stripe.runDue()

    await charging.run('refunds.follow', id)

    expect(await find(charging, id)).toMatchObject({ state: 'succeeded', pendingReason: undefined })
    await charging.expectAgreement()
  })

  test('STR-130 P20 P20b: one that fails a day after it succeeded is owed again, and can be paid again', async () => {
    const { charging, invoiceId, refunded } = await paid(cards.refundFails)
    const id = await refunded(13_000n)
    await charging.run('refunds.send', id)
    expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    const before = (await charging.entries()).length
    ground().clock.advance(2 * day)
    await sandbox().sandbox.stripe.runDue()

    expect(await tell(charging, charging.atStripe().refunds[0].id)).toBe('done')
    expect(await tell(charging, charging.atStripe().refunds[0].id)).toBe('done')

    expect(await find(charging, id)).toMatchObject({ state: 'failed', failureReason: 'expired_or_canceled_card' })
    expect(await since(charging, before)).toEqual([
      'P20 unapplied_credit_notes -11000',
      'P20 deposits_held -2000',
      'P20 refunds_in_flight 13000',
      'P20b stripe_clearing 13000',
      'P20b refunds_in_flight -13000',
    ])
    const facts = await inScope(ground().database, charging.scope, (rows) => listFacts(rows, { refund: id }))
    expect(facts.map(({ name }) => name)).toEqual(['refund.requested', 'refund.succeeded', 'refund.failed'])
    await charging.expectAgreement()

    const again = await refunded(13_000n)
    await charging.run('refunds.send', again)
    expect(await charging.within((rows) => listCreditNotes(rows, invoiceId))).toHaveLength(1)
    expect((await find(charging, again))!.source).toMatchObject({ creditMinor: 11_000n, depositMinor: 2_000n })
    await charging.expectAgreement()
  })

  test('P21s MON-12 STR-90: one made in Stripe’s Dashboard is brought in once, however it is told', async () => {
    const { charging, paymentId, refund, before } = await paid()
    const [intent] = charging.atStripe().intents
    const made = await charging.inDashboard('/v1/refunds', { payment_intent: intent.id, amount: '7000' })

    const verdicts = await Promise.all([
      tell(charging, made.id),
      tellOfCharge(charging, made.charge),
      tell(charging, made.id),
      tellOfCharge(charging, made.charge),
    ])

    expect(verdicts).toEqual(['done', 'done', 'done', 'done'])
    expect(await all(charging, paymentId)).toMatchObject([
      { state: 'succeeded', amountMinor: 7_000n, stripeRefundId: made.id, source: { suspenseMinor: 7_000n } },
    ])
    expect(await since(charging, before)).toEqual([
      'P21s suspense 7000',
      'P21s refunds_in_flight -7000',
      'P19 stripe_clearing -7000',
      'P19 refunds_in_flight 7000',
    ])
    expect(await refund({ amountMinor: 24_001n })).toMatchObject({
      refusal: { problem: { cause: expect.stringContaining('$240.00') } },
    })
    await charging.expectAgreement()
  })

  test('STR-89: refused because the Dashboard was quicker: the source has its money again and the other refund is brought in', async () => {
    const { charging, invoiceId, paymentId, refunded } = await paid()
    const id = await refunded(31_000n)
    const [intent] = charging.atStripe().intents
    const made = await charging.inDashboard('/v1/refunds', { payment_intent: intent.id, amount: '31000' })

    await charging.run('refunds.send', id)

    expect(await find(charging, id)).toMatchObject({ state: 'failed', failureReason: 'charge_already_refunded' })
    const others = (await all(charging, paymentId)).filter((refund) => refund.id !== id)
    expect(others).toMatchObject([{ stripeRefundId: made.id, state: 'succeeded' }])
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid' })
    await charging.expectAgreement()
  })

  test('STR-141: an answer about another amount, or another refund, books nothing until Stripe says the right thing', async () => {
    const bent = await openBentStripe(sandbox().sandbox.url)
    const { clock, logs } = ground()
    const stripe = createStripe({ apiBase: bent.url, clock, logs, installation: newId(clock) })
    const { charging, paymentId, refunded } = await paid(cards.good, { stripe })
    for (const change of [
      (refund: any) => (refund.amount = 4_999),
      (refund: any) => (refund.currency = 'usd'),
      (refund: any) => (refund.metadata.rentroll_refund = crypto.randomUUID()),
    ]) {
      const id = await refunded(5_000n)
      const before = await charging.entries()
      bent.bend((answer) => answer.object === 'refund' && change(answer))
      await expect(charging.run('refunds.send', id)).rejects.toThrow(/not accepted/)
      expect(await find(charging, id)).toMatchObject({ state: 'unknown' })
      expect(await charging.entries()).toEqual(before)
      bent.bend(undefined)
      await charging.run('refunds.send', id)
      expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    }
    expect(await all(charging, paymentId)).toHaveLength(3)
    expect(charging.atStripe().refunds).toHaveLength(3)
    await charging.expectAgreement()
    await bent.close()
  })

  test('STR-150: a status of tomorrow is unknown, never sent again, and asked about until it is known', async () => {
    const bent = await openBentStripe(sandbox().sandbox.url)
    const { clock, logs } = ground()
    const stripe = createStripe({ apiBase: bent.url, clock, logs, installation: newId(clock) })
    const { charging, refunded } = await paid(cards.good, { stripe })
    const id = await refunded(5_000n)
    const strange = (one: any) => one.object === 'refund' && (one.status = 'a_status_of_tomorrow')
    bent.bend((answer) => [answer, ...(answer.data ?? [])].forEach(strange))

    await charging.run('refunds.send', id)
    await charging.run('refunds.send', id)
    await charging.run('refunds.follow', id)
    expect(await find(charging, id)).toMatchObject({ state: 'unknown' })
    bent.bend(undefined)
    await charging.run('refunds.follow', id)

    expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
    await bent.close()
  })
})
