import { afterAll, beforeAll, expect, test } from 'vitest'
import { listFacts, newId } from '#platform'
import { createStripe } from '#stripe'
import { openBentStripe } from '#test/bent-stripe'
import { cards, eachMoney, type Charging } from '#test/charges'
import { refundsOf } from '#test/refunds'
import { disordered, leadOf, openStripeNews, tell, type StripeNews } from '#test/stripe-news'
import { listPaymentFlags } from './flag-store.ts'

eachMoney('news of a payment', (parts) => {
  const { ground, sandbox } = parts
  const { paid, all, since } = refundsOf(parts)
  let news: StripeNews
  beforeAll(async () => {
    news = await openStripeNews(sandbox())
  })
  afterAll(() => news?.close())

  const factsOf = async (charging: Charging, ids: Record<string, string>) =>
    (await charging.within((rows) => listFacts(rows, ids))).map(({ name }) => name)
  const ofIntent = async (charging: Charging) => {
    const [intent] = charging.atStripe().intents
    return (await news.take()).filter(({ now }) => now.includes(intent.id))
  }

  test('PERF-51 STR-147: intent, charge and refund events of one payment share one object, and act once in any order and shape', async () => {
    const { charging, paymentId, before } = await paid()
    const [intent] = charging.atStripe().intents
    await charging.inDashboard('/v1/refunds', { payment_intent: intent.id, amount: '1000' })
    const told = await ofIntent(charging)
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['payment_intent.succeeded', 'charge.succeeded', 'charge.refunded', 'refund.created']),
    )

    const leads = told.flatMap(({ now, old }) => [leadOf(charging, now), leadOf(charging, old)])
    expect([...new Set(leads)].filter((lead) => lead !== 'ignored_unhandled')).toEqual([`payment_intent ${intent.id}`])
    const verdicts = await tell(charging, disordered(told))

    expect([...new Set(verdicts)].filter((verdict) => verdict !== 'ignored_unhandled')).toEqual(['done'])
    const refunds = await all(charging, paymentId)
    expect(refunds).toMatchObject([{ amountMinor: 1_000n, state: 'succeeded' }])
    expect(await since(charging, before)).toEqual([
      'P21s suspense 1000',
      'P21s refunds_in_flight -1000',
      'P19 stripe_clearing -1000',
      'P19 refunds_in_flight 1000',
    ])
    expect(await factsOf(charging, { payment: paymentId })).toEqual([
      'payment.requested',
      'payment.settled',
      'refund.succeeded',
    ])
    await charging.expectAgreement()
  })

  test('STR-147: the charge brings its receipt, its booking and its fee to the payment', async () => {
    const { charging, paymentId } = await paid()
    const [charge] = charging.atStripe().charges
    const told = (await ofIntent(charging)).filter(({ type }) => type.startsWith('charge.'))

    expect([...new Set(await tell(charging, disordered(told)))]).toEqual(['done'])

    expect(await charging.payment(paymentId)).toMatchObject({
      stripeChargeId: charge.id,
      receiptUrl: charge.receipt_url,
      balanceTransactionId: charge.balance_transaction,
      feeMinor: expect.any(BigInt),
    })
    await charging.expectAgreement()
  })

  test('STR-115 STR-147: a declined charge and its payment, told twice and backwards, are one failed attempt', async () => {
    const { charging, invoiceId, paymentId } = await paid(cards.declined)
    const told = (await ofIntent(charging)).filter(({ type }) => /\.(failed|payment_failed)$/.test(type))
    expect(told.map(({ type }) => type).toSorted()).toEqual(['charge.failed', 'payment_intent.payment_failed'])

    expect([...new Set(await tell(charging, disordered(told)))]).toEqual(['done'])

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'failed', failureCode: 'card_declined' })
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'open' })
    expect(await factsOf(charging, { payment: paymentId })).toEqual(['payment.requested', 'payment.failed'])
    await charging.expectAgreement()
  })

  test('PERF-52: a payment with more refunds than Stripe shows with it has all of them, once', async () => {
    const { charging, paymentId } = await paid()
    const [intent] = charging.atStripe().intents
    for (let count = 0; count < 12; count += 1)
      await charging.inDashboard('/v1/refunds', { payment_intent: intent.id, amount: String(100 + count) })
    const told = (await ofIntent(charging)).filter(({ type }) => type === 'charge.refunded')

    expect(await tell(charging, [told.at(-1)!.now, told[0]!.old])).toEqual(['done', 'done'])

    expect(await all(charging, paymentId)).toHaveLength(12)
    await charging.expectAgreement()
  })

  test('STR-130 STR-115: a refund that failed after it succeeded, told before its own beginning, is owed again once', async () => {
    const { charging, paymentId, refunded } = await paid(cards.refundFails)
    await charging.run('refunds.send', await refunded(13_000n))
    ground().clock.advance(2 * 24 * 3_600_000)
    const told = await ofIntent(charging)

    await tell(charging, disordered(told))

    expect(await all(charging, paymentId)).toMatchObject([{ state: 'failed', amountMinor: 13_000n }])
    const facts = await factsOf(charging, { payment: paymentId })
    expect(facts.filter((name) => name === 'refund.failed')).toEqual(['refund.failed'])
    await charging.expectAgreement()
  })

  test('STR-67: charges of other business in the same account are foreign, with and without a PaymentIntent', async () => {
    const { charging } = await paid()
    await news.take()
    const other = await charging.inDashboard('/v1/payment_intents', {
      amount: '5000',
      currency: 'aud',
      confirm: 'true',
      payment_method: 'pm_card_visa',
      return_url: 'https://example.com',
    })
    const before = await charging.entries()
    const told = (await news.take()).filter(({ now }) => now.includes(other.id))
    const charge = told.find(({ type }) => type === 'charge.succeeded')!

    const verdicts = await tell(charging, [
      ...told.map(({ now }) => now),
      charge.now.replace(/"payment_intent":\s*"[^"]*"/, '"payment_intent": null'),
    ])

    expect([...new Set(verdicts)].filter((verdict) => verdict !== 'ignored_unhandled')).toEqual([
      'foreign',
      'ignored_foreign',
    ])
    expect(await charging.entries()).toEqual(before)
  })

  test('STR-63: what Stripe itself says of another workspace is quarantined after the re-read, for payment and refund', async () => {
    const bent = await openBentStripe(sandbox().sandbox.url)
    const { clock, logs } = ground()
    const stripe = createStripe({ apiBase: bent.url, clock, logs, installation: newId(clock) })
    const { charging, paymentId } = await paid(cards.good, { stripe })
    const [intent] = charging.atStripe().intents
    await charging.inDashboard('/v1/refunds', { payment_intent: intent.id, amount: '1000' })
    const told = await ofIntent(charging)
    const last = told.at(-1)!.now
    const stranger = newId(clock)
    const quarantined = { quarantine: expect.stringContaining('another operator') }

    bent.bend((answer) => answer.object === 'payment_intent' && (answer.metadata.rentroll_operator = stranger))
    expect(await tell(charging, [last])).toEqual([quarantined])
    bent.bend((answer) => {
      for (const refund of answer.latest_charge?.refunds?.data ?? []) refund.metadata.rentroll_operator = stranger
    })
    expect(await tell(charging, [last])).toEqual([quarantined])
    expect(await all(charging, paymentId)).toEqual([])

    bent.bend(undefined)
    expect(await tell(charging, [last])).toEqual(['done'])
    expect(await all(charging, paymentId)).toHaveLength(1)
    await bent.close()
  })

  test('STR-147: an early fraud warning flags its payment once', async () => {
    const { charging, paymentId } = await paid(cards.fraudWarning)
    const told = (await ofIntent(charging)).filter(({ type }) => type === 'radar.early_fraud_warning.created')
    expect(told).toHaveLength(1)

    expect(await tell(charging, disordered(told))).toEqual(['done', 'done'])

    expect(await charging.within((rows) => listPaymentFlags(rows, [paymentId]))).toEqual([
      expect.objectContaining({ kind: 'fraud_warning', detail: 'misc', isOpen: true }),
    ])
    const facts = await factsOf(charging, { payment: paymentId })
    expect(facts.filter((name) => name === 'payment.flagged')).toHaveLength(1)
  })
})
