import { expect, test } from 'vitest'
import { listCreditNotes } from '#billing'
import { recordPayment } from '#payments'
import { createSpaces } from '#spaces'
import { cards, eachMoney } from '#test/charges'
import { refundsOf } from '#test/refunds'
import { codeOf, todayOf, valueOf } from '#test/rental'
import { requestRefund } from './request-refund.ts'

eachMoney('refunds', (parts) => {
  const { ground, sandbox, open, calm } = parts
  const { paid, find, all, since } = refundsOf(parts)

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

  test('UI-36: the same key with another amount or reason is refused, and one refund is on its way', async () => {
    const { charging, paymentId, refund } = await paid()
    const first = { amountMinor: 100n, requestKey: 'one' }
    const { refundId } = valueOf(await refund(first))

    expect(valueOf(await refund(first))).toEqual({ refundId })
    expect(codeOf(await refund({ ...first, amountMinor: 200n }))).toBe('request_key_reused')
    expect(codeOf(await refund({ ...first, reason: 'Another' }))).toBe('request_key_reused')
    expect(await all(charging, paymentId)).toHaveLength(1)
  })

  test('UI-36: two payments refunded under one key at one moment send one back, and the other is told', async () => {
    const { charging, paymentId, refund } = await paid()
    const [space] = valueOf(await charging.within((rows) => createSpaces(rows, charging.rental)))
    const { invoiceId: otherInvoice } = await charging.checkOut({ spaceId: space!.id })
    const other = await charging.plan(otherInvoice)
    await charging.run('payments.drive', other)
    const same = { amountMinor: 100n, requestKey: 'one' }

    const rivals = await Promise.all([refund(same), refund({ ...same, paymentId: other })])

    expect(rivals.map(codeOf).toSorted()).toEqual(['done', 'request_key_reused'])
    expect([...(await all(charging, paymentId)), ...(await all(charging, other))]).toHaveLength(1)
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
    await sandbox().control('/funds', { account: sandbox().keysOf().accountId, amountMinor: 100_000, currency: 'aud' })
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
})
