/**
 * SBX-20: the capability probe. Thirty-eight steps that any stand-in for Stripe has to pass, in one go, by nothing but the official
 * SDK and the pages a person would see. The steps build on one another, so the first that fails says most.
 */
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench, startReceiver, tokenOf, until } from '../../sandbox/stripe/test-bench.ts'
import type { Bench, Receiver } from '../../sandbox/stripe/test-bench.ts'

const day = 86_400_000
const back = 'https://example.com/back'
const card = { currency: 'aud', allowed_payment_method_types: ['card' as const] }

/** What one step leaves for the next. */
const made: Record<string, string> = {}
let bench: Bench
let receiver: Receiver
let stripe: Stripe
let platform: Stripe
let passed = 0

beforeAll(async () => {
  bench = await startBench()
  receiver = await startReceiver()
  stripe = bench.sdk('Harbour')
  platform = bench.sdk('Rental')
})

afterAll(async () => {
  process.stdout.write(`Capability probe: ${passed}/${steps.length}\n`)
  await receiver?.close()
  await bench?.close()
})

async function turn(ms: number): Promise<void> {
  bench.clock.advance(ms)
  await bench.running.runDue()
}

async function press(address: string, fields: Record<string, string>): Promise<string | null> {
  const url = new URL(address, bench.sandbox.url)
  const reply = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return reply.headers.get('location')
}

async function pay(
  amount: number,
  settings: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> {
  const method = { payment_method: 'pm_card_bypassPending', confirm: true }
  return stripe.paymentIntents.create({ ...card, amount, ...method, ...settings })
}

/** The SDK for an account connected to the platform. */
function connected(): Stripe {
  return bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: String(made['account']) })
}

type Step = readonly [name: string, run: () => Promise<void>]

const entry: readonly Step[] = [
  [
    'balance: it is there',
    async () => {
      expect(await stripe.balance.retrieve()).toMatchObject({ object: 'balance', livemode: false })
    },
  ],
  [
    'account: the key says whose it is',
    async () => {
      expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
        id: bench.keys('Harbour').accountId,
        country: 'AU',
      })
    },
  ],
  [
    'keys: an unknown one is refused',
    async () => {
      const refusal = await refusalOf(bench.sdkWithKey('sk_test_nobodyEverMadeThisKey').balance.retrieve())
      expect([refusal.statusCode, refusal.type]).toEqual([401, 'StripeAuthenticationError'])
    },
  ],
  [
    'keys: a publishable one may not read the balance',
    async () => {
      const refusal = await refusalOf(bench.sdkWithKey(bench.keys('Harbour').publishable).balance.retrieve())
      expect([refusal.statusCode, refusal.code]).toEqual([403, 'secret_key_required'])
    },
  ],
  [
    'customers: create',
    async () => {
      const customer = await stripe.customers.create({ name: 'Ada', metadata: { lease: '7' } })
      made['customer'] = customer.id
      expect(customer.metadata).toEqual({ lease: '7' })
    },
  ],
  [
    'customers: update, and take a tag away',
    async () => {
      const changed = await stripe.customers.update(String(made['customer']), { metadata: { lease: '', flat: '2' } })
      expect(changed.metadata).toEqual({ flat: '2' })
    },
  ],
  [
    'customers: attach a card and list it',
    async () => {
      const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: String(made['customer']) })
      made['method'] = method.id
      expect((await stripe.paymentMethods.list({ customer: String(made['customer']) })).data).toHaveLength(1)
    },
  ],
]

const intents: readonly Step[] = [
  [
    'intents: create',
    async () => {
      const intent = await stripe.paymentIntents.create({ ...card, amount: 2500, customer: String(made['customer']) })
      made['intent'] = intent.id
      expect(intent.status).toBe('requires_payment_method')
    },
  ],
  [
    'intents: confirm, and see the charge by expanding it',
    async () => {
      const wish = { payment_method: String(made['method']), expand: ['latest_charge.balance_transaction'] }
      const intent = await stripe.paymentIntents.confirm(String(made['intent']), wish)
      expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2500 })
      expect(intent.latest_charge).toMatchObject({ paid: true, balance_transaction: { amount: 2500, type: 'charge' } })
    },
  ],
  [
    'intents: cancel',
    async () => {
      const { id } = await stripe.paymentIntents.create({ ...card, amount: 900 })
      expect((await stripe.paymentIntents.cancel(id)).status).toBe('canceled')
    },
  ],
  [
    'intents: authorise now and capture later',
    async () => {
      const { id, status } = await pay(1000, { capture_method: 'manual' })
      expect(status).toBe('requires_capture')
      expect((await stripe.paymentIntents.capture(id)).status).toBe('succeeded')
    },
  ],
  [
    '3-D Secure: the payer is asked',
    async () => {
      const wish = { payment_method: 'pm_card_threeDSecure2Required', return_url: back }
      const intent = await pay(1500, wish)
      made['challenge'] = tokenOf(intent)
      made['asked'] = intent.id
      expect([intent.status, intent.next_action?.type]).toEqual(['requires_action', 'redirect_to_url'])
    },
  ],
  [
    '3-D Secure: the payer agrees',
    async () => {
      const location = await press(`/3ds/${made['challenge']}`, { outcome: 'complete' })
      expect(location).toContain('redirect_status=succeeded')
      expect((await stripe.paymentIntents.retrieve(String(made['asked']))).status).toBe('succeeded')
    },
  ],
  [
    'decline: 402 with the intent inside',
    async () => {
      const refusal = await refusalOf(pay(1500, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }))
      expect([refusal.statusCode, refusal.code]).toEqual([402, 'card_declined'])
      expect(refusal).toMatchObject({
        decline_code: 'insufficient_funds',
        payment_intent: { object: 'payment_intent' },
      })
    },
  ],
  [
    'off-session: save a card',
    async () => {
      const intent = await stripe.setupIntents.create({
        allowed_payment_method_types: ['card'],
        customer: String(made['customer']),
        payment_method: String(made['method']),
        confirm: true,
      })
      expect(intent.status).toBe('succeeded')
    },
  ],
  [
    'off-session: charge the saved card',
    async () => {
      const saved = { customer: String(made['customer']), payment_method: String(made['method']), off_session: true }
      expect((await pay(1200, saved)).status).toBe('succeeded')
    },
  ],
  [
    'off-session: a bank that insists is told apart',
    async () => {
      const customer = String(made['customer'])
      const method = await stripe.paymentMethods.attach('pm_card_authenticationRequiredOnSetup', { customer })
      const refusal = await refusalOf(pay(1200, { customer, payment_method: method.id, off_session: true }))
      expect([refusal.statusCode, refusal.code]).toEqual([402, 'authentication_required'])
    },
  ],
]

const money: readonly Step[] = [
  [
    'idempotency: the same key gives the same answer',
    async () => {
      const key = { idempotencyKey: 'probe-1' }
      const wish = { amount: 700, ...card }
      const [first, second] = [
        await stripe.paymentIntents.create(wish, key),
        await stripe.paymentIntents.create(wish, key),
      ]
      expect(second.id).toBe(first.id)
      expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    },
  ],
  [
    'idempotency: another wish under the same key is refused',
    async () => {
      const refusal = await refusalOf(
        stripe.paymentIntents.create({ amount: 701, ...card }, { idempotencyKey: 'probe-1' }),
      )
      expect([refusal.statusCode, refusal.type]).toEqual([400, 'StripeIdempotencyError'])
    },
  ],
  [
    'refunds: a part',
    async () => {
      const intent = await pay(5000)
      made['paid'] = intent.id
      const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2000 })
      expect([refund.status, refund.amount]).toEqual(['succeeded', 2000])
    },
  ],
  [
    'refunds: not more than there is left',
    async () => {
      const wish = { payment_intent: String(made['paid']), amount: 3001 }
      expect((await refusalOf(stripe.refunds.create(wish))).statusCode).toBe(400)
    },
  ],
  [
    'balance transactions: one for the charge and one for the refund',
    async () => {
      const { latest_charge: charge } = await stripe.paymentIntents.retrieve(String(made['paid']))
      const [refund] = (await stripe.refunds.list({ charge: String(charge) })).data
      const rows = await Promise.all(
        [charge, refund?.id].map((source) => stripe.balanceTransactions.list({ source: String(source) })),
      )
      expect(rows.map(({ data }) => [data[0]?.type, data[0]?.amount])).toEqual([
        ['charge', 5000],
        ['refund', -2000],
      ])
    },
  ],
  [
    'invoices: draw one up from an item',
    async () => {
      const customer = String(made['customer'])
      await stripe.invoiceItems.create({ customer, amount: 4200, currency: 'aud', description: 'Desk 4' })
      const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })
      made['invoice'] = invoice.id ?? ''
      expect([invoice.status, invoice.amount_due]).toEqual(['draft', 4200])
    },
  ],
  [
    'invoices: finalise and pay',
    async () => {
      const open = await stripe.invoices.finalizeInvoice(String(made['invoice']))
      const paid = await stripe.invoices.pay(String(made['invoice']), { payment_method: String(made['method']) })
      expect([open.status, paid.status]).toEqual(['open', 'paid'])
    },
  ],
  [
    'Checkout: open a session',
    async () => {
      const session = await stripe.checkout.sessions.create({
        mode: 'payment',
        success_url: `${back}?session={CHECKOUT_SESSION_ID}`,
        line_items: [
          { quantity: 1, price_data: { currency: 'aud', unit_amount: 3000, product_data: { name: 'Desk' } } },
        ],
      })
      made['session'] = session.id
      made['page'] = session.url ?? ''
      expect([session.status, session.amount_total]).toEqual(['open', 3000])
    },
  ],
  [
    'Checkout: pay on its page',
    async () => {
      const person = { email: 'ada@example.com', name: 'Ada Reed' }
      const numbers = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123' }
      expect(await press(String(made['page']), { ...person, ...numbers })).toBe(`${back}?session=${made['session']}`)
      expect((await stripe.checkout.sessions.retrieve(String(made['session']))).payment_status).toBe('paid')
    },
  ],
]

const network: readonly Step[] = [
  [
    'Connect: open an account',
    async () => {
      const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
      const account = await platform.accounts.create({ country: 'AU', type: 'standard', capabilities })
      made['account'] = account.id
      expect([account.charges_enabled, account.details_submitted]).toEqual([false, false])
    },
  ],
  [
    'Connect: a link to its onboarding, and the account after it',
    async () => {
      const urls = { refresh_url: back, return_url: back }
      const link = await platform.accountLinks.create({
        account: String(made['account']),
        type: 'account_onboarding',
        ...urls,
      })
      expect((await fetch(link.url)).status).toBe(200)
      await bench.control('POST', `/accounts/${made['account']}/script`, { script: 'complete' })
      expect((await platform.accounts.retrieve(String(made['account']))).charges_enabled).toBe(true)
    },
  ],
  [
    'Connect: what belongs to an account is nobody else’s',
    async () => {
      const customer = await connected().customers.create({ name: 'Grace' })
      const refusals = [stripe, platform].map((other) => refusalOf(other.customers.retrieve(customer.id)))
      expect((await Promise.all(refusals)).map(({ statusCode, code }) => [statusCode, code])).toEqual([
        [404, 'resource_missing'],
        [404, 'resource_missing'],
      ])
    },
  ],
  [
    'Connect: when an account is paid out can be set',
    async () => {
      const schedule = { interval: 'weekly' as const, weekly_payout_days: ['friday' as const] }
      const settings = await connected().balanceSettings.update({ payments: { payouts: { schedule } } })
      expect(settings.payments.payouts?.schedule).toMatchObject(schedule)
    },
  ],
  [
    'payouts: what is available goes to the bank and arrives',
    async () => {
      const payout = await stripe.payouts.create({ amount: 1000, currency: 'aud' })
      await turn(3 * day)
      const arrived = await stripe.payouts.retrieve(payout.id)
      expect([payout.status, arrived.status]).toEqual(['pending', 'paid'])
    },
  ],
  [
    'endpoints: create, change, list',
    async () => {
      const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
      made['endpoint'] = endpoint.id
      made['secret'] = endpoint.secret ?? ''
      await stripe.webhookEndpoints.update(endpoint.id, { enabled_events: ['customer.created', 'customer.deleted'] })
      const [listed] = (await stripe.webhookEndpoints.list()).data
      expect([listed?.id, listed?.enabled_events.length, listed?.secret]).toEqual([endpoint.id, 2, undefined])
    },
  ],
  [
    'disputes: a payer objects and the money is withdrawn',
    async () => {
      const intent = await pay(6000, { payment_method: 'pm_card_createDispute' })
      const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
      made['dispute'] = dispute?.id ?? ''
      expect([dispute?.status, dispute?.amount]).toEqual(['needs_response', 6000])
    },
  ],
  [
    'disputes: evidence wins it',
    async () => {
      const evidence = { uncategorized_text: 'winning_evidence' }
      await stripe.disputes.update(String(made['dispute']), { evidence, submit: true })
      await turn(day)
      expect((await stripe.disputes.retrieve(String(made['dispute']))).status).toBe('won')
    },
  ],
  [
    'events: what happened is listed with what it was about',
    async () => {
      const [event] = (await stripe.events.list({ type: 'charge.dispute.closed' })).data
      expect(event?.data.object).toMatchObject({ id: made['dispute'], object: 'dispute', status: 'won' })
      expect((await stripe.events.retrieve(event?.id ?? '')).id).toBe(event?.id)
    },
  ],
  [
    'paging: every event once, page by page',
    async () => {
      const all = await stripe.events.list({ limit: 7 }).autoPagingToArray({ limit: 500 })
      expect(all.length).toBeGreaterThan(30)
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    },
  ],
  [
    'unknown parameter: refused by name',
    async () => {
      const refusal = await refusalOf(stripe.customers.create({ colour: 'blue' } as Stripe.CustomerCreateParams))
      expect([refusal.statusCode, refusal.code, refusal.param]).toEqual([400, 'parameter_unknown', 'colour'])
    },
  ],
  [
    'signed delivery: it arrives, and the SDK believes it',
    async () => {
      const customer = await stripe.customers.create({ name: 'Grace' })
      await until(() => receiver.received.length > 0)
      const [{ body = '', signature = '' } = {}] = receiver.received
      const now = bench.clock.now().getTime()
      const event = Stripe.webhooks.constructEvent(body, signature, String(made['secret']), 300, undefined, now)
      expect([event.type, (event.data.object as Stripe.Customer).id]).toEqual(['customer.created', customer.id])
    },
  ],
]

const steps: readonly Step[] = [...entry, ...intents, ...money, ...network]

describe('SBX-20: the capability probe', () => {
  test('it has thirty-eight steps', () => {
    expect(steps).toHaveLength(38)
  })

  test.each(steps)('%s', async (_, run) => {
    await expect(run()).resolves.toBeUndefined()
    passed += 1
  })
})
