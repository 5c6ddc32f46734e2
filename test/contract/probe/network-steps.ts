/** SBX-20: Connect with isolation and schedule, payouts, endpoints, disputes, events, paging, unknown parameter, signed delivery. */
import Stripe from 'stripe'
import { expect } from 'vitest'
import { refusalOf, until } from '../../../sandbox/stripe/test-bench.ts'
import { back } from './ground.ts'
import type { Step } from './ground.ts'

export const network: readonly Step[] = [
  [
    'Connect: open an account',
    async ({ platform, made }) => {
      const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
      const account = await platform.accounts.create({ country: 'AU', type: 'standard', capabilities })
      made['account'] = account.id
      expect([account.charges_enabled, account.details_submitted]).toEqual([false, false])
    },
  ],
  [
    'Connect: a link to its onboarding, and the account after it',
    async ({ bench, platform, made }) => {
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
    async ({ stripe, platform, connected }) => {
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
    async ({ connected }) => {
      const schedule = { interval: 'weekly' as const, weekly_payout_days: ['friday' as const] }
      const settings = await connected().balanceSettings.update({ payments: { payouts: { schedule } } })
      expect(settings.payments.payouts?.schedule).toMatchObject(schedule)
    },
  ],
  [
    'payouts: what is available goes to the bank and arrives',
    async ({ stripe, turnDays }) => {
      const payout = await stripe.payouts.create({ amount: 1000, currency: 'aud' })
      await turnDays(3)
      const arrived = await stripe.payouts.retrieve(payout.id)
      expect([payout.status, arrived.status]).toEqual(['pending', 'paid'])
    },
  ],
  [
    'endpoints: create, change, list',
    async ({ receiver, stripe, made }) => {
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
    async ({ stripe, made, pay }) => {
      const intent = await pay(6000, { payment_method: 'pm_card_createDispute' })
      const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
      made['dispute'] = dispute?.id ?? ''
      expect([dispute?.status, dispute?.amount]).toEqual(['needs_response', 6000])
    },
  ],
  [
    'disputes: evidence wins it',
    async ({ stripe, made, turnDays }) => {
      const evidence = { uncategorized_text: 'winning_evidence' }
      await stripe.disputes.update(String(made['dispute']), { evidence, submit: true })
      await turnDays(1)
      expect((await stripe.disputes.retrieve(String(made['dispute']))).status).toBe('won')
    },
  ],
  [
    'events: what happened is listed with what it was about',
    async ({ stripe, made }) => {
      const [event] = (await stripe.events.list({ type: 'charge.dispute.closed' })).data
      expect(event?.data.object).toMatchObject({ id: made['dispute'], object: 'dispute', status: 'won' })
      expect((await stripe.events.retrieve(event?.id ?? '')).id).toBe(event?.id)
    },
  ],
  [
    'paging: every event once, page by page',
    async ({ stripe }) => {
      const all = await stripe.events.list({ limit: 7 }).autoPagingToArray({ limit: 500 })
      expect(all.length).toBeGreaterThan(30)
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    },
  ],
  [
    'unknown parameter: refused by name',
    async ({ stripe }) => {
      const refusal = await refusalOf(stripe.customers.create({ colour: 'blue' } as Stripe.CustomerCreateParams))
      expect([refusal.statusCode, refusal.code, refusal.param]).toEqual([400, 'parameter_unknown', 'colour'])
    },
  ],
  [
    'signed delivery: it arrives, and the SDK believes it',
    async ({ bench, receiver, stripe, made }) => {
      const customer = await stripe.customers.create({ name: 'Grace' })
      await until(() => receiver.received.length > 0)
      const [{ body = '', signature = '' } = {}] = receiver.received
      const now = bench.clock.now().getTime()
      const event = Stripe.webhooks.constructEvent(body, signature, String(made['secret']), 300, undefined, now)
      expect([event.type, (event.data.object as Stripe.Customer).id]).toEqual(['customer.created', customer.id])
    },
  ],
]
