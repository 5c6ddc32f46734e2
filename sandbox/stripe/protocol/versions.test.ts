/** Dated versions (SBX-12): which names are taken, and what the oldest of them still show. */
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { draftInvoice, startBench, startReceiver, until } from '../test-bench.ts'
import type { Bench, RawAnswer } from '../test-bench.ts'
import { knownVersions } from './known-names.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

const get = (path: string, version: string): Promise<RawAnswer> =>
  bench.raw(path, { key: bench.keys('Keystone').secret, headers: { 'stripe-version': version } })

const removed = ['paid', 'payment_intent', 'charge', 'invoice']

describe('SBX-12: versions', () => {
  test('every version Stripe released is taken and echoed', async () => {
    const answers = await Promise.all(knownVersions.map((version) => get('/v1/balance', version)))

    expect(answers.map(({ status }) => status)).toStrictEqual(knownVersions.map(() => 200))
    expect(answers.map(({ headers }) => headers.get('stripe-version'))).toStrictEqual([...knownVersions])
  })

  test.each(['2026-09-30', '2026-10-28.basil', 'endive', '2026-10-28.endive; beta=v1', '1', 'latest'])(
    '%s is no version',
    async (version) => {
      const { status, body, headers } = await get('/v1/balance', version)

      expect([status, body.error.message]).toStrictEqual([400, `Invalid Stripe API version: ${version}`])
      expect(headers.get('stripe-version')).toBe('2026-08-26.dahlia')
    },
  )

  test('up to 2023-08-16 an invoice and what paid it name each other', async () => {
    const bill = await draftInvoice(stripe)
    const draft = await get(`/v1/invoices/${bill.id}`, '2023-08-16')
    await stripe.invoices.pay(bill.id, { payment_method: bill.method })
    const invoice = await get(`/v1/invoices/${bill.id}`, '2023-08-16')
    const { payment_intent: intentId, charge: chargeId } = invoice.body
    const intent = await get(`/v1/payment_intents/${intentId}?expand[]=latest_charge`, '2022-11-15')
    const charges = await get(`/v1/charges?payment_intent=${intentId}`, '2020-08-27')

    expect(draft.body).toMatchObject({ paid: false, payment_intent: null, charge: null })
    expect(invoice.body).toMatchObject({
      paid: true,
      payment_intent: expect.stringMatching(/^pi_/),
      charge: expect.stringMatching(/^ch_/),
    })
    expect(intent.body).toMatchObject({ invoice: bill.id, latest_charge: { id: chargeId, invoice: bill.id } })
    expect(charges.body.data).toMatchObject([{ id: chargeId, invoice: bill.id }])
  })

  test('from 2023-10-16 on nothing of that is shown', async () => {
    const bill = await draftInvoice(stripe)
    await stripe.invoices.pay(bill.id, { payment_method: bill.method })
    const intents = await get('/v1/payment_intents?limit=1&expand[]=data.latest_charge', '2023-10-16')
    const invoice = await get(`/v1/invoices/${bill.id}`, '2023-10-16')

    const [intent] = intents.body.data
    expect(removed.filter((name) => Object.hasOwn(invoice.body, name))).toStrictEqual([])
    expect([intent, intent.latest_charge].some((one: object) => Object.hasOwn(one, 'invoice'))).toBe(false)
  })

  test('an intent inside an error and inside an event has the same shape', async () => {
    const receiver = await startReceiver()
    const events = ['payment_intent.created' as const]
    await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: events, api_version: '2023-08-16' })
    const declined = await bench.raw('/v1/payment_intents', {
      method: 'POST',
      key: bench.keys('Keystone').secret,
      headers: { 'stripe-version': '2023-08-16' },
      body: 'amount=900&currency=usd&payment_method=pm_card_chargeDeclined&confirm=true&return_url=https://a.example',
    })
    await until(() => receiver.received.length === 1)
    await receiver.close()

    expect(declined.body.error.payment_intent).toHaveProperty('invoice', null)
    expect(JSON.parse(receiver.received[0]?.body ?? '').data.object).toHaveProperty('invoice', null)
  })
})
