/** SBX-20: balance, account, keys, customers, intents, 3-D Secure, decline, off-session. */
import { expect } from 'vitest'
import { refusalOf, tokenOf } from '../../../sandbox/stripe/test-bench.ts'
import { back, card } from './ground.ts'
import type { Step } from './ground.ts'

export const entry: readonly Step[] = [
  [
    'balance: it is there',
    async ({ stripe }) => {
      expect(await stripe.balance.retrieve()).toMatchObject({ object: 'balance', livemode: false })
    },
  ],
  [
    'account: the key says whose it is',
    async ({ bench, stripe }) => {
      expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
        id: bench.keys('Harbour').accountId,
        country: 'AU',
      })
    },
  ],
  [
    'keys: an unknown one is refused',
    async ({ bench }) => {
      const refusal = await refusalOf(bench.sdkWithKey('sk_test_nobodyEverMadeThisKey').balance.retrieve())
      expect([refusal.statusCode, refusal.type]).toEqual([401, 'StripeAuthenticationError'])
    },
  ],
  [
    'keys: a publishable one may not read the balance',
    async ({ bench }) => {
      const refusal = await refusalOf(bench.sdkWithKey(bench.keys('Harbour').publishable).balance.retrieve())
      expect([refusal.statusCode, refusal.code]).toEqual([403, 'secret_key_required'])
    },
  ],
  [
    'customers: create',
    async ({ stripe, made }) => {
      const customer = await stripe.customers.create({ name: 'Ada', metadata: { lease: '7' } })
      made['customer'] = customer.id
      expect(customer.metadata).toEqual({ lease: '7' })
    },
  ],
  [
    'customers: update, and take a tag away',
    async ({ stripe, made }) => {
      const changed = await stripe.customers.update(String(made['customer']), { metadata: { lease: '', flat: '2' } })
      expect(changed.metadata).toEqual({ flat: '2' })
    },
  ],
  [
    'customers: attach a card and list it',
    async ({ stripe, made }) => {
      const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: String(made['customer']) })
      made['method'] = method.id
      expect((await stripe.paymentMethods.list({ customer: String(made['customer']) })).data).toHaveLength(1)
    },
  ],
]

export const intents: readonly Step[] = [
  [
    'intents: create',
    async ({ stripe, made }) => {
      const intent = await stripe.paymentIntents.create({ ...card, amount: 2500, customer: String(made['customer']) })
      made['intent'] = intent.id
      expect(intent.status).toBe('requires_payment_method')
    },
  ],
  [
    'intents: confirm, and see the charge by expanding it',
    async ({ stripe, made }) => {
      const wish = { payment_method: String(made['method']), expand: ['latest_charge.balance_transaction'] }
      const intent = await stripe.paymentIntents.confirm(String(made['intent']), wish)
      expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2500 })
      expect(intent.latest_charge).toMatchObject({ paid: true, balance_transaction: { amount: 2500, type: 'charge' } })
    },
  ],
  [
    'intents: cancel',
    async ({ stripe }) => {
      const { id } = await stripe.paymentIntents.create({ ...card, amount: 900 })
      expect((await stripe.paymentIntents.cancel(id)).status).toBe('canceled')
    },
  ],
  [
    'intents: authorise now and capture later',
    async ({ stripe, pay }) => {
      const { id, status } = await pay(1000, { capture_method: 'manual' })
      expect(status).toBe('requires_capture')
      expect((await stripe.paymentIntents.capture(id)).status).toBe('succeeded')
    },
  ],
  [
    '3-D Secure: the payer is asked',
    async ({ made, pay }) => {
      const wish = { payment_method: 'pm_card_threeDSecure2Required', return_url: back }
      const intent = await pay(1500, wish)
      made['challenge'] = tokenOf(intent)
      made['asked'] = intent.id
      expect([intent.status, intent.next_action?.type]).toEqual(['requires_action', 'redirect_to_url'])
    },
  ],
  [
    '3-D Secure: the payer agrees',
    async ({ stripe, made, press }) => {
      const location = await press(`/3ds/${made['challenge']}`, { outcome: 'complete' })
      expect(location).toContain('redirect_status=succeeded')
      expect((await stripe.paymentIntents.retrieve(String(made['asked']))).status).toBe('succeeded')
    },
  ],
  [
    'decline: 402 with the intent inside',
    async ({ pay }) => {
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
    async ({ stripe, made }) => {
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
    async ({ made, pay }) => {
      const saved = { customer: String(made['customer']), payment_method: String(made['method']), off_session: true }
      expect((await pay(1200, saved)).status).toBe('succeeded')
    },
  ],
  [
    'off-session: a bank that insists is told apart',
    async ({ stripe, made, pay }) => {
      const customer = String(made['customer'])
      const method = await stripe.paymentMethods.attach('pm_card_authenticationRequiredOnSetup', { customer })
      const refusal = await refusalOf(pay(1200, { customer, payment_method: method.id, off_session: true }))
      expect([refusal.statusCode, refusal.code]).toEqual([402, 'authentication_required'])
    },
  ],
]
