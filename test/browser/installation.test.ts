/**
 * Administration → Installation and the troubles of Stripe Connect in real Chromium: whoever runs the installation sees its endpoints and
 * rotates one, an onboarding that is stuck leads to Stripe's own form by one button, and both screens hold at the width of a phone.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchAll } from '#diagnosis'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('the installation through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched

  beforeAll(async () => {
    product = await startProduct(usualDatabase(), { isPlatform: true })
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

  test('UI-112: keys as masks, both endpoints with their secrets, checks, operators; a secret is rotated and both are shown', async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'Installation' }).click()
    await page.getByRole('heading', { level: 1, name: 'Installation' }).waitFor()
    const mode = page.getByRole('region', { name: 'Stripe, test mode' })
    await mode.getByRole('heading', { name: 'Connected accounts' }).waitFor()
    await button(page, 'Check now').click()
    await mode.getByText('2 of 16 used').waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(/sk_test_sandbox|whsec_[A-Za-z0-9]{4}/)
    await page.getByRole('region', { name: 'Operators (1)' }).getByText('Harbour Desks').waitFor()
    await expectAccessible(page, 'installation')
    await picture(page, '43-installation')

    await button(page, 'Rotate the secret of Connected accounts').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
    await page.getByText('A second endpoint at Stripe took over').waitFor()
    await mode.getByRole('heading', { name: 'Connected accounts, being replaced' }).waitFor()
    await expectAccessible(page, 'installation, rotating')
  })

  test('STR-105 UI-160: an onboarding that is stuck is found, and one button leads to the form at Stripe', async () => {
    const { page } = watched
    const status = await page.evaluate(
      async (init) => (await fetch('/api/v1/w/harbour-desks/connect/account?mode=test', init)).status,
      {
        method: 'POST',
        body: JSON.stringify({ country: 'AU', businessType: 'company' }),
        headers: { 'Content-Type': 'application/json' },
      },
    )
    expect(status).toBe(200)
    product.clock.advance(31 * 60_000)
    await watchAll(product.ground)
    await page.getByRole('link', { name: 'Diagnosis' }).click()
    const trouble = page.getByRole('region', { name: "Connect account stuck in 'pending'" })
    await trouble.getByText('was begun and not submitted').waitFor()
    await expectAccessible(page, 'diagnosis, stuck')
    await picture(page, '44-diagnosis-connect')
    await trouble.getByRole('button', { name: 'E-mail link' }).click()
    await page.getByText(/A mail with a link that works for seven days is on its way/).waitFor()
    await trouble.getByRole('button', { name: 'Resume onboarding' }).click()
    // Half an hour after the sign-in the person proves once more who they are (TRU-78).
    await button(page, 'Fill in the demo password').click()
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).press('Enter')
    await page.waitForURL(/\/connect\/setup\//)
    await page.goto(`${product.origin}/w/harbour-desks/settings/payments?mode=test`)
    await page
      .getByRole('region', { name: 'Mails about this account' })
      .getByText('owner@harbour-desks.example')
      .waitFor()
    await expectAccessible(page, 'payments, mails')
    await picture(page, '45-payments-mails')
  })

  test('UI-25 UI-65: at 375 px and in the dark both scroll down only and are accessible', async () => {
    const { page } = watched
    await page.setViewportSize({ width: 375, height: 720 })
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const [place, title] of [
      ['installation', 'Installation'],
      ['diagnosis', 'Diagnosis'],
    ]) {
      await page.goto(`${product.origin}/w/harbour-desks/admin/${place}?mode=test`)
      await page.getByRole('heading', { level: 1, name: title! }).waitFor()
      await page.getByRole('heading', { level: 2 }).first().waitFor()
      await expectAccessible(page, `${place} at 375 px`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375)
      await picture(page, `46-${place}-375-dark`)
    }
    expect(watched.strangers).toEqual([])
    expect(watched.troubles).toEqual([])
  })
})
