/**
 * Before going live in real Chromium (UI-130, UI-133): from the empty health of the webhooks to the button, pressed once, to Paid with the
 * time of every step, and the list of what is still missing; at the width of a desk and of a phone, in light and in dark.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type Product, type Session, usualDatabase } from '#test/product'
import { connectStripe, furnish, signUp } from '../stories/walk.ts'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('the test payment on the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let session: Session

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    session = await signUp(product, 'Kim Park')
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    const [name, value] = session.cookie.split('=') as [string, string]
    await watched.page.context().addCookies([{ name, value, url: product.origin }])
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  const visit = async (place: string, mode = 'test') => {
    const separator = place.includes('?') ? '&' : '?'
    await watched.page.goto(`${product.origin}/w/${session.slug}/${place}${separator}mode=${mode}`)
    await watched.page.getByRole('heading', { level: 1 }).waitFor()
  }
  const payment = () => watched.page.getByRole('region', { name: 'Test payment' })
  const ready = () => watched.page.getByRole('region', { name: 'Ready for live?' })

  /** In both colours and at both widths: nothing wider than the screen, and nothing axe finds. */
  async function expectGood(name: string): Promise<void> {
    const { page } = watched
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 900 })
      await expectAccessible(page, `${name}, ${width}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width)
      await picture(page, `${name}-${width}`)
    }
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectAccessible(page, `${name}, dark`)
    await picture(page, `${name}-dark`)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1280, height: 900 })
  }

  test('UI-130 UI-133: before Stripe is connected the button says what is missing, and nothing is ready', async () => {
    await visit('admin/integrations')
    await payment().getByText('No Stripe account takes payments in test mode.').first().waitFor()
    await ready().getByText('0 of 4 done').waitFor()
    await expectGood('test-payment-unconnected')
  })

  test('UI-155 UI-130: the empty health leads to the button; pressed, it is Paid, with the time of every step', async () => {
    const { page } = watched
    await connectStripe(session, product)
    await visit('settings/webhooks?tab=health')
    await page.getByText('Send a test payment in Integrations.').waitFor()
    await page.getByRole('link', { name: 'Open Integrations' }).click()
    await button(page, 'Run a test payment of $1.00').click()

    const steps = payment().getByRole('list', { name: 'Progress of the test payment' })
    await payment().getByText('Paid', { exact: true }).first().waitFor()
    await steps.getByRole('img', { name: 'waiting' }).first().waitFor({ state: 'detached' })
    expect(await steps.locator('strong').allInnerTexts()).toEqual(['Created', 'Charged', 'Delivered', 'Paid'])
    expect(await steps.locator('time').allInnerTexts()).toEqual(
      Array(4).fill(expect.stringMatching(/^\d\d:\d\d:\d\d$/)),
    )
    await ready().getByText('2 of 4 done').waitFor()
    await expectGood('test-payment-paid')

    await payment()
      .getByRole('link', { name: /^TEST-INV-/ })
      .click()
    await page.getByRole('heading', { level: 1, name: /^TEST-INV-/ }).waitFor()
    await page.getByText('Paid', { exact: true }).first().waitFor()
    await expectGood('test-payment-invoice')
  })

  test('UI-133: the list is complete once agreement and tax are there, and leads to the live keys', async () => {
    const { page } = watched
    await furnish(session)
    await visit('admin/integrations')
    await ready().getByText('All of it is done.').waitFor()
    await ready().getByRole('link', { name: 'Open the Live tab' }).click()
    await page.getByRole('navigation', { name: 'Mode' }).locator('[aria-current]', { hasText: 'Live' }).waitFor()
    await payment().getByText('Live mode moves real money. The first real payment proves this step.').first().waitFor()
    expect(await button(page, /^Run a test payment/).getAttribute('aria-disabled')).toBe('true')
    expect(await ready().count()).toBe(0)
    await expectGood('test-payment-live')
  })

  test('UI-60: nothing broke and nobody else was asked', () => {
    expect(watched.troubles).toEqual([])
    expect(watched.strangers).toEqual([])
  })
})
