/**
 * Settings → Payouts in real Chromium, on the running product: the schedule Stripe reports, changed by a suggestion and by hand, manual only
 * with a tick, wrong days told at their field, and always what Stripe says afterwards (UI-147, UI-148).
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type Product } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('payouts through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let settings: () => Promise<any>

  beforeAll(async () => {
    product = await startProduct('pglite')
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    settings = async () => {
      const reply = await fetch(`${product.sandbox.url}/v1/balance_settings`, {
        headers: { Authorization: `Bearer ${keys.secret}` },
      })
      return ((await reply.json()) as any).payments
    }
    const { page } = watched
    await page.goto(product.origin)
    await button(page, 'Sign in to the demo operator').click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    await page.goto(`${product.origin}/w/harbour-desks/settings/payouts?mode=test`)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('UI-147: without Stripe it says so; with it the schedule is Stripe’s, and a suggestion is one press away', async () => {
    const { page } = watched
    await page.getByText('Stripe is not connected').waitFor()
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    await page.evaluate(
      async ({ publishableKey, secretKey }) =>
        fetch('/api/v1/w/harbour-desks/connections/stripe?mode=test', {
          method: 'PUT',
          body: JSON.stringify({ publishableKey, secretKey }),
          headers: { 'Content-Type': 'application/json' },
        }),
      { publishableKey: keys.publishable, secretKey: keys.secret },
    )
    await page.reload()
    await page.getByText('Daily, Monday to Friday').waitFor()
    await expectAccessible(page, 'payouts')
    await picture(page, '43-payouts')
    await button(page, 'Use this').click()
    await button(page, 'Save schedule').click()
    await page.getByText('Weekly, on Friday').first().waitFor()
    expect((await settings()).payouts.schedule).toMatchObject({ interval: 'weekly', weekly_payout_days: ['friday'] })
  })

  test('MON-24: wrong dates are told at their field, and manual payouts ask for a tick', async () => {
    const { page } = watched
    await button(page, 'Change schedule').click()
    await page.getByRole('radio', { name: 'Monthly' }).check()
    await page.getByLabel('Days of the month').fill('1, 32')
    await button(page, 'Save schedule').click()
    await page.getByText('Choose days between 1 and 31.').first().waitFor()
    await expectAccessible(page, 'payouts, wrong dates')
    await page.getByLabel('Days of the month').fill('1, 31')
    await button(page, 'Save schedule').click()
    await page.getByText('Monthly, on day 1 and 31').waitFor()
    await button(page, 'Change schedule').click()
    await page.getByRole('radio', { name: 'Manual' }).check()
    await button(page, 'Save schedule').click()
    await page.getByText('Tick this if you want manual payouts.').first().waitFor()
    await page.getByRole('checkbox', { name: 'I want manual payouts' }).check()
    await button(page, 'Save schedule').click()
    await page.getByText('Only when you make one').waitFor()
    expect((await settings()).payouts.schedule.interval).toBe('manual')
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
