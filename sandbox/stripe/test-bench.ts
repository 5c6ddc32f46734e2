/** What the tests of this folder share: a running sandbox, the official SDK pointed at it, a clock to turn, a receiver. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import type { SandboxClock } from '../clock/index.ts'
import { startSandbox } from '../index.ts'
import type { Sandbox, SandboxKeys, SandboxOptions } from '../index.ts'
import type { RunningSandbox } from './index.ts'

export interface Bench {
  readonly sandbox: Sandbox
  readonly running: RunningSandbox
  readonly clock: { readonly now: () => Date; advance(ms: number): void }
  /** Keys of an account by the first word of its name: 'Harbour', 'Keystone', 'Rental'. */
  keys(name: string, mode?: 'test' | 'live'): SandboxKeys
  /** The SDK with the secret key of that account, without retries, so that each answer is seen. */
  sdk(name: string, mode?: 'test' | 'live'): Stripe
  sdkWithKey(key: string, config?: Stripe.StripeConfig): Stripe
  /** The platform, acting for an account that is connected to it. */
  actingFor(account: string, mode?: 'test' | 'live'): Stripe
  /** What happened at such an account, the oldest first. */
  eventsOf(account: string): Promise<Stripe.Event[]>
  /** A raw call; the body is sent as it is. */
  raw(
    path: string,
    options?: { method?: string; key?: string; body?: string; headers?: Record<string, string> },
  ): Promise<RawAnswer>
  control(method: string, path: string, body?: unknown): Promise<RawAnswer>
  close(): Promise<void>
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any
}

export async function startBench(options: Partial<SandboxOptions> = {}): Promise<Bench> {
  let nowMs = Date.parse('2026-11-02T09:00:00Z')
  const clock = {
    now: () => new Date(nowMs),
    advance: (ms: number) => {
      nowMs += ms
    },
  }
  // Time stands here unless a test turns it: at once with `advance`, or from one due instant to the next over HTTP.
  const turned: SandboxClock = {
    now: clock.now,
    isFrozen: () => true,
    freeze: () => Promise.resolve(),
    goOn: () => Promise.resolve(),
    async standAt(instant) {
      nowMs = Math.max(nowMs, instant.getTime())
    },
  }
  const sandbox = await startSandbox({ port: 0, clock: turned, seed: 'bench', ...options })
  const keys = (name: string, mode = 'test'): SandboxKeys => {
    const found = sandbox.keys.find((set) => set.account.startsWith(name) && set.mode === mode)
    if (found === undefined) throw new Error(`There is no account ${name}.`)
    return found
  }
  const sdkWithKey = (key: string, config: Stripe.StripeConfig = {}): Stripe =>
    new Stripe(key, {
      host: '127.0.0.1',
      port: sandbox.port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
      ...config,
    })
  const actingFor = (account: string, mode: 'test' | 'live' = 'test'): Stripe =>
    sdkWithKey(keys('Rental', mode).secret, { stripeAccount: account })
  const ask = async (path: string, init: RequestInit): Promise<RawAnswer> => {
    const response = await fetch(`${sandbox.url}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }
  return {
    sandbox,
    running: sandbox.stripe as RunningSandbox,
    clock,
    keys,
    sdk: (name, mode) => sdkWithKey(keys(name, mode).secret),
    sdkWithKey,
    actingFor,
    eventsOf: async (account) => (await actingFor(account).events.list({ limit: 100 })).data.toReversed(),
    raw: (path, { method = 'GET', key = keys('Harbour').secret, body, headers = {} } = {}) => {
      const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
      const who = key === '' ? {} : { authorization: `Bearer ${key}` }
      return ask(path, { method, headers: { ...type, ...who, ...headers }, ...(body !== undefined && { body }) })
    },
    control: (method, path, body) =>
      ask(`/_sandbox${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) }),
    close: () => sandbox.close(),
  }
}

export interface Received {
  readonly body: string
  readonly signature: string
  readonly at: number
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** What the next deliveries are answered with. */
  answerWith(status: number): void
  close(): Promise<void>
}

/** A webhook endpoint of somebody's product. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let status = 200
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      received.push({ body, signature: String(request.headers['stripe-signature']), at: Date.now() })
      response.writeHead(status).end(status === 200 ? 'ok' : 'no')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answerWith: (next) => {
      status = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Polls until the condition holds. The limit only ends a wait for what will never come, on a machine that may stand still for seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 45_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true within 45 seconds.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** What a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('The call was not refused.')
}

/** The token in the address of a 3-D Secure step. */
export function tokenOf(intent: {
  readonly next_action: { readonly redirect_to_url?: { readonly url: string | null } } | null
}): string {
  return new URL(intent.next_action?.redirect_to_url?.url ?? '').pathname.replace('/3ds/', '')
}

/** Types of the events about an object, or about the charges of an intent, oldest first. */
export async function eventTypesOf(stripe: Stripe, objectId: string): Promise<string[]> {
  const events = await stripe.events.list({ limit: 100 })
  return events.data
    .filter((event) => {
      const object = event.data.object as { id?: string; payment_intent?: string }
      return object.id === objectId || object.payment_intent === objectId
    })
    .map((event) => event.type)
    .toReversed()
}

/** A customer with one of the ready-made cards attached. */
export async function savedCustomer(stripe: Stripe, card: string): Promise<{ customer: string; method: string }> {
  const customer = await stripe.customers.create({ email: 'renter@example.com' })
  const attached = await stripe.paymentMethods.attach(card, { customer: customer.id })
  return { customer: customer.id, method: attached.id }
}

/** An unconfirmed intent over 125.00 AUD. */
export async function openIntent(stripe: Stripe, customer: string): Promise<string> {
  const wish = { amount: 12_500, currency: 'aud', customer, allowed_payment_method_types: ['card' as const] }
  return (await stripe.paymentIntents.create(wish)).id
}

export interface Bill {
  readonly customer: string
  readonly method: string
  readonly id: string
  readonly invoice: Stripe.Invoice
}

/** A draft invoice over 20.00 USD for a customer with a saved card. */
export async function draftInvoice(
  stripe: Stripe,
  card = 'pm_card_visa',
  params: Partial<Stripe.InvoiceCreateParams> = {},
): Promise<Bill> {
  const { customer, method } = await savedCustomer(stripe, card)
  await stripe.invoiceItems.create({ customer, amount: 2000, currency: 'usd', description: 'Desk' })
  const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include', ...params })
  return { customer, method, id: invoice.id, invoice }
}

/** The intent that pays an invoice. */
export async function intentOfInvoice(stripe: Stripe, invoice: string): Promise<Stripe.PaymentIntent> {
  const { payments } = await stripe.invoices.retrieve(invoice, { expand: ['payments'] })
  return stripe.paymentIntents.retrieve(String(payments?.data[0]?.payment.payment_intent))
}
