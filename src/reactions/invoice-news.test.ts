import { afterAll, beforeAll, expect, test } from 'vitest'
import { noBooks, voidInvoice } from '#billing'
import { publicId } from '#kernel'
import { listFacts, newId } from '#platform'
import { settleStripeInvoice } from '#payments'
import { listRefundsOfPayments } from '#refunds'
import { cards, eachMoney, type Charging } from '#test/charges'
import { codeOf } from '#test/rental'
import { disordered, leadOf, openStripeNews, tell, type News, type StripeNews } from '#test/stripe-news'

eachMoney('news of invoices issued in Stripe', ({ ground, sandbox, open }) => {
  let news: StripeNews
  beforeAll(async () => {
    news = await openStripeNews(sandbox())
  })
  afterAll(() => news?.close())

  /** An open invoice of 310.00 here, and one the operator issued in Stripe by hand that names it. */
  const issued = async (
    wish: { link?: (invoiceId: string) => Record<string, string>; amount?: string; currency?: string } = {},
  ) => {
    const { link = (id) => ({ 'metadata[rentroll_invoice]': publicId('invoice', id) }), amount = '31000' } = wish
    const currency = wish.currency ?? 'aud'
    const charging = await open({ manual: true })
    const { invoiceId } = await charging.checkOut()
    const { id: customer } = await charging.inDashboard('/v1/customers', { email: 'renter@example.com' })
    const method = await charging.inDashboard('/v1/payment_methods/pm_card_visa/attach', { customer })
    const there = await charging.inDashboard('/v1/invoices', {
      customer,
      currency,
      collection_method: 'send_invoice',
      days_until_due: '7',
      ...link(invoiceId),
    })
    await charging.inDashboard('/v1/invoiceitems', {
      customer,
      invoice: there.id,
      amount,
      currency,
      description: 'Rent',
    })
    await charging.inDashboard(`/v1/invoices/${there.id}/finalize`)
    await news.take()
    return { charging, invoiceId, stripeId: there.id as string, methodId: method.id as string }
  }
  type Issued = Awaited<ReturnType<typeof issued>>
  const pay = ({ charging, stripeId, methodId }: Issued) =>
    charging.inDashboard(`/v1/invoices/${stripeId}/pay`, { payment_method: methodId })
  const told = async (): Promise<readonly News[]> => news.take()
  const lines = async (charging: Charging, rule: string) =>
    (await charging.entries()).filter((line) => line.startsWith(`${rule} `))
  const notes = async (charging: Charging, invoice: string) =>
    (await charging.within((rows) => listFacts(rows, { invoice }))).map(({ name }) => name)

  test('STR-147: paid there, it is paid here, booked once of all the events that tell it, in any order and shape', async () => {
    const made = await issued()
    const { charging, invoiceId, stripeId } = made
    await pay(made)
    const all = await told()
    expect(all.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'payment_intent.succeeded',
        'invoice.paid',
        'invoice.payment_succeeded',
        'invoice_payment.paid',
      ]),
    )
    const aboutInvoice = all.filter(({ type }) => /^invoice(_payment)?\.(paid|payment_succeeded)$/.test(type))
    for (const { now, old } of aboutInvoice) {
      expect(leadOf(charging, now)).toBe(`stripe_invoice ${stripeId}`)
      expect(leadOf(charging, old)).toBe(`stripe_invoice ${stripeId}`)
    }

    await tell(charging, disordered(all))

    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid', openMinor: 0n })
    expect(await charging.paymentsOf(invoiceId)).toMatchObject([
      {
        state: 'succeeded',
        amountMinor: 31_000n,
        stripeInvoiceId: stripeId,
        methodLabel: 'Visa ••4242',
        requestedBy: 'stripe',
        reference: expect.stringMatching(/^Stripe invoice /),
        balanceTransactionId: expect.stringMatching(/^txn_/),
      },
    ])
    expect(await lines(charging, 'P6')).toHaveLength(2)
    expect(await lines(charging, 'P7')).not.toHaveLength(0)
    const facts = await notes(charging, invoiceId)
    expect(facts.filter((name) => name === 'payment.settled')).toHaveLength(1)
    expect(facts.filter((name) => name === 'invoice.paid')).toHaveLength(1)
  })

  test('STR-147 STR-90: what the operator gives back of it there is brought in with it', async () => {
    const made = await issued()
    const { charging, invoiceId } = made
    await pay(made)
    const all = await told()
    const succeeded = JSON.parse(all.find(({ type }) => type === 'payment_intent.succeeded')!.now)
    const intentId: string = succeeded.data.object.id
    await charging.inDashboard('/v1/refunds', { payment_intent: intentId, amount: '500' })

    const [refunded] = (await told()).filter(({ type }) => type === 'charge.refunded')
    const paid = all.find(({ type }) => type === 'invoice.paid')!

    expect(await tell(charging, [refunded!.now, paid.now, refunded!.now])).toEqual(['foreign', 'done', 'done'])

    const [payment] = await charging.paymentsOf(invoiceId)
    expect(await charging.within((rows) => listRefundsOfPayments(rows, [payment!.id]))).toMatchObject([
      { amountMinor: 500n, source: { suspenseMinor: 500n } },
    ])
  })

  test('BIL-69: more than is owed, or for an invoice that is void, stays the renter’s credit', async () => {
    const more = await issued({ amount: '40000' })
    await pay(more)
    await tell(more.charging, disordered(await told()))
    expect(await more.charging.invoice(more.invoiceId)).toMatchObject({ status: 'paid' })
    expect(await lines(more.charging, 'P12')).toContain('P12 receivable -31000')
    expect(await lines(more.charging, 'P6')).toContain('P6 unapplied_payments -40000')

    const gone = await issued()
    const { charging, invoiceId } = gone
    const books = noBooks('not_connected')
    const voided = await charging.within((rows) =>
      voidInvoice({ rows, invoiceId, reason: 'Wrong space', actor: 'test', books, inFlight: 0 }),
    )
    expect(codeOf(voided)).toBe('done')
    await pay(gone)
    await tell(charging, disordered(await told()))
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'void' })
    expect(await lines(charging, 'P6')).toContain('P6 unapplied_payments -31000')
    expect(await lines(charging, 'P12')).toEqual([])
  })

  test('STR-147: marked as paid by other means there, it is money recorded by hand here, once', async () => {
    const { charging, invoiceId, stripeId } = await issued()
    await charging.inDashboard(`/v1/invoices/${stripeId}/pay`, { paid_out_of_band: 'true' })

    await tell(charging, disordered(await told()))

    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid' })
    expect(await charging.paymentsOf(invoiceId)).toMatchObject([
      { method: 'other', state: 'succeeded', amountMinor: 31_000n },
    ])
    expect(await lines(charging, 'P10')).toHaveLength(2)
    expect(await lines(charging, 'P6')).toEqual([])
  })

  test('STR-147: a declined try, a void and a write-off there are noted once in the story and change nothing', async () => {
    const made = await issued()
    const { charging, invoiceId, stripeId } = made
    const { customer } = await charging.inDashboard(`/v1/invoices/${stripeId}`)
    const bad = await charging.inDashboard('/v1/payment_methods/pm_card_chargeCustomerFail/attach', { customer })
    await expect(pay({ ...made, methodId: bad.id })).rejects.toThrow(/declined/)
    await charging.inDashboard(`/v1/invoices/${stripeId}/mark_uncollectible`)
    const first = await told()
    await tell(charging, disordered(first))
    await charging.inDashboard(`/v1/invoices/${stripeId}/void`)
    await tell(charging, disordered([...first, ...(await told())]))

    expect((await notes(charging, invoiceId)).filter((name) => name.startsWith('stripe_invoice.'))).toEqual([
      'stripe_invoice.payment_failed',
      'stripe_invoice.uncollectible',
      'stripe_invoice.voided',
    ])
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'open' })
    expect(await charging.paymentsOf(invoiceId)).toEqual([])
  })

  test('STR-67 STR-63 STR-68: unlinked is foreign, another workspace or currency is quarantined, an unknown invoice is waited for', async () => {
    const verdictsOf = async (wish: Parameters<typeof issued>[0]) => {
      const made = await issued(wish)
      await pay(made)
      const paid = (await told()).filter(({ type }) => type === 'invoice.paid')
      const verdicts = await tell(made.charging, [paid[0]!.now])
      expect(await made.charging.paymentsOf(made.invoiceId)).toEqual([])
      return verdicts
    }
    const stranger = newId(ground().clock)
    expect(await verdictsOf({ link: () => ({}) })).toEqual(['foreign'])
    expect(await verdictsOf({ link: () => ({ 'metadata[rentroll_invoice]': 'of my own' }) })).toEqual(['foreign'])
    expect(await verdictsOf({ link: () => ({ 'metadata[rentroll_invoice]': stranger }) })).toMatchObject([
      { park: 'The invoice it names is not here yet.' },
    ])
    const ofStranger = (id: string) => ({
      'metadata[rentroll_invoice]': id,
      'metadata[rentroll_operator]': stranger,
    })
    expect(await verdictsOf({ link: ofStranger })).toEqual(['quarantined'])
    expect(await verdictsOf({ currency: 'usd' })).toMatchObject([{ quarantine: expect.stringContaining('USD') }])
  })

  test('STR-78: a debit of it that is under way holds a charge from here; once it failed, a charge takes a PaymentIntent of its own', async () => {
    const { charging, invoiceId, stripeId } = await issued()
    await charging.saveCard(cards.good)
    const { gateway } = sandbox()
    const there = await gateway.findStripeInvoice(sandbox().scopeOf(), stripeId)
    const seen = (await gateway.findPaymentIntent(sandbox().scopeOf(), there!.intents[0]!))!
    const settleAs = (change: Partial<typeof seen>) =>
      charging.within((rows) =>
        settleStripeInvoice(rows, {
          connectionId: charging.connectionId,
          observed: { ...seen, ...change },
          invoiceId,
          stripeInvoiceId: stripeId,
          reference: 'Stripe invoice',
        }),
      )

    expect(await settleAs({ status: 'processing' })).toBe('done')
    await expect(charging.plan(invoiceId)).rejects.toThrow(/payment_running/)
    expect(
      await settleAs({ status: 'requires_payment_method', lastError: { code: 'debit_not_authorized', message: '' } }),
    ).toBe('done')
    const paymentId = await charging.plan(invoiceId)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'created', stripePaymentIntentId: undefined })
    expect(await charging.paymentsOf(invoiceId)).toMatchObject([
      { id: paymentId },
      { state: 'failed', stripeInvoiceId: stripeId },
    ])
  })
})
