/**
 * A demo of its own for the tour: the product on a throw-away folder, filled by the same calls the screens make, cards included. It is
 * stopped and its folder removed whatever happens.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

export type Demo = {
  readonly origin: string
  readonly sandbox: string
  readonly keys: { readonly publishable: string; readonly secret: string }
  readonly stop: () => Promise<void>
}

const slug = 'harbour-desks'
const patienceMs = 60_000

export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'rentroll-tour-'))
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const env = { ...process.env, PORT: '0', SANDBOX_PORT: '0', RENTROLL_DATA_DIR: folder }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const said = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('Stop with')) resolve(text)
    })
    child.once('exit', () => reject(new Error(`The demo did not start:\n${text}`)))
  })
  const find = (form: RegExp) => form.exec(said)?.[1] ?? ''
  return {
    origin: find(/Operator console\s+(http:\/\/[^/\s]+)/),
    sandbox: find(/Sandbox console\s+(http:\/\/[^/\s]+)/),
    keys: { publishable: find(/(pk_test_\w+)/), secret: find(/(sk_test_\w+)/) },
    stop,
  }
}

export type Answer = { readonly id: string; readonly [name: string]: unknown }
export type Call = (method: string, path: string, body?: object) => Promise<Answer>

/** Calls the API as the signed-in page does, cookie and origin included. */
export function callerOf(page: Page): Call {
  return (method, path, body) =>
    page.evaluate(
      async ({ url, ...wanted }) => {
        const init = { method: wanted.method, headers: { 'Content-Type': 'application/json' } }
        const response = await fetch(
          url,
          wanted.body === undefined ? init : { ...init, body: JSON.stringify(wanted.body) },
        )
        const text = await response.text()
        if (!response.ok) throw new Error(`${wanted.method} ${url}: ${response.status} ${text}`)
        return text === '' ? {} : JSON.parse(text)
      },
      { url: `/api/v1/w/${slug}${path}?mode=test`, method, body },
    )
}

export type Seeded = {
  readonly spaces: readonly Answer[]
  readonly renters: readonly Answer[]
  readonly leases: readonly string[]
  /** Paid and partly refunded, waiting for the renter, failed, due. */
  readonly invoices: readonly string[]
}

const agreement = `{{operator.name}} rents {{space.number}} to {{renter.name}}.

The rent is {{rent}}, {{interval}}, from {{start_date}}. A deposit of {{deposit}} is held and returned at move-out, less what is owed.`

/** Cards of the sandbox: one that pays, one that wants the renter present, one that is declined. */
const cards = ['4242424242424242', '4000002760003184', '4000000000000341']
const businesses = ['Kiln and Clay', 'Dry Goods Depot', 'North Dock Prints', 'Paper Boats']

export async function seed(page: Page, demo: Demo): Promise<Seeded> {
  await page.goto(`${demo.origin}/sign-in`)
  await page.getByRole('button', { name: 'Sign in to the demo operator' }).click()
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
  const call = callerOf(page)
  await call('PUT', '/connections/stripe', { publishableKey: demo.keys.publishable, secretKey: demo.keys.secret })
  await call('POST', '/connections/stripe/endpoint', { isFresh: false })
  const prices = { priceBasis: 'period_price', periodPrices: { month: '318.00', year: '3400.00' }, deposit: '100.00' }
  const category = await call('POST', '/categories', { code: 'OFF', name: 'Private office', ...prices })
  await call('POST', '/agreements', { title: 'Office agreement', content: agreement })
  const made = await call('POST', '/spaces', { categoryId: category.id, count: 6, title: 'Second floor' })
  const spaces = made['rows'] as readonly Answer[]
  const renters = []
  for (const [index, businessName] of businesses.entries()) renters.push(await addRenter(call, { index, businessName }))
  for (const [index, card] of cards.entries()) await saveCard(page, { renter: renters[index], card, demo })
  const leases = []
  const invoices = []
  for (const [index, renter] of renters.entries()) {
    const { leaseId, invoiceId } = await checkOut(call, { space: spaces[index], renter })
    leases.push(leaseId)
    invoices.push(invoiceId)
  }
  await refundPart(call, invoices[0] ?? '')
  return { spaces, renters, leases, invoices }
}

function addRenter(call: Call, { index, businessName }: { index: number; businessName: string }): Promise<Answer> {
  const isByHand = index >= cards.length
  const email = `accounts@${businessName.toLowerCase().replaceAll(' ', '-')}.example`
  const details = { kind: 'company', name: 'Accounts', businessName, email, manualPaymentsAllowed: isByHand }
  return call('POST', '/renters', details)
}

type CardWish = { readonly renter: Answer | undefined; readonly card: string; readonly demo: Demo }

async function saveCard(page: Page, { renter, card, demo }: CardWish): Promise<void> {
  const id = renter?.id ?? ''
  const returnTo = `/w/${slug}/renters/${id}?mode=test`
  const { url } = await callerOf(page)('POST', `/renters/${id}/setup`, { requestKey: randomUUID(), returnTo })
  await page.goto(String(url))
  await page.getByTestId('sandbox-card-number').fill(card)
  await page.getByTestId('sandbox-card-expiry').fill('12 / 34')
  await page.getByTestId('sandbox-card-cvc').fill('123')
  await page.getByTestId('sandbox-card-name').fill('Accounts')
  await page.getByTestId('sandbox-pay').click()
  const challenge = page.getByTestId('sandbox-3ds-complete')
  await Promise.race([challenge.waitFor(), page.waitForURL(`${demo.origin}/**`)])
  if (await challenge.isVisible().catch(() => false)) await challenge.click()
  await page.waitForURL(`${demo.origin}/**`)
  await page.getByText('The card is saved').waitFor({ timeout: patienceMs })
}

type CheckOutWish = { readonly space: Answer | undefined; readonly renter: Answer }

async function checkOut(call: Call, { space, renter }: CheckOutWish): Promise<{ leaseId: string; invoiceId: string }> {
  const startOn = new Intl.DateTimeFormat('en-CA', { timeZone: 'Australia/Sydney' }).format(new Date())
  const wish = { spaceId: space?.id, renterId: renter.id, interval: 'month', startOn, deposit: 'standard' }
  const { previewHash } = await call('POST', '/check-out/preview', wish)
  const form = { requestKey: randomUUID(), acceptance: { name: 'Accounts' }, previewHash }
  const done = await call('POST', '/check-out', { ...wish, ...form })
  return { leaseId: String(done['leaseId']), invoiceId: String(done['invoiceId']) }
}

/** Waits until the first invoice is paid, then returns a part of it. */
async function refundPart(call: Call, invoiceId: string): Promise<void> {
  const until = Date.now() + patienceMs
  while (Date.now() < until) {
    const invoice = await call('GET', `/invoices/${invoiceId}`)
    const [payment] = invoice['payments'] as readonly { id: string; state: string }[]
    if (payment?.state === 'succeeded') {
      const refund = { paymentId: payment.id, amount: '50.00', reason: 'Keys came a day late' }
      await call('POST', `/invoices/${invoiceId}/refund`, { requestKey: randomUUID(), ...refund })
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error('The first invoice of the tour was not paid in time.')
}
