/** "Today" on a form is today for the server: a browser's clock may be wrong, and the time of a sandbox may have been turned (SBX-38). */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { addSpace, furnish, openConsole, visit } from './demo-steps.ts'
import { button } from './steps.ts'

const dayMs = 86_400_000

describe.skipIf(isSkipped)('time that was turned', () => {
  let product: Product
  let browser: Browser
  let watched: Watched

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin])
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('SBX-38: two days later by the sandbox, a check-out begins two days later, and not before', async () => {
    const { clock } = product
    clock.standAt(new Date(clock.now().getTime() + 2 * dayMs))
    const { page } = watched
    await openConsole(product, watched)
    await furnish(product, page)
    await addSpace(product, page, 'T-01')

    await visit(product, page, 'check-out')
    await page.getByText('T-01').first().click()
    await button(page, 'Continue').click()
    await button(page, 'New renter').click()
    await page.getByRole('textbox', { name: /^Name/ }).fill('Tara Hill')
    await button(page, 'Add renter').click()
    await button(page, 'Continue').click()

    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Australia/Sydney' }).format(clock.now())
    expect(await page.getByLabel('Start date', { exact: true }).inputValue()).toBe(today)

    // On a phone the price is folded away; pressed before the answer is there, the refusal stands at the step it is about.
    const answer = Promise.withResolvers<void>()
    await page.route(/check-out\/preview/, async (route) => {
      await answer.promise
      await route.continue()
    })
    await page.setViewportSize({ width: 375, height: 800 })
    await page.getByLabel('Start date', { exact: true }).fill('2026-01-01')
    await button(page, 'Continue').click()
    await page.locator('[aria-current=step]').getByRole('heading', { name: 'Deposit' }).waitFor()
    answer.resolve()
    const refused = page.getByRole('listitem').filter({ hasText: 'Start date must be today or later.' })
    await refused.getByRole('heading', { name: 'Terms' }).waitFor()
    await expectAccessible(page, 'a step that is refused')
    await picture(page, 'check-out-refused-375')
    await page.getByRole('link', { name: 'Terms' }).click()
    await page.getByText('Start date in the past').waitFor()
    expect(await button(page, 'Continue').getAttribute('aria-disabled')).toBe('true')
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
