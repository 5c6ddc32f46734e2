/**
 * Administration → Diagnosis in real Chromium, on the running product: all checks pass, an endpoint that loses its events is found and
 * repaired by one button that says what it changed, and the page holds at the width of a phone and in the dark.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('diagnosis through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    const { page } = watched
    await page.goto(product.origin)
    await button(page, 'Sign in to the demo operator').click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  const keys = () => product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
  const asPage = async (method: string, path: string, body: object) => {
    const status = await watched.page.evaluate(async ({ url, init }) => (await fetch(url, init)).status, {
      url: `/api/v1/w/harbour-desks${path}?mode=test`,
      init: { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } },
    })
    expect(status, path).toBe(200)
  }

  test('UI-160: without a connection nothing is green that was not looked at', async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'Diagnosis' }).click()
    await page.getByRole('heading', { level: 1, name: 'Diagnosis' }).waitFor()
    await page.getByRole('heading', { name: /No trouble found, \d+ of \d+ checks cannot tell/ }).waitFor()
    await expectAccessible(page, 'diagnosis, not connected')
  })

  test('STR-111 UI-160: all checks pass; events that go missing are found, and one button adds them and says so', async () => {
    const { page } = watched
    await asPage('PUT', '/connections/stripe', { publishableKey: keys().publishable, secretKey: keys().secret })
    await asPage('POST', '/connections/stripe/endpoint', { isFresh: false })
    await button(page, 'Run all checks').click()
    await page.getByRole('heading', { name: /^All \d+ checks pass$/ }).waitFor()
    const aim = { account: keys().accountId, mode: 'test', variant: 'events_removed' }
    const provoked = await fetch(`${product.sandbox.url}/_sandbox/troubles/payments_pending`, {
      method: 'POST',
      body: JSON.stringify(aim),
    })
    expect(provoked.status).toBe(201)
    await button(page, 'Run all checks').click()

    const trouble = page.getByRole('region', { name: 'Payments stuck in "Pending"' })
    await trouble.getByText(/Not selected at Stripe: .*payment_intent\.succeeded/).waitFor()
    await expectAccessible(page, 'diagnosis, events missing')
    await picture(page, '40-diagnosis-found')
    await trouble.getByRole('button', { name: 'Repair webhook' }).click()

    await page.getByText('What was done about').waitFor()
    await page.getByText(/^Added at Stripe: /).waitFor()
    await page.getByText(/was delivered and verified/).waitFor()
    await page.getByRole('heading', { name: /^All \d+ checks pass$/ }).waitFor()
    await page.getByRole('region', { name: 'Cleared in the last 24 hours' }).waitFor()
    await expectAccessible(page, 'diagnosis, repaired')
    await picture(page, '41-diagnosis-repaired')
  })

  test('UI-25 UI-65: at 375 px and in the dark it scrolls down only and is accessible', async () => {
    const { page } = watched
    await page.setViewportSize({ width: 375, height: 720 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.reload()
      await page.getByRole('heading', { name: /^All \d+ checks pass$/ }).waitFor()
      await expectAccessible(page, `diagnosis at 375 px, ${colorScheme}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375)
      await picture(page, `42-diagnosis-375-${colorScheme}`)
    }
    expect(watched.strangers).toEqual([])
    expect(watched.troubles).toEqual([])
  })
})
