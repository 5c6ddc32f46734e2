/** SBX-20: idempotency, refunds, balance transactions, invoices, Checkout and its page. */
import { expect } from 'vitest'
import { refusalOf } from '../../../sandbox/stripe/test-bench.ts'
import { back, card } from './ground.ts'
import type { Step } from './ground.ts'

export const money: readonly Step[] = [
  [
    'idempotency: the same key gives the same answer',
    async ({ stripe }) => {
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
    async ({ stripe }) => {
      const refusal = await refusalOf(
        stripe.paymentIntents.create({ amount: 701, ...card }, { idempotencyKey: 'probe-1' }),
      )
      expect([refusal.statusCode, refusal.type]).toEqual([400, 'StripeIdempotencyError'])
    },
  ],
  [
    'refunds: a part',
    async ({ stripe, made, pay }) => {
      const intent = await pay(5000)
      made['paid'] = intent.id
      const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2000 })
      expect([refund.status, refund.amount]).toEqual(['succeeded', 2000])
    },
  ],
  [
    'refunds: not more than there is left',
    async ({ stripe, made }) => {
      const wish = { payment_intent: String(made['paid']), amount: 3001 }
      expect((await refusalOf(stripe.refunds.create(wish))).statusCode).toBe(400)
    },
  ],
  [
    'balance transactions: one for the charge and one for the refund',
    async ({ stripe, made }) => {
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
    async ({ stripe, made }) => {
      const customer = String(made['customer'])
      await stripe.invoiceItems.create({ customer, amount: 4200, currency: 'aud', description: 'Desk 4' })
      const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' })
      made['invoice'] = invoice.id ?? ''
      expect([invoice.status, invoice.amount_due]).toEqual(['draft', 4200])
    },
  ],
  [
    'invoices: finalise and pay',
    async ({ stripe, made }) => {
      const open = await stripe.invoices.finalizeInvoice(String(made['invoice']))
      const paid = await stripe.invoices.pay(String(made['invoice']), { payment_method: String(made['method']) })
      expect([open.status, paid.status]).toEqual(['open', 'paid'])
    },
  ],
  [
    'Checkout: open a session',
    async ({ stripe, made }) => {
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
    async ({ stripe, made, press }) => {
      const person = { email: 'ada@example.com', name: 'Ada Reed' }
      const numbers = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123' }
      expect(await press(String(made['page']), { ...person, ...numbers })).toBe(`${back}?session=${made['session']}`)
      expect((await stripe.checkout.sessions.retrieve(String(made['session']))).payment_status).toBe('paid')
    },
  ],
]
