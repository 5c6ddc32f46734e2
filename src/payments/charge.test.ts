import { expect, test } from 'vitest'
import { findLease } from '#leases'
import { inScope, listFacts } from '#platform'
import { getMethod, listMethods } from '#renters'
import { createSpaces } from '#spaces'
import { cards, eachMoney } from '#test/charges'
import { codeOf, valueOf } from '#test/rental'
import { requestCharge } from './request-charge.ts'
import { listAttempts } from './money-call-store.ts'

eachMoney('charging a saved card', ({ ground, sandbox, open }) => {
  /** An open invoice of 310.00 and a card on file. */
  const readyWith = async (card: string, wish: Parameters<typeof open>[0] = {}) => {
    const charging = await open(wish)
    await charging.saveCard(card)
    return { charging, ...(await charging.checkOut()) }
  }

  test('STR-75 P6 P12 P7: planned first, then charged once; the books say gross, rent before deposit, and Stripe’s fee', async () => {
    const { charging, invoiceId, leaseId } = await readyWith(cards.good)
    const before = (await charging.entries()).length
    const paymentId = await charging.plan(invoiceId)
    expect(charging.atStripe()).toMatchObject({ intents: [], charges: [] })
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'created', attempt: 1, amountMinor: 31_000n })

    await charging.run('payments.drive', paymentId)
    await charging.run('payments.drive', paymentId)

    const { intents, charges, transactions } = charging.atStripe()
    const [booked] = transactions
    expect(await charging.payment(paymentId)).toMatchObject({
      state: 'succeeded',
      methodLabel: 'Visa ••4242',
      stripePaymentIntentId: intents[0].id,
      stripeChargeId: charges[0].id,
      balanceTransactionId: booked.id,
    })
    expect(charges).toMatchObject([{ amount: 31_000, status: 'succeeded' }])
    expect((await charging.entries()).slice(before)).toEqual([
      'P6 charges_unsettled 31000',
      'P6 unapplied_payments -31000',
      'P12 unapplied_payments 31000',
      'P12 receivable -31000',
      'P12 deposits_charged 20000',
      'P12 deposits_held -20000',
      `P7 stripe_clearing ${booked.net}`,
      `P7 stripe_fees ${booked.fee}`,
      'P7 charges_unsettled -31000',
    ])
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid', openMinor: 0n })
    expect(await charging.within((rows) => findLease(rows, leaseId))).toMatchObject({ state: 'active' })
    await charging.expectAgreement()
  })

  test('STR-123 UI-36: of two who charge at once one does; the same key, even at once, is the same charge', async () => {
    const { charging, invoiceId } = await readyWith(cards.good)
    const other = await readyWith(cards.good)
    const ask = (requestKey: string, about = { charging, invoiceId }) =>
      about.charging.within((rows) => requestCharge(rows, { invoiceId: about.invoiceId, requestKey, actor: 'test' }))

    const rivals = await Promise.all([ask('one'), ask('two')])
    const twins = await Promise.all([ask('same', other), ask('same', other)])

    expect(rivals.map(codeOf).toSorted()).toEqual(['done', 'payment_running'])
    expect(new Set(twins.map((twin) => valueOf(twin).paymentId)).size).toBe(1)
    expect(await charging.paymentsOf(invoiceId)).toHaveLength(1)
    expect(await other.charging.paymentsOf(other.invoiceId)).toHaveLength(1)
  })

  /** Two open invoices of one renter, and a request with always the same key. */
  const twoInvoices = async () => {
    const { charging, invoiceId } = await readyWith(cards.good)
    const [space] = valueOf(await charging.within((rows) => createSpaces(rows, charging.rental)))
    const { invoiceId: other } = await charging.checkOut({ spaceId: space!.id })
    const ask = (about: string) =>
      charging.within((rows) => requestCharge(rows, { invoiceId: about, requestKey: 'one', actor: 'test' }))
    return { charging, invoiceId, other, ask }
  }

  test('UI-36: the key of one invoice charges no other', async () => {
    const { charging, invoiceId, other, ask } = await twoInvoices()

    expect(codeOf(await ask(invoiceId))).toBe('done')
    expect(codeOf(await ask(other))).toBe('request_key_reused')
    expect(await charging.paymentsOf(other)).toEqual([])
  })

  test('UI-36: of two invoices charged with one key at one moment one is, and the other is told', async () => {
    const { charging, invoiceId, other, ask } = await twoInvoices()

    const rivals = await Promise.all([ask(invoiceId), ask(other)])

    expect(rivals.map(codeOf).toSorted()).toEqual(['done', 'request_key_reused'])
    expect([...(await charging.paymentsOf(invoiceId)), ...(await charging.paymentsOf(other))]).toHaveLength(1)
  })

  test('UI-36: the key under which cash was recorded charges no card', async () => {
    const charging = await open({ manual: true })
    await charging.saveCard(cards.good)
    const { invoiceId } = await charging.checkOut()
    const same = { invoiceId, requestKey: 'one', actor: 'test' }
    valueOf(await charging.payCash(invoiceId, { ...same, amountMinor: 10_000n }))

    expect(codeOf(await charging.within((rows) => requestCharge(rows, same)))).toBe('request_key_reused')
    expect(await charging.paymentsOf(invoiceId)).toHaveLength(1)
  })

  test('STR-78: a decline says why; another card is the second attempt on the same PaymentIntent', async () => {
    const { charging, invoiceId, leaseId } = await readyWith(cards.declined)
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({
      state: 'failed',
      failureCode: 'card_declined',
      declineCode: 'generic_decline',
      adviceCode: 'try_again_later',
    })
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'open', openMinor: 31_000n })
    expect(await charging.within((rows) => findLease(rows, leaseId))).toMatchObject({ state: 'awaiting_payment' })

    await charging.saveCard(cards.good)
    expect(await charging.plan(invoiceId)).toBe(paymentId)
    await charging.run('payments.drive', paymentId)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded', attempt: 2, failureCode: undefined })
    const attempts = await charging.within((rows) => listAttempts(rows, [paymentId]))
    expect(attempts.map(({ attempt, methodLabel, outcome }) => [attempt, methodLabel, outcome])).toEqual([
      [1, 'Visa ••0341', 'failed'],
      [2, 'Visa ••4242', 'succeeded'],
    ])
    const { intents, charges } = charging.atStripe()
    expect(intents).toHaveLength(1)
    expect(charges.map(({ status }) => status)).toEqual(['failed', 'succeeded'])
    await charging.expectAgreement()
  })

  test('STR-78: when the balance changed after a decline, the old PaymentIntent ends at Stripe before a new one is made', async () => {
    const { charging, invoiceId } = await readyWith(cards.declined, { manual: true })
    const old = await charging.plan(invoiceId)
    await charging.run('payments.drive', old)
    expect(codeOf(await charging.payCash(invoiceId, { amountMinor: 10_000n }))).toBe('done')
    await charging.saveCard(cards.good)
    const fresh = await charging.plan(invoiceId)
    expect(fresh).not.toBe(old)
    await sandbox().armFault({ method: 'POST', path: '/cancel$' }, 'drop_after', 2)

    await expect(charging.run('payments.drive', fresh)).rejects.toThrow(/payment_intents.cancel: network/)
    expect(charging.atStripe().intents).toHaveLength(1)
    await charging.run('payments.drive', fresh)

    expect(charging.atStripe().intents).toMatchObject([
      { amount: 31_000, status: 'canceled' },
      { amount: 21_000, status: 'succeeded' },
    ])
    expect(await charging.payment(old)).toMatchObject({ state: 'canceled' })
    expect(await charging.payment(fresh)).toMatchObject({ state: 'succeeded', amountMinor: 21_000n, attempt: 1 })
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid' })
    await charging.expectAgreement()
  })

  test('STR-78 MON-13: should the old PaymentIntent turn out paid, its money is booked and the new charge is withdrawn unsent', async () => {
    const { charging, invoiceId } = await readyWith(cards.declined, { manual: true })
    const old = await charging.plan(invoiceId)
    await charging.run('payments.drive', old)
    expect(codeOf(await charging.payCash(invoiceId, { amountMinor: 10_000n }))).toBe('done')
    await charging.saveCard(cards.good)
    const fresh = await charging.plan(invoiceId)
    const [intent] = charging.atStripe().intents
    await charging.inDashboard(`/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_mastercard' })

    await charging.run('payments.drive', fresh)

    expect(await charging.payment(old)).toMatchObject({ state: 'succeeded', amountMinor: 31_000n })
    expect(await charging.payment(fresh)).toMatchObject({
      state: 'canceled',
      failureCode: 'no_longer_owed',
      stripePaymentIntentId: undefined,
    })
    expect(charging.atStripe().intents).toHaveLength(1)
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid', allocatedMinor: 31_000n })
    expect((await charging.entries()).filter((line) => line.includes('unapplied_payments'))).toEqual([
      'P10 unapplied_payments -10000',
      'P12 unapplied_payments 10000',
      'P6 unapplied_payments -31000',
      'P12 unapplied_payments 21000',
    ])
    await charging.expectAgreement()
  })

  test('STR-82: a card the bank refuses for good is not charged again; added anew it is a method of its own', async () => {
    const { charging, invoiceId } = await readyWith(cards.refusedForGood)
    const { renterId } = charging.rental
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    const refused = (await charging.payment(paymentId)).savedMethodId!
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'failed', declineCode: 'fraudulent' })
    expect(await charging.within((rows) => getMethod(rows, refused))).toMatchObject({
      unusableReason: 'Stripe or the bank suspects fraud.',
    })
    const ask = (savedMethodId?: string) =>
      charging.within((rows) =>
        requestCharge(rows, { invoiceId, savedMethodId, requestKey: crypto.randomUUID(), actor: 'test' }),
      )
    expect([await ask(), await ask(refused)].map(codeOf)).toEqual(['no_method', 'no_method'])

    const anew = await charging.saveCard(cards.refusedForGood)
    expect(anew.isDefault).toBe(true)
    expect(anew.unusableReason).toBeUndefined()
    expect(codeOf(await ask())).toBe('done')
    await charging.run('payments.drive', paymentId)

    const methods = await charging.within((rows) => listMethods(rows, renterId))
    expect(methods.map(({ unusableReason }) => unusableReason)).toEqual([
      'Stripe or the bank suspects fraud.',
      'Stripe or the bank suspects fraud.',
    ])
    expect(charging.atStripe().charges.filter(({ status }) => status === 'succeeded')).toEqual([])
    await charging.expectAgreement()
  })

  test('STR-82: after a soft decline the same card may be tried again', async () => {
    const { charging, invoiceId } = await readyWith(cards.declined)
    const paymentId = await charging.plan(invoiceId)
    await charging.run('payments.drive', paymentId)
    const { savedMethodId } = await charging.payment(paymentId)

    expect(await charging.within((rows) => getMethod(rows, savedMethodId!))).not.toHaveProperty('unusableReason')
    expect(await charging.plan(invoiceId)).toBe(paymentId)
  })

  test('L2: a renter without autopay is not charged by itself, and one with it is', async () => {
    const { charging, invoiceId } = await readyWith(cards.good)
    const setAutopay = (autopay: boolean) =>
      charging.within((rows) =>
        rows
          .updateTable('app.renters')
          .set({ autopay })
          .where('operator_id', '=', rows.scope.operatorId)
          .where('id', '=', charging.rental.renterId)
          .execute(),
      )
    const facts = await inScope(ground().database, charging.scope, (rows) => listFacts(rows, { invoice: invoiceId }))
    const finalised = facts.find(({ name }) => name === 'invoice.finalised')!

    await setAutopay(false)
    await charging.run('payments.on-invoice-finalised', finalised.id)
    expect(await charging.paymentsOf(invoiceId)).toEqual([])

    await setAutopay(true)
    await charging.run('payments.on-invoice-finalised', finalised.id)
    await charging.run('payments.on-invoice-finalised', finalised.id)
    expect(await charging.paymentsOf(invoiceId)).toMatchObject([{ state: 'created', requestedBy: 'schedule' }])
  })

  test('STR-2 STR-127: a method of another renter, and one that does not exist, are refused before Stripe', async () => {
    const { charging, invoiceId } = await readyWith(cards.good)
    const other = await readyWith(cards.good)
    const foreign = (await other.charging.within((rows) => listMethods(rows, other.charging.rental.renterId)))[0]!
    const ask = (savedMethodId: string) =>
      charging.within((rows) =>
        requestCharge(rows, { invoiceId, savedMethodId, requestKey: crypto.randomUUID(), actor: 'test' }),
      )
    expect([await ask(foreign.id), await ask(crypto.randomUUID())].map(codeOf)).toEqual(['no_method', 'no_method'])
    expect(charging.atStripe().intents).toEqual([])
  })
})
