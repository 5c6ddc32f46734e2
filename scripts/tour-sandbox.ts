/**
 * `node scripts/tour-sandbox.ts`: pictures of the Stripe sandbox's own pages for `docs/screens/sandbox/`, each wide in the light
 * scheme and narrow in the dark one, with an index. Starts a sandbox of its own and fills it; ids and times differ from run to run.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { Stripe } from 'stripe'
import { startSandbox, type Sandbox } from '../sandbox/index.ts'
import { openBrowser } from './chromium.ts'

const folder = fileURLToPath(new URL('../docs/screens/sandbox/', import.meta.url))
const looks = [
  { width: 1280, scheme: 'light' },
  { width: 375, scheme: 'dark' },
] as const

interface Place {
  readonly name: string
  readonly path: string
  readonly shows: string
}

function sdkFor(sandbox: Sandbox, account: string): Stripe {
  const { hostname, port } = new URL(sandbox.url)
  const keys = sandbox.keys.find((set) => set.account === account && set.mode === 'test')
  return new Stripe(keys?.secret ?? '', { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
}

async function press(sandbox: Sandbox, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch(`${sandbox.url}/_sandbox${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** A receiver that takes webhooks, except while `isDown`. */
async function startReceiver() {
  const state = { isDown: false }
  const server = createServer((request, answer) => {
    request.resume()
    answer.writeHead(state.isDown ? 500 : 200, { 'content-type': 'application/json' }).end('{"received": true}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { state, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe` }
}

async function takePayments(sandbox: Sandbox, stripe: Stripe, receiver: { state: { isDown: boolean } }): Promise<void> {
  const pay = (amount: number, method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount,
      currency: 'aud',
      payment_method: method,
      confirm: true,
      description: 'Desk A-01, November',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      ...more,
    })
  const rent = await pay(31_800, 'pm_card_visa')
  await pay(2_500, 'pm_card_chargeDeclinedInsufficientFunds').catch(() => undefined)
  await pay(120_000, 'pm_card_visa', { capture_method: 'manual' })
  await sandbox.stripe.runDue()
  receiver.state.isDown = true
  await pay(4_400, 'pm_card_bypassPending')
  await sandbox.stripe.runDue()
  receiver.state.isDown = false
  await stripe.refunds.create({ payment_intent: rent.id, amount: 2_000 })
  await stripe.subscriptions.list().catch(() => undefined)
}

async function connectAccounts(sandbox: Sandbox): Promise<{ link: string; settled: string }> {
  const platform = sdkFor(sandbox, 'Rental Platform')
  const connect = async (country: string, name: string) => {
    const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
    const wish = { type: 'express', country, business_type: 'company', company: { name }, capabilities } as const
    return (await platform.accounts.create(wish)).id
  }
  const settled = await connect('AU', 'Bay Lockers')
  await press(sandbox, `/accounts/${settled}/script`, { script: 'complete' })
  await platform.paymentIntents.create(
    {
      amount: 22_000,
      currency: 'aud',
      payment_method: 'pm_card_bypassPending',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    },
    { stripeAccount: settled },
  )
  await press(sandbox, '/act', {
    account: settled,
    path: '/v1/payouts',
    parameters: { amount: 9_000, currency: 'aud' },
  })
  const blocked = await connect('NZ', 'Tai Storage')
  await press(sandbox, '/troubles/directors_missing', { account: blocked })
  const begun = await connect('NZ', 'Ridge Rooms')
  const addresses = { refresh_url: 'https://example.com/refresh', return_url: 'https://example.com/return' }
  const { url } = await platform.accountLinks.create({ account: begun, type: 'account_onboarding', ...addresses })
  return { settled, link: url }
}

async function fill(sandbox: Sandbox): Promise<readonly Place[]> {
  const receiver = await startReceiver()
  const stripe = sdkFor(sandbox, 'Harbour Desks')
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'], description: 'Rentroll' })
  await takePayments(sandbox, stripe, receiver)
  const { link, settled } = await connectAccounts(sandbox)
  await press(sandbox, '/faults', { where: 'api', effect: { kind: 'decline_next' }, times: 1 })
  await sandbox.stripe.runDue()
  receiver.server.close()
  const form = await fetch(link, { redirect: 'manual' })
  return [
    { name: 'overview', path: '/_sandbox', shows: 'Health, clock, keys, what failed and what happened last' },
    { name: 'events', path: '/_sandbox/events', shows: 'Events with their deliveries' },
    { name: 'faults', path: '/_sandbox/faults', shows: 'The known troubles and the faults to provoke' },
    { name: 'onboarding', path: `${form.headers.get('location')}?fill=yes`, shows: 'The hosted onboarding form' },
    { name: 'dashboard', path: `/dashboard/${settled}`, shows: 'The dashboard of a connected account' },
  ]
}

async function visit(browser: Browser, sandbox: Sandbox, places: readonly Place[]): Promise<void> {
  for (const { width, scheme } of looks) {
    await mkdir(`${folder}${width}-${scheme}`, { recursive: true })
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    })
    for (const { name, path } of places) {
      await page.goto(sandbox.url + path)
      await page.screenshot({ path: `${folder}${width}-${scheme}/${name}.png`, fullPage: true })
    }
    await page.close()
  }
}

function indexOf(places: readonly Place[]): string {
  const rows = places.map(({ name, shows }) => {
    const pictures = looks.map(({ width, scheme }) => `[${width} ${scheme}](${width}-${scheme}/${name}.png)`)
    return `| ${name} | ${shows} | ${pictures.join(' · ')} |`
  })
  const intro = 'Pages of the Stripe sandbox, written by `node scripts/tour-sandbox.ts`. No real money, no real keys.'
  return ['# Sandbox', '', intro, '', '| page | shows | pictures |', '|---|---|---|', ...rows, ''].join('\n')
}

const browser = await openBrowser()
const sandbox = await startSandbox({ port: 0 })
try {
  const places = await fill(sandbox)
  await rm(folder, { recursive: true, force: true })
  await visit(browser, sandbox, places)
  await writeFile(`${folder}README.md`, indexOf(places))
} finally {
  await browser.close()
  await sandbox.close()
}
