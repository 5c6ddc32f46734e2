/**
 * SBX-9: nothing of one account can be seen from another. The operations are read from the router, so a new kind of object
 * fails here until somebody says in `makers` how to make one.
 */
import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptance, debitMethod } from '../debits/bench-debits.ts'
import { draftInvoice, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

type Names = Readonly<Record<string, string>>
type Maker = (stripe: Stripe, account: string) => Promise<Names>

interface Asker {
  readonly name: string
  readonly key: string
  /** The account in scope; sent as a header where it is not the key's own. */
  readonly account: string
  readonly isConnected: boolean
}

let bench: Bench

beforeAll(async () => {
  bench = await startBench()
})

afterAll(() => bench.close())

async function payment(stripe: Stripe, card = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount: 900,
    currency: 'aud',
    payment_method: card,
    confirm: true,
    return_url: 'https://example.com',
  })
}

async function chargeOf(stripe: Stripe): Promise<Stripe.Charge> {
  return stripe.charges.retrieve(String((await payment(stripe)).latest_charge))
}

async function session(stripe: Stripe): Promise<Names> {
  const { id } = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'aud',
    success_url: 'https://example.com',
  })
  return { id }
}

async function customerAndMethod(stripe: Stripe): Promise<Names> {
  const { customer, method } = await savedCustomer(stripe, 'pm_card_visa')
  return { id: customer, method }
}

async function mandate(stripe: Stripe): Promise<Names> {
  const { mandate: id } = await stripe.setupIntents.create({
    payment_method: await debitMethod(stripe, 'au_becs_debit', '000123456'),
    allowed_payment_method_types: ['au_becs_debit'],
    mandate_data: acceptance,
    confirm: true,
  })
  return { id: String(id) }
}

async function evidence(stripe: Stripe): Promise<Names> {
  const data = Buffer.from('%PDF-1.7')
  const { id } = await stripe.files.create({ purpose: 'dispute_evidence', file: { data, name: 'lease.pdf' } })
  return { id }
}

async function token(stripe: Stripe): Promise<Names> {
  const card = { number: '4242424242424242', exp_month: '12', exp_year: '30' }
  return { id: (await stripe.tokens.create({ card })).id }
}

async function invoice(stripe: Stripe): Promise<Names> {
  return { id: (await draftInvoice(stripe)).id }
}

async function price(stripe: Stripe): Promise<Stripe.Price> {
  return stripe.prices.create({ currency: 'aud', unit_amount: 900, product_data: { name: 'Desk' } })
}

/** How to make one of each, by the path that retrieves it: what stands for the path's names. */
const makers: Readonly<Record<string, Maker>> = {
  '/v1/accounts/:account/capabilities/:id': async (platform, account) => {
    const { id } = await platform.accounts.updateCapability(account, 'zip_payments', { requested: true })
    return { id }
  },
  '/v1/accounts/:account/external_accounts/:id': async (platform, account) => {
    const list = await platform.accounts.listExternalAccounts(account)
    return { id: String(list.data[0]?.id) }
  },
  '/v1/accounts/:account/persons/:id': async (platform, account) => {
    const list = await platform.accounts.listPersons(account)
    return { id: String(list.data[0]?.id) }
  },
  '/v1/balance_transactions/:id': async (stripe) => ({ id: String((await chargeOf(stripe)).balance_transaction) }),
  '/v1/charges/:id': async (stripe) => ({ id: (await chargeOf(stripe)).id }),
  '/v1/checkout/sessions/:id': session,
  '/v1/checkout/sessions/:id/line_items': session,
  '/v1/customers/:id': customerAndMethod,
  '/v1/customers/:id/payment_methods': customerAndMethod,
  '/v1/customers/:id/payment_methods/:method': customerAndMethod,
  '/v1/events/:id': async (stripe) => {
    await stripe.customers.create({ name: 'Event' })
    return { id: String((await stripe.events.list({ limit: 1 })).data[0]?.id) }
  },
  '/v1/disputes/:id': async (stripe) => {
    const { id: intent } = await payment(stripe, 'pm_card_createDispute')
    return { id: String((await stripe.disputes.list({ payment_intent: intent })).data[0]?.id) }
  },
  '/v1/files/:id': evidence,
  '/v1/mandates/:id': mandate,
  '/v1/radar/early_fraud_warnings/:id': async (stripe) => {
    const { id: intent } = await payment(stripe, 'pm_card_createIssuerFraudRecord')
    return { id: String((await stripe.radar.earlyFraudWarnings.list({ payment_intent: intent })).data[0]?.id) }
  },
  '/v1/tokens/:id': token,
  '/v1/invoice_payments/:id': async (stripe) => {
    const { id } = await invoice(stripe)
    await stripe.invoices.finalizeInvoice(String(id))
    return { id: String((await stripe.invoicePayments.list({ invoice: String(id) })).data[0]?.id) }
  },
  '/v1/invoiceitems/:id': async (stripe) => {
    await invoice(stripe)
    return { id: String((await stripe.invoiceItems.list({ limit: 1 })).data[0]?.id) }
  },
  '/v1/invoices/:id': invoice,
  '/v1/invoices/:id/lines': invoice,
  '/v1/payment_intents/:id': async (stripe) => ({ id: (await payment(stripe)).id }),
  '/v1/payouts/:id': async (stripe) => ({ id: (await stripe.payouts.create({ amount: 100, currency: 'aud' })).id }),
  '/v1/payment_methods/:id': async (stripe) => ({ id: (await savedCustomer(stripe, 'pm_card_visa')).method }),
  '/v1/payment_pages/:id': session,
  '/v1/prices/:id': async (stripe) => ({ id: (await price(stripe)).id }),
  '/v1/products/:id': async (stripe) => ({ id: String((await price(stripe)).product) }),
  '/v1/refunds/:id': async (stripe) => ({
    id: (await stripe.refunds.create({ payment_intent: (await payment(stripe)).id })).id,
  }),
  '/v1/setup_intents/:id': async (stripe) => ({ id: (await stripe.setupIntents.create()).id }),
  '/v1/topups/:id': async (stripe) => ({ id: (await stripe.topups.create({ amount: 100, currency: 'aud' })).id }),
  '/v1/webhook_endpoints/:id': async (stripe) => {
    const { id } = await stripe.webhookEndpoints.create({ url: 'https://example.com/hook', enabled_events: ['*'] })
    return { id }
  },
}

/** These name the account itself, have no owner, or are of platforms only: covered by tests of their own. */
const elsewhere = new Set([
  '/v1/accounts/:id',
  '/v1/accounts/:account/capabilities',
  '/v1/accounts/:account/external_accounts',
  '/v1/accounts/:account/persons',
  '/v1/application_fees/:id',
  '/v1/application_fees/:id/refunds',
  '/v1/application_fees/:id/refunds/:refund',
])

function retrievals(): string[] {
  const { operations } = bench.running.router
  return operations
    .filter(
      ({ method, path }) => method === 'GET' && path.includes('/:') && path.startsWith('/v1/') && !elsewhere.has(path),
    )
    .map(({ path }) => path)
}

function fill(path: string, names: Names, account: string): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => (name === 'account' ? account : (names[name] ?? 'missing')))
}

async function ask(asker: Asker, path: string): Promise<[status: number, code: string | undefined]> {
  const headers = asker.isConnected ? { 'stripe-account': asker.account } : {}
  const { status, body } = await bench.raw(path, { key: asker.key, headers })
  return [status, body.error?.code]
}

async function connected(mode: 'test' | 'live'): Promise<Asker> {
  const { secret: key } = bench.keys('Rental', mode)
  const capabilities = { card_payments: { requested: true }, au_becs_debit_payments: { requested: true } }
  const { id } = await bench
    .sdkWithKey(key)
    .accounts.create({ type: 'custom', country: 'AU', business_type: 'company', capabilities })
  await bench.control('POST', `/accounts/${id}/script`, { script: 'complete' })
  await bench.control('POST', '/funds', { account: id, mode, amountMinor: 100_000, currency: 'aud' })
  return { name: `a connected account, ${mode}`, key, account: id, isConnected: true }
}

function own(name: string, mode: 'test' | 'live'): Asker {
  const { secret, accountId } = bench.keys(name, mode)
  return { name: `${name}, ${mode}`, key: secret, account: accountId, isConnected: false }
}

/** Asks for one object of each kind as its owner, who finds it, and as everybody else, who must not. */
async function cross(owner: Asker, strangers: readonly Asker[], paths: readonly string[]) {
  const stripe = bench.sdkWithKey(owner.key, owner.isConnected ? { stripeAccount: owner.account } : {})
  const platform = bench.sdkWithKey(owner.key)
  const crossings: string[] = []
  let asked = 0
  for (const path of paths) {
    const maker = makers[path]
    if (maker === undefined) throw new Error(`Say in makers how to make what GET ${path} retrieves.`)
    const names = await maker(path.startsWith('/v1/accounts/') ? platform : stripe, owner.account)
    const seen = await ask(owner, fill(path, names, owner.account))
    if (seen[0] !== 200) crossings.push(`${path}: its owner got ${seen.join(' ')}`)
    for (const stranger of strangers) {
      asked += 1
      const [status, code] = await ask(stranger, fill(path, names, stranger.account))
      if (status !== 404 || code !== 'resource_missing')
        crossings.push(`${path}: ${stranger.name} got ${status} ${code}`)
    }
  }
  process.stdout.write(
    `Isolation: ${paths.length} retrievals by ${strangers.length} strangers, ${crossings.length} crossings\n`,
  )
  return { crossings, asked }
}

describe('SBX-9: isolation', () => {
  test('every operation that retrieves something has a maker', () => {
    expect(retrievals().filter((path) => makers[path] === undefined)).toStrictEqual([])
    expect(retrievals().length).toBeGreaterThanOrEqual(16)
  })

  test('nothing of a connected account is seen by a sister, the platform, another mode or a stranger', async () => {
    const strangers = [
      await connected('test'),
      await connected('live'),
      own('Rental', 'test'),
      own('Rental', 'live'),
      own('Harbour', 'test'),
    ]
    const paths = retrievals()

    const { crossings, asked } = await cross(await connected('test'), strangers, paths)

    expect(crossings).toStrictEqual([])
    expect(asked).toBe(paths.length * strangers.length)
  })

  test('nothing of an account with its own keys is seen in its other mode, by another account or by a platform', async () => {
    const harbour = own('Harbour', 'test')
    const strangers = [own('Harbour', 'live'), own('Keystone', 'test'), own('Rental', 'test'), await connected('test')]
    const paths = retrievals().filter((path) => !path.startsWith('/v1/accounts/'))
    await bench.control('POST', '/funds', { account: harbour.account, amountMinor: 100_000, currency: 'aud' })

    const { crossings, asked } = await cross(harbour, strangers, paths)

    expect(crossings).toStrictEqual([])
    expect(asked).toBe(paths.length * strangers.length)
  })

  test('an account can be named only by itself and by its platform in its own mode', async () => {
    const account = await connected('test')
    const sister = await connected('test')
    const all = [sister, own('Rental', 'live'), own('Harbour', 'test'), own('Harbour', 'live')]

    const answers = await Promise.all(all.map((asker) => ask(asker, `/v1/accounts/${account.account}`)))

    expect(answers).toStrictEqual(all.map(() => [403, 'account_invalid']))
    expect(await ask(account, `/v1/accounts/${account.account}`)).toStrictEqual([200, undefined])
    expect(await ask(own('Rental', 'test'), `/v1/accounts/${account.account}`)).toStrictEqual([200, undefined])
  })

  test('the mode follows the key: a test account does not answer as a header in live mode', async () => {
    const account = await connected('test')
    const inLive = { ...account, key: bench.keys('Rental', 'live').secret }

    expect(await ask(inLive, '/v1/customers')).toStrictEqual([403, 'account_invalid'])
    expect(await ask(account, '/v1/customers')).toStrictEqual([200, undefined])
  })
})
