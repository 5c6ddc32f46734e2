import { expect, test } from 'vitest'
import type { PaymentIntentId } from '#kernel'
import { findLease } from '#leases'
import { inScope, listFacts } from '#platform'
import type { PaymentIntentSeen } from '#stripe'
import { until } from '#test/api'
import { bentCharges } from '#test/bent-charges'
import { cards, eachMoney, type Charging } from '#test/charges'
import { readIntent } from './payment-intent.ts'
import { settle } from './settle.ts'

eachMoney('news about a payment', ({ ground, sandbox, open }) => {
  const { bent, planned } = bentCharges({ ground, sandbox, open })
  /** The webhook's road: Stripe is asked, and later what it said is applied. */
  const read = async ({ money, scope, connectionId }: Charging, intentId: string) =>
    (await readIntent(money, { scope, connectionId, intentId: intentId as PaymentIntentId }))!
  const apply = ({ within, connectionId }: Charging, observed: PaymentIntentSeen) =>
    within((rows) => settle(rows, { connectionId, observed, actor: 'stripe' }))
  const tell = async (charging: Charging) => {
    const [intent] = charging.atStripe().intents
    return apply(charging, await read(charging, intent.id))
  }
  const countFacts = async (charging: Charging, payment: string) => {
    const facts = await inScope(ground().database, charging.scope, (rows) => listFacts(rows, { payment }))
    return facts.map(({ name }) => name)
  }

  test('STR-116: the webhook before the API answer: the answer finds it done, one effect', async () => {
    const { charging, paymentId } = await planned()
    await sandbox().armFault({ method: 'POST', path: '/confirm$' }, 'drop_after', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)

    expect(await tell(charging)).toBe('done')
    await charging.run('payments.drive', paymentId)

    expect(await countFacts(charging, paymentId)).toEqual(['payment.requested', 'payment.settled'])
    await charging.expectAgreement()
  })

  test('STR-116: the webhook is handled while the API answer is still on its way: one effect', async () => {
    const { charging, paymentId } = await planned()
    await sandbox().armFault({ method: 'POST', path: '/confirm$' }, { kind: 'delay', ms: 600, when: 'after' })
    const driving = charging.run('payments.drive', paymentId)
    await until(
      async () => charging.atStripe().intents.some(({ status }) => status === 'succeeded') || undefined,
      'the charge at Stripe',
    )

    expect(await tell(charging)).toBe('done')
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
    await driving

    expect(await countFacts(charging, paymentId)).toEqual(['payment.requested', 'payment.settled'])
    await charging.expectAgreement()
  })

  test('STR-113 STR-114: the API answer first, then the same news many times at once: one effect', async () => {
    const { charging, paymentId } = await planned()
    await charging.run('payments.drive', paymentId)

    const verdicts = await Promise.all(Array.from({ length: 5 }, () => tell(charging)))

    expect(verdicts).toEqual(Array.from({ length: 5 }, () => 'done'))
    expect(await countFacts(charging, paymentId)).toEqual(['payment.requested', 'payment.settled'])
    await charging.expectAgreement()
  })

  test.each([
    ['processing', 'processing'],
    ['requires_action', 'requires_action'],
    ['a decline', 'requires_payment_method'],
    ['canceled', 'canceled'],
  ])('STR-115: late news of %s after the success changes nothing', async (_, status) => {
    const { charging, invoiceId, paymentId } = await planned()
    await charging.run('payments.drive', paymentId)
    const seen = await read(charging, charging.atStripe().intents[0].id)
    const lastError = { code: 'card_declined', message: '' }

    expect(await apply(charging, { ...seen, status, lastError })).toBe('done')

    const paid = await charging.payment(paymentId)
    expect(paid).toMatchObject({ state: 'succeeded', failureCode: undefined })
    expect(await charging.invoice(invoiceId)).toMatchObject({ status: 'paid' })
    await charging.expectAgreement()
  })

  test('STR-78: news of the first decline does not end the second attempt that is on its way', async () => {
    const { charging, invoiceId, paymentId } = await planned(cards.declined)
    await charging.run('payments.drive', paymentId)
    const stale = await read(charging, charging.atStripe().intents[0].id)
    await charging.saveCard(cards.good)
    await charging.plan(invoiceId)

    expect(await apply(charging, stale)).toBe('done')
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'created', attempt: 2 })
    await charging.run('payments.drive', paymentId)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
    await charging.expectAgreement()
  })

  test.each([
    ['amount', (intent: any) => (intent.amount = 30_999)],
    ['currency', (intent: any) => (intent.currency = 'usd')],
    ['mode', (intent: any) => (intent.livemode = true)],
    ['object', (intent: any) => (intent.object = 'setup_intent')],
    ['payment', (intent: any) => (intent.metadata.rentroll_payment = crypto.randomUUID())],
    ['operator', (intent: any) => (intent.metadata.rentroll_operator = crypto.randomUUID())],
  ])('STR-141: an intent made with another %s is never confirmed and books nothing', async (_, change) => {
    const { charging, paymentId } = await planned()
    const before = await charging.entries()
    bent().bend((answer) => {
      for (const one of [answer, ...(answer.data ?? [])]) if (one.object === 'payment_intent') change(one)
    })

    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/not accepted|unexpected_response/)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/not accepted|unexpected_response/)

    expect(await charging.entries()).toEqual(before)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'unknown', stripePaymentIntentId: undefined })
    expect(charging.atStripe().intents).toMatchObject([{ status: 'requires_payment_method' }])
    expect(charging.atStripe().charges).toEqual([])
    bent().bend(undefined)
    await charging.run('payments.drive', paymentId)
    expect(charging.atStripe().charges).toHaveLength(1)
    await charging.expectAgreement()
  })

  test.each([
    ['amount', (intent: any) => (intent.amount = 30_999)],
    ['received amount', (intent: any) => (intent.amount_received = 1)],
    ['currency', (intent: any) => (intent.currency = 'usd')],
    ['mode', (intent: any) => (intent.livemode = true)],
  ])(
    'STR-141: a success reported with another %s is held and books nothing until Stripe says the right thing',
    async (_, change) => {
      const { charging, paymentId } = await planned()
      const before = await charging.entries()
      bent().bend((answer) => answer.status === 'succeeded' && answer.object === 'payment_intent' && change(answer))

      await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/not accepted|unexpected_response/)

      expect(await charging.payment(paymentId)).toMatchObject({ state: 'unknown' })
      expect(await charging.entries()).toEqual(before)
      bent().bend(undefined)
      await charging.run('payments.drive', paymentId)
      expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
      await charging.expectAgreement()
    },
  )

  test('STR-141 STR-63: news by webhook about another amount or of another operator is quarantined', async () => {
    const { charging, paymentId } = await planned()
    await charging.run('payments.drive', paymentId)
    const seen = await read(charging, charging.atStripe().intents[0].id)
    const stranger = { rentroll_payment: paymentId, rentroll_operator: crypto.randomUUID() }

    expect(await apply(charging, { ...seen, amountMinor: 1n })).toMatchObject({
      quarantine: expect.stringContaining('Its amount is 1'),
    })
    expect(await apply(charging, { ...seen, id: 'pi_other' as PaymentIntentId, metadata: stranger })).toMatchObject({
      quarantine: expect.stringContaining('another operator'),
    })
    expect(await apply(charging, { ...seen, id: 'pi_other' as PaymentIntentId })).toMatchObject({
      quarantine: expect.stringContaining('another PaymentIntent'),
    })
    expect(await apply(charging, { ...seen, id: 'pi_other' as PaymentIntentId, metadata: {} })).toBe('foreign')
    await charging.expectAgreement()
  })

  test('STR-148: a status of tomorrow is unknown, never a success, and is asked about until it is known', async () => {
    const { charging, paymentId } = await planned()
    bent().bend((answer) => answer.status === 'succeeded' && (answer.status = 'a_status_of_tomorrow'))
    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'unknown' })
    await charging.run('payments.follow', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'unknown' })

    bent().bend(undefined)
    await charging.run('payments.follow', paymentId)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded' })
    await charging.expectAgreement()
  })

  test('BIL-17: money on its way lets the lease begin; the success later books it once', async () => {
    const { charging, leaseId, paymentId } = await planned()
    bent().bend((answer) => answer.status === 'succeeded' && (answer.status = 'processing'))
    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'processing' })
    expect(await charging.within((rows) => findLease(rows, leaseId))).toMatchObject({ state: 'active' })

    bent().bend(undefined)
    await charging.run('payments.follow', paymentId)

    await charging.expectAgreement()
  })
})
