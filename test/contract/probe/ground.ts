/** What the steps of the capability probe share: the running sandbox, three ways to talk to it, and what one step left for the next. */
import type Stripe from 'stripe'
import { startBench, startReceiver } from '../../../sandbox/stripe/test-bench.ts'
import type { Bench, Receiver } from '../../../sandbox/stripe/test-bench.ts'

export type Ground = {
  readonly bench: Bench
  readonly receiver: Receiver
  /** The account with keys of its own, in Australian dollars. */
  readonly stripe: Stripe
  readonly platform: Stripe
  /** Ids by what they are, written by one step and read by a later one. */
  readonly made: Record<string, string>
  /** The platform's view into the account it connected. */
  connected(): Stripe
  pay(amount: number, settings?: Partial<Stripe.PaymentIntentCreateParams>): Promise<Stripe.PaymentIntent>
  /** Sends the form of a page as a browser without script would. @returns where it leads. */
  press(address: string, fields: Record<string, string>): Promise<string | null>
  turnDays(days: number): Promise<void>
  close(): Promise<void>
}

export type Step = readonly [name: string, run: (ground: Ground) => Promise<void>]

export const back = 'https://example.com/back'
export const card = { currency: 'aud', allowed_payment_method_types: ['card' as const] }

export async function openGround(): Promise<Ground> {
  const bench = await startBench()
  const receiver = await startReceiver()
  const stripe = bench.sdk('Harbour')
  const made: Record<string, string> = {}
  return {
    bench,
    receiver,
    stripe,
    platform: bench.sdk('Rental'),
    made,
    connected: () => bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: String(made['account']) }),
    pay: (amount, settings = {}) => {
      const method = { payment_method: 'pm_card_bypassPending', confirm: true }
      return stripe.paymentIntents.create({ ...card, amount, ...method, ...settings })
    },
    async press(address, fields) {
      const url = new URL(address, bench.sandbox.url)
      const reply = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
      return reply.headers.get('location')
    },
    async turnDays(days) {
      bench.clock.advance(days * 86_400_000)
      await bench.running.runDue()
    },
    async close() {
      await receiver.close()
      await bench.close()
    },
  }
}
