import { expect, test } from 'vitest'
import { listCreditNotes } from '#billing'
import { recordPayment } from '#payments'
import { inScope, listFacts, newId } from '#platform'
import { createStripe } from '#stripe'
import { openBentStripe } from '#test/bent-stripe'
import { cards, eachMoney, type Charging, type MoneyParts } from '#test/charges'
import { codeOf, todayOf, valueOf } from '#test/rental'
import { onStripeChargeRefunded, onStripeRefund } from './on-stripe-refund.ts'
import { requestRefund, type RefundRequest } from './request-refund.ts'
import { findRefund, listRefundsOfPayments } from './store.ts'

const day = 24 * 3_600_000

const refundsOf = ({ sandbox, open }: MoneyParts) => {
  /** A paid invoice of 310.00, of which 110.00 rent with tax and 200.00 deposit, and money in Stripe's balance to pay it back from. */
  const paid = async (card: string = cards.good, wish: Parameters<typeof open>[0] & { funds?: boolean } = {}) => {
    const charging = await open({ manual: true, ...wish })
    await charging.saveCard(card)
    const { invoiceId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    if (wish.funds !== false) {
      const { accountId } = sandbox().keysOf()
      await sandbox().control('/funds', { account: accountId, amountMinor: 100_000, currency: 'aud' })
    }
    const refund = (change: Partial<RefundRequest> & { amountMinor: bigint }) =>
      charging.within((rows) =>
        requestRefund(rows, { paymentId, reason: 'Agreed', requestKey: crypto.randomUUID(), actor: 'test', ...change }),
      )
    const refunded = async (amountMinor: bigint) => valueOf(await refund({ amountMinor })).refundId
    return { charging, invoiceId, paymentId, refund, refunded, before: (await charging.entries()).length }
  }
  const find = (charging: Charging, id: string) => charging.within((rows) => findRefund(rows, id))
  const all = (charging: Charging, paymentId: string) =>
    charging.within((rows) => listRefundsOfPayments(rows, [paymentId]))
  const tell = async ({ money, scope, within, connectionId }: Charging, stripeRefundId: string) => {
    const reaction = onStripeRefund(money)
    const observed = (await reaction.read(scope, connectionId, stripeRefundId))!
    return within((rows) => reaction.apply(rows, connectionId, observed))
  }
  const tellOfCharge = async ({ money, scope, within, connectionId }: Charging, chargeId: string) => {
    const reaction = onStripeChargeRefunded(money)
    const observed = (await reaction.read(scope, connectionId, chargeId))!
    return within((rows) => reaction.apply(rows, connectionId, observed))
  }
  const since = async (charging: Charging, before: number) => (await charging.entries()).slice(before)
  return { paid, find, all, tell, tellOfCharge, since }
}

eachMoney('refunds', (parts) => {
  const { ground, sandbox, open, calm } = parts
  const { paid, find, all, tell, tellOfCharge, since } = refundsOf(parts)

  test('P4 P18 P19 MON-11: part of the rent goes back: credit note, promise, and Stripe’s own booking', async () => {
    const { charging, invoiceId, refunded, before } = await paid()
    const id = await refunded(4_400n)
    expect(charging.atStripe().refunds).toEqual([])

    await charging.run('refunds.send', id)
    await charging.run('refunds.send', id)

    expect(charging.atStripe().refunds).toMatchObject([
      { amount: 4_400, status: 'succeeded', metadata: { rentroll_refund: id } },
    ])
    expect(await find(charging, id)).toMatchObject({
      state: 'succeeded',
      stripeRefundId: charging.atStripe().refunds[0].id,
    })
    expect(await since(charging, before)).toEqual([
      'P4 income.rent 4000',
      'P4 tax_payable 400',
      'P4 unapplied_credit_notes -4400',
      'P18 unapplied_credit_notes 4400',
      'P18 refunds_in_flight -4400',
      'P19 stripe_clearing -4400',
      'P19 refunds_in_flight 4400',
    ])
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid', openMinor: 0n, creditedMinor: 4_400n })
    await charging.expectAgreement()
  })

  test('MON-11: all of it goes back from two sources, the rent by a credit note and the deposit as it is', async () => {
    const { charging, invoiceId, paymentId, refund, refunded } = await paid()
    const id = await refunded(31_000n)
    await charging.run('refunds.send', id)

    const [note] = await charging.within((rows) => listCreditNotes(rows, invoiceId))
    expect(await find(charging, id)).toMatchObject({
      state: 'succeeded',
      source: { unappliedMinor: 0n, creditNoteId: note!.id, creditMinor: 11_000n, depositMinor: 20_000n },
    })
    expect(codeOf(await refund({ amountMinor: 1n }))).toBe('refund_exceeds_captured')
    expect(await all(charging, paymentId)).toHaveLength(1)
    await charging.expectAgreement()
  })

  test('MON-11: what was paid too much goes back first, without a credit note', async () => {
    const { charging, invoiceId, paymentId, refunded } = await overpaid()
    const id = await refunded(6_000n)
    const more = await refunded(6_000n)
    await charging.run('refunds.send', id)
    await charging.run('refunds.send', more)

    expect((await find(charging, id))!.source).toMatchObject({
      unappliedMinor: 6_000n,
      creditMinor: 0n,
      depositMinor: 0n,
    })
    expect((await find(charging, more))!.source).toMatchObject({ unappliedMinor: 4_000n, creditMinor: 2_000n })
    const notes = await charging.within((rows) => listCreditNotes(rows, invoiceId))
    expect(notes.map(({ totalMinor }) => totalMinor)).toEqual([2_000n])
    expect(await all(charging, paymentId)).toHaveLength(2)
    await charging.expectAgreement()
  })

  /** 100.00 in cash while the declined PaymentIntent of 310.00 is paid at Stripe all the same. */
  async function overpaid() {
    const charging = await open({ manual: true })
    await charging.saveCard(cards.declined)
    const { invoiceId } = await charging.checkOut()
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    const cash = { amountMinor: 10_000n, method: 'cash', reference: '', receivedOn: todayOf(ground()) } as const
    valueOf(
      await charging.within((rows) => recordPayment(rows, { ...cash, invoiceId, requestKey: 'cash', actor: 'test' })),
    )
    const [intent] = charging.atStripe().intents
    await charging.inDashboard(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_bypassPending' })
    await charging.run('payments.follow', paymentId)
    const refunded = async (amountMinor: bigint) => {
      const wish = { paymentId, amountMinor, reason: 'Paid twice', requestKey: crypto.randomUUID(), actor: 'test' }
      return valueOf(await charging.within((rows) => requestRefund(rows, wish))).refundId
    }
    return { charging, invoiceId, paymentId, refunded }
  }

  test('STR-129: of two refunds of 60 % at once the second is refused with what is left; the same key twice is one refund', async () => {
    const { charging, paymentId, refund } = await paid()

    const both = await Promise.all([refund({ amountMinor: 18_600n }), refund({ amountMinor: 18_600n })])

    expect(both.map(codeOf).toSorted()).toEqual(['done', 'refund_exceeds_captured'])
    expect(both.find(({ ok }) => !ok)).toMatchObject({
      refusal: { field: '/amount', problem: { cause: expect.stringContaining('$124.00 or less') } },
    })
    const twins = await Promise.all(['twin', 'twin'].map((requestKey) => refund({ amountMinor: 100n, requestKey })))
    expect(new Set(twins.map((twin) => valueOf(twin).refundId)).size).toBe(1)
    for (const { id } of await all(charging, paymentId)) await charging.run('refunds.send', id)
    expect(
      charging
        .atStripe()
        .refunds.map(({ amount }) => amount)
        .toSorted(),
    ).toEqual([100, 18_600])
    await charging.expectAgreement()
  })

  test('MON-11: refused without a reason, for nothing, for cash and for an unknown payment; nothing is written', async () => {
    const { charging, invoiceId, refund, before } = await paid()
    const refusals = [
      await refund({ amountMinor: 100n, reason: '  ' }),
      await refund({ amountMinor: 100n, reason: 'x'.repeat(501) }),
      await refund({ amountMinor: 0n }),
      await refund({ amountMinor: 31_001n }),
      await refund({ amountMinor: 100n, paymentId: crypto.randomUUID() }),
    ]
    expect(refusals.map(codeOf)).toEqual([
      'reason_missing',
      'reason_missing',
      'amount_not_positive',
      'refund_exceeds_captured',
      'payment_missing',
    ])
    expect(await since(charging, before)).toEqual([])
    expect(await charging.within((rows) => listCreditNotes(rows, invoiceId))).toEqual([])
  })

  test.each([
    ['before it took effect', 'drop_before'],
    ['after it took effect', 'drop_after'],
    ['after it took effect, with 500 stored under the key', { kind: 'status_after', status: 500 }],
  ])(
    'TRU-136: an answer lost %s is looked up before anything is sent again: one refund at Stripe',
    async (_, effect) => {
      const { charging, paymentId, refunded } = await paid()
      const id = await refunded(5_000n)
      await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, effect, 2)

      await expect(charging.run('refunds.send', id)).rejects.toThrow(/network|server/)
      expect(await find(charging, id)).toMatchObject({ state: 'unknown' })
      await calm()
      await charging.run('refunds.send', id)

      expect(await all(charging, paymentId)).toMatchObject([{ state: 'succeeded' }])
      expect(charging.atStripe().refunds).toHaveLength(1)
      await charging.expectAgreement()
    },
  )

  test('TRU-136: after 25 hours a lost one is found by listing; one that never arrived failed, and may be asked for anew', async () => {
    const found = await paid()
    const lost = await paid()
    const foundId = await found.refunded(5_000n)
    const lostId = await lost.refunded(5_000n)
    await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_after', 2)
    await expect(found.charging.run('refunds.send', foundId)).rejects.toThrow(/network/)
    await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_before', 2)
    await expect(lost.charging.run('refunds.send', lostId)).rejects.toThrow(/network/)
    ground().clock.advance(25 * 3_600_000)
    await sandbox().control('/idempotency/forget')

    await found.charging.run('refunds.send', foundId)
    await lost.charging.run('refunds.send', lostId)

    expect(found.charging.atStripe().refunds).toHaveLength(1)
    expect(await find(found.charging, foundId)).toMatchObject({ state: 'succeeded' })
    expect(lost.charging.atStripe().refunds).toEqual([])
    expect(await find(lost.charging, lostId)).toMatchObject({ state: 'failed', failureReason: 'not_received' })
    const anew = await lost.refunded(5_000n)
    await lost.charging.run('refunds.send', anew)
    expect(lost.charging.atStripe().refunds).toHaveLength(1)
    await found.charging.expectAgreement()
    await lost.charging.expectAgreement()
  })

  test('TRU-136: a look-up that Stripe refuses says nothing about the refund: it is neither failed nor sent again', async () => {
    const { charging, refunded } = await paid()
    const id = await refunded(5_000n)
    await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_after', 2)
    await expect(charging.run('refunds.send', id)).rejects.toThrow(/network/)
    await sandbox().armFault({ method: 'GET', path: '/v1/refunds$' }, { kind: 'status_before', status: 403 })

    await expect(charging.run('refunds.send', id)).rejects.toThrow(/refunds.list: permission/)
    expect((await find(charging, id))!.state).not.toBe('failed')
    await charging.run('refunds.send', id)

    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
  })

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

eachMoney('refunds without funds', (parts) => {
  const { ground, sandbox } = parts
  const { paid, find, since } = refundsOf(parts)

  test('STR-109: refused for lack of funds it failed in words, and its sources are whole again', async () => {
    const { charging, refunded, before } = await paid(cards.good, { funds: false })
    const { accountId } = sandbox().keysOf()
    await sandbox().control('/settings', { account: accountId, refundWithoutFunds: 'reject' })
    const id = await refunded(31_000n)

    await charging.run('refunds.send', id)
    await sandbox().control('/settings', { account: accountId, refundWithoutFunds: 'pend' })

    expect(await find(charging, id)).toMatchObject({ state: 'failed', failureReason: 'balance_insufficient' })
    expect((await since(charging, before)).filter((line) => line.startsWith('P20'))).toEqual([
      'P20 unapplied_credit_notes -11000',
      'P20 deposits_held -20000',
      'P20 refunds_in_flight 31000',
    ])
    await charging.expectAgreement()
  })

  test('STR-87: held by Stripe until funds settle it stays one refund and is never sent again', async () => {
    const { charging, refunded } = await paid(cards.good, { funds: false })
    const id = await refunded(31_000n)
    await charging.run('refunds.send', id)
    expect(await find(charging, id)).toMatchObject({ state: 'pending', pendingReason: 'insufficient_funds' })
    await charging.run('refunds.send', id)
    await charging.expectAgreement()

    ground().clock.advance(5 * day)
    await sandbox().sandbox.stripe.runDue()
    await charging.run('refunds.follow', id)

    expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
  })
})
