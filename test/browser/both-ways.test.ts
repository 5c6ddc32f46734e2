/**
 * Both ways in on one installation, from the sign-up to the first paid invoice: one operator pastes the keys of its own Stripe account,
 * the other connects one through Stripe's form. Then each one's screens, API and stream are searched for the other, and Stripe is asked
 * whose account has what (must show 1 of the fourth issue; L1 to L9, H6 to H11).
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Product, startProduct, usualDatabase } from '#test/product'
import { soon } from '#test/soon'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { button, checkOut, fillStripesForm, heading, pasteKeys, signUp } from './steps.ts'

/** Everything by which one of them would be recognised in the hands of the other; no price is the other's either. */
type Person = {
  readonly name: string
  readonly slug: string
  readonly email: string
  readonly renter: { readonly name: string; readonly email: string }
  readonly price: string
}
const alma: Person = {
  name: 'Alma Quill',
  slug: 'alma-desks',
  email: 'alma@alma-desks.example',
  renter: { name: 'Aaron Lake', email: 'aaron@rent.example' },
  price: '431.37',
}
const bruno: Person = {
  name: 'Bruno Stone',
  slug: 'bruno-desks',
  email: 'bruno@bruno-desks.example',
  renter: { name: 'Berta Hill', email: 'berta@rent.example' },
  price: '977.41',
}

const places = [
  '',
  '/spaces',
  '/renters',
  '/leases',
  '/billing/invoices',
  '/reports/books',
  '/admin/integrations',
  '/admin/diagnosis',
  '/settings/company',
  '/settings/categories',
  '/settings/payments',
  '/settings/payouts',
  '/settings/webhooks',
]

describe.skipIf(isSkipped)('both ways in on one installation', () => {
  let product: Product
  let browser: Browser
  let own: Watched
  let connected: Watched
  beforeAll(async () => {
    product = await startProduct(usualDatabase(), { isPlatform: true })
    browser = await openBrowser()
    const origins = [product.origin, product.sandbox.url]
    own = await openPage(browser, origins)
    connected = await openPage(browser, origins)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** From the sign-up to the step where payments are chosen. */
  async function goToPayments(page: Page, person: Person): Promise<void> {
    await signUp(product, page, person)
    await heading(page, 'Business')
    await page.getByLabel('Contact e-mail').fill(person.email)
    await page.keyboard.press('Enter')
    await heading(page, 'Location and time zone')
    await button(page, 'Save and continue').click()
    await heading(page, 'Categories and prices')
    await page.getByLabel('Price per month').fill(person.price)
    await button(page, 'Add category').click()
    await page.getByText(`$${person.price} per month`).waitFor()
    await button(page, 'Continue').click()
    await heading(page, 'Spaces')
    await button(page, 'Add space').click()
    await page.getByText('1 space so far.').waitFor()
    await button(page, 'Continue').click()
    await heading(page, 'Billing and tax')
    await button(page, 'Save and continue').click()
    await heading(page, 'Agreement')
    await button(page, 'Publish this version').click()
    await heading(page, 'Payments')
  }

  /** From the last of the first steps to a paid invoice, which turns by itself. */
  async function getPaid(page: Page, { renter }: Person): Promise<void> {
    await button(page, 'Continue').click()
    await heading(page, 'Booking page and staff')
    await page.getByText('Paid bookings open').waitFor()
    await button(page, 'Check out a space').click()
    await checkOut(page, { space: 'OFF-A-01', renter })
    await page.getByText('Paid', { exact: true }).first().waitFor()
  }

  test('L1 L5 L6 L9: with own keys: pasted, the webhook made, a space checked out, and the invoice turns Paid', async () => {
    const { page } = own
    await goToPayments(page, alma)
    await look(page, '1-own-keys-choice')
    await button(page, 'I have Stripe keys').click()
    await pasteKeys(product, page)
    await look(page, '2-own-keys-connected')
    await getPaid(page, alma)
    expect(await page.getByText('Paid', { exact: true }).count()).toBeGreaterThan(0)
    await look(page, '3-own-keys-paid')
  })

  test('H6 H7 H8 H9 H11: by Connect: the country, Stripe’s form, back to step 7, active, and the invoice turns Paid', async () => {
    const { page } = connected
    await goToPayments(page, bruno)
    await button(page, 'Connect Stripe').click()
    await page.getByRole('dialog').getByText('You cannot change the country later.').waitFor()
    await look(page, '4-connect-country')
    await button(page, 'Continue to Stripe').click()
    await page.getByTestId('sandbox-onboarding-submit').waitFor()
    await look(page, '5-stripes-form')
    await fillStripesForm(page)
    await page.waitForURL(/\/v2\/preview\/onboarding\?step=7&.*operator=bruno-desks/)
    await page.getByText('Payments and payouts work.').waitFor()
    await look(page, '6-connect-active')
    await getPaid(page, bruno)
    await look(page, '7-connect-paid')
    await page.goto(`${product.origin}/w/${bruno.slug}/settings/payments?mode=test`)
    await page.getByText('Paid bookings open').waitFor()
    const said = page.getByText('Connected', { exact: true })
    await soon(async () => expect(await said.count()).toBeGreaterThan(0))
    await look(page, '8-connect-settings')
  })

  test('UI-4: going live without a live connection leads to Integrations and says what is missing', async () => {
    for (const [{ page }, person] of sides()) {
      await page.goto(`${product.origin}/w/${person.slug}/spaces?mode=test`)
      await page.getByRole('link', { name: 'Switch to live' }).click()
      await heading(page, 'Integrations')
      await page.getByText('Add live keys or connect Stripe to take real payments.').waitFor()
      expect(new URL(page.url()).searchParams.get('mode')).toBe('live')
    }
  })

  test('TRU-1: no screen of either tells anything of the other', async () => {
    for (const [{ page }, person, other] of sides()) {
      const canaries = await canariesOf(other)
      for (const place of places) {
        await page.goto(`${product.origin}/w/${person.slug}${place}?mode=test`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        const shown = await page.content()
        for (const canary of canaries) expect(shown, `${place} of ${person.slug}`).not.toContain(canary)
      }
      await page.goto(`${product.origin}/w/${other.slug}?mode=test`)
      await page.getByText(`You have no workspace named ${other.slug}.`).waitFor()
    }
  })

  test('TRU-280: the API of either answers nothing of the other, and at the other’s address and ids nothing at all', async () => {
    const document = (await (await fetch(`${product.origin}/openapi.json`)).json()) as any
    const lists = Object.entries<any>(document.paths)
      .filter(([path, methods]) => /^\/api\/v1\/w\/\{slug\}\/[^{]*$/.test(path) && methods.get !== undefined)
      .map(([path]) => path)
    expect(lists.length).toBeGreaterThan(15)
    for (const [{ page }, person, other] of sides()) {
      const canaries = await canariesOf(other)
      for (const path of lists) {
        const mine = await ask(page, path.replace('{slug}', person.slug))
        expect(mine.status, path).toBe(200)
        for (const canary of canaries) expect(mine.text, `${path} of ${person.slug}`).not.toContain(canary)
        expect((await ask(page, path.replace('{slug}', other.slug))).status, path).toBe(404)
      }
      for (const id of canaries.filter((canary) => canary.startsWith('inv_')))
        expect((await ask(page, `/api/v1/w/${person.slug}/invoices/${id}`)).status).toBe(404)
    }
  })

  test('TRU-281: what happens at the one is told to its own stream and not to the other’s', async () => {
    const all = sides()
    for (const [{ page }, person] of all) {
      await page.goto(`${product.origin}/w/${person.slug}/renters?mode=test`)
      await page.evaluate((slug) => {
        const heard: string[] = []
        Object.assign(globalThis, { heard })
        const stream = new EventSource(`/api/v1/stream?operator=${slug}&mode=test`)
        stream.addEventListener('changed', (event) => heard.push(String(event.data)))
      }, person.slug)
    }
    const made = await Promise.all(
      all.map(async ([{ page }, person]) => {
        const wish = JSON.stringify({ kind: 'person', name: `Guest of ${person.name}` })
        const { text } = await ask(page, `/api/v1/w/${person.slug}/renters`, wish)
        return (JSON.parse(text) as { id: string }).id
      }),
    )
    for (const [index, [{ page }]] of all.entries()) {
      const read = () => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard.join('\n'))
      const heard = await eventually(read, (text) => text.includes(made[index]!))
      expect(heard).not.toContain(made[1 - index])
    }
  })

  test('STR-2 STR-16: at Stripe each charge, customer and saved card stands in the account of its operator, and none in the platform’s', async () => {
    const { stripe, keys } = product.sandbox
    const accountOf = (name: string) => keys.find(({ account }) => account === name)!.accountId
    const [ofAlma, ofBruno] = [accountOf('Harbour Desks'), await connectedAccount(connected.page)]
    const list = (account: string, kind: 'charge' | 'customer' | 'payment_intent') =>
      stripe.listObjects(account, 'test', kind) as unknown as { metadata: Record<string, string>; status?: string }[]
    for (const [account, person] of [
      [ofAlma, alma],
      [ofBruno, bruno],
    ] as const) {
      const charges = list(account, 'charge').filter(({ status }) => status === 'succeeded')
      expect(charges, person.slug).toHaveLength(1)
      expect(list(account, 'customer'), person.slug).toHaveLength(1)
      const owners = new Set(
        (['charge', 'customer', 'payment_intent'] as const).flatMap((kind) =>
          list(account, kind).map(({ metadata }) => metadata['rentroll_operator']),
        ),
      )
      expect(owners.size, person.slug).toBe(1)
    }
    for (const kind of ['charge', 'customer', 'payment_intent'] as const)
      expect(list(accountOf('Rental Platform'), kind)).toEqual([])
  })

  test('UI-69 UI-70: no request left for another origin, and no script error or policy report happened', () => {
    for (const { strangers, troubles } of [own, connected]) expect([strangers, troubles]).toEqual([[], []])
  })

  const sides = () =>
    [
      [own, alma, bruno],
      [connected, bruno, alma],
    ] as const

  /** Names, addresses, the price and every id of a thing of theirs, and the account at Stripe. */
  async function canariesOf(person: Person): Promise<readonly string[]> {
    const { page } = person === alma ? own : connected
    const base = `/api/v1/w/${person.slug}`
    const read = async (path: string) => JSON.parse((await ask(page, `${base}${path}`)).text) as any
    const ids = await Promise.all(
      ['/renters', '/leases', '/invoices', '/spaces'].map(async (path) =>
        (await read(path)).rows.map(({ id }: any) => id),
      ),
    )
    const [invoice] = (await read('/invoices')).rows
    const { payments } = await read(`/invoices/${invoice.id}`)
    const account =
      person === alma ? (await read('/connections/stripe')).account.id : (await read('/connect')).account.id
    return [
      person.name,
      person.email,
      person.renter.name,
      person.renter.email,
      person.price,
      ...ids.flat(),
      ...payments.flatMap(({ id, stripeIds }: any) => [id, ...stripeIds]),
      account,
    ]
  }
})

/** As it stands at both widths, for axe and for the eye; nothing may be wider than a phone. */
async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page, name)
  await picture(page, `both-ways-${name}`)
  await page.setViewportSize({ width: 375, height: 900 })
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width, name).toBeLessThanOrEqual(375)
  await picture(page, `both-ways-${name}-375`)
  await page.setViewportSize({ width: 1280, height: 900 })
}

/** With the session of this page; with a body it is a POST. */
function ask(page: Page, path: string, body?: string): Promise<{ status: number; text: string }> {
  return page.evaluate(
    async ([address, sent]) => {
      const reply = await fetch(`${address}?mode=test`, {
        ...(sent !== undefined && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: sent }),
      })
      return { status: reply.status, text: await reply.text() }
    },
    [path, body] as const,
  )
}

async function connectedAccount(page: Page): Promise<string> {
  const { text } = await ask(page, `/api/v1/w/${bruno.slug}/connect`)
  return (JSON.parse(text) as { account: { id: string } }).account.id
}
