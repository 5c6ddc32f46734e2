/**
 * The pages of the Stripe sandbox in real Chromium: the console of a sandbox in use, onboarding walked by keyboard, the dashboard of
 * an account. Every page is asked for accessibility in both schemes and at two widths, for sideways scroll, script errors and
 * requests to strangers (SBX-30).
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/index.ts'
import { expectAccessible, isSkipped, openBrowser, openPage, type Watched } from './chromium.ts'

const returnPath = '/back-at-the-platform'

/** Takes webhooks, and is the page that onboarding leads back to. */
async function startPlatformSite(): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, answer) => {
    request.resume()
    answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>Back</title><h1>Back at the platform</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function sdkFor(sandbox: Sandbox, account: string): Stripe {
  const { hostname, port } = new URL(sandbox.url)
  const keys = sandbox.keys.find((set) => set.account === account && set.mode === 'test')!
  return new Stripe(keys.secret, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
}

async function fill(sandbox: Sandbox, origin: string): Promise<{ intent: string; connected: string }> {
  const harbour = sdkFor(sandbox, 'Harbour Desks')
  await harbour.webhookEndpoints.create({ url: `${origin}/hook`, enabled_events: ['*'] })
  const automatic_payment_methods = { enabled: true, allow_redirects: 'never' } as const
  const payment = { amount: 31_800, currency: 'aud', confirm: true, automatic_payment_methods }
  const { id: intent } = await harbour.paymentIntents.create({ ...payment, payment_method: 'pm_card_visa' })
  await harbour.paymentIntents.create({ ...payment, payment_method: 'pm_card_chargeDeclined' }).catch(() => undefined)
  await harbour.refunds.create({ payment_intent: intent, amount: 1_000 })
  const platform = sdkFor(sandbox, 'Rental Platform')
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
  const { id: connected } = await platform.accounts.create({
    type: 'express',
    country: 'AU',
    business_type: 'company',
    company: { name: 'Bay Lockers' },
    capabilities,
  })
  await sandbox.stripe.runDue()
  return { intent, connected }
}

/** Tab until the element with this test id has the focus. */
async function tabTo(page: Page, testId: string): Promise<void> {
  for (let presses = 0; presses < 120; presses += 1) {
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))
    if (focused === testId) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${testId} cannot be reached by Tab.`)
}

async function expectNoSidewaysScroll(page: Page, name: string): Promise<void> {
  const surplus = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(surplus, `${name}: px of sideways scroll`).toBe(0)
}

describe.skipIf(isSkipped)('the pages of the sandbox', () => {
  let site: Awaited<ReturnType<typeof startPlatformSite>>
  let sandbox: Sandbox
  let browser: Browser
  let made: Awaited<ReturnType<typeof fill>>
  const watched: Watched[] = []
  const visit = async (width?: number): Promise<Page> => {
    const opened = await openPage(browser, [sandbox.url, site.origin], width)
    watched.push(opened)
    return opened.page
  }

  beforeAll(async () => {
    site = await startPlatformSite()
    sandbox = await startSandbox({ port: 0, seed: 'browser' })
    made = await fill(sandbox, site.origin)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.close()
    site?.server.close()
  })

  describe.each([
    [1280, 'light'],
    [375, 'dark'],
  ] as const)('at %i px, %s', (width, colorScheme) => {
    let page: Page
    beforeAll(async () => {
      page = await visit(width)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    })

    test.each([
      ['overview', () => ''],
      ['requests', () => '/requests'],
      ['events', () => '/events'],
      ['one event', () => `/events/${sandbox.stripe.listEvents(1)[0]!.id}`],
      ['one request', () => `/requests/${sandbox.stripe.listRequests(1)[0]!.id}`],
      ['endpoints', () => '/endpoints'],
      ['a new destination', () => '/endpoints/new'],
      ['accounts', () => '/accounts'],
      ['an account with keys', () => `/accounts/${sandbox.keys[0]!.accountId}`],
      ['a connected account', () => `/accounts/${made.connected}`],
      ['payments', () => '/payments'],
      ['one payment', () => `/payments/${made.intent}`],
      ['balance and payouts', () => '/balance'],
      ['faults', () => '/faults'],
      ['setting up a fault', () => '/faults/new?effect=webhook.flood'],
      ['mail', () => '/mail'],
    ])('UI-65: %s has no finding and no sideways scroll', async (name, path) => {
      await page.goto(`${sandbox.url}/_sandbox${path()}`)
      // What is folded away is looked at as well, except the ticks of all 275 events: one group of them is enough.
      for (const details of await page.locator('main details:not(.group + .group)').all())
        await details.evaluate((element) => element.setAttribute('open', ''))

      await expectAccessible(page, name)
      await expectNoSidewaysScroll(page, name)
    })

    test('UI-65: the dashboard of a connected account has no finding', async () => {
      await page.goto(`${sandbox.url}/dashboard/${made.connected}`)

      await expectAccessible(page, 'dashboard')
      await expectNoSidewaysScroll(page, 'dashboard')
    })
  })

  test('SBX-30: the clock is turned and a key is found by keyboard alone', async () => {
    const page = await visit()
    await page.goto(`${sandbox.url}/_sandbox`)
    const before = sandbox.stripe.now()

    await tabTo(page, 'sandbox-clock-PT1H')
    await page.keyboard.press('Enter')
    await page.getByTestId('sandbox-done').waitFor()

    expect(sandbox.stripe.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(3_600_000)
    await tabTo(page, `sandbox-${sandbox.keys[0]!.accountId}-test-secret`)
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe(sandbox.keys[0]!.secret)
  })

  test('SBX-46: onboarding is filled and sent off by keyboard, and a used link leads to the refresh address', async () => {
    const page = await visit(375)
    const { url: link } = await sdkFor(sandbox, 'Rental Platform').accountLinks.create({
      account: made.connected,
      type: 'account_onboarding',
      refresh_url: `${site.origin}/refresh`,
      return_url: `${site.origin}${returnPath}`,
    })
    await page.goto(link)
    await page.getByTestId('sandbox-onboarding').waitFor()
    await expectAccessible(page, 'onboarding')
    await expectNoSidewaysScroll(page, 'onboarding')

    await page.getByTestId('sandbox-company.tax_id').fill('51 824 753 556')
    await page.getByTestId('sandbox-business_profile.url').fill('no address')
    await tabTo(page, 'sandbox-onboarding-submit')
    await page.keyboard.press('Enter')
    await page.getByTestId('sandbox-problems').waitFor()
    await expectAccessible(page, 'onboarding, refused')
    expect(await page.getByTestId('sandbox-company.tax_id').inputValue()).toBe('51 824 753 556')
    await tabTo(page, 'sandbox-onboarding-fill')
    await page.keyboard.press('Enter')
    await page.waitForURL(/fill=yes/)
    await tabTo(page, 'sandbox-onboarding-submit')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.origin}${returnPath}`)
    await page.goto(link)

    expect(new URL(page.url()).pathname).toBe('/refresh')
    const connected = await sdkFor(sandbox, 'Rental Platform').accounts.retrieve(made.connected)
    expect(connected).toMatchObject({ charges_enabled: true, payouts_enabled: true })
  })

  test('SBX-49: a trouble is provoked, read back and undone without typing', async () => {
    const page = await visit()
    await page.goto(`${sandbox.url}/_sandbox/faults`)

    await page.getByTestId('sandbox-trouble-provoke-connection_failed').click()
    await page.getByTestId('sandbox-trouble-state-connection_failed').waitFor()
    await expectAccessible(page, 'faults, one provoked')
    expect(await page.getByTestId('sandbox-fault-count').textContent()).toBe('1 fault active')
    await page.getByTestId('sandbox-trouble-undo-connection_failed').click()
    await page.getByTestId('sandbox-trouble-provoke-connection_failed').waitFor()
    expect(await page.getByTestId('sandbox-fault-count').count()).toBe(0)
  })

  test('SBX-30: nothing was asked of a stranger and no script failed', () => {
    expect(watched.flatMap(({ strangers }) => strangers)).toEqual([])
    expect(watched.flatMap(({ troubles }) => troubles)).toEqual([])
  })
})
