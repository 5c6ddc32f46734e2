/** "Today" on a form is today for the server: a browser's clock may be wrong, and the time of a sandbox may have been turned (SBX-38). */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { isSkipped, openBrowser, openPage, type Watched } from './chromium.ts'
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

  test('SBX-38: two days later by the sandbox, a check-out begins two days later', async () => {
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
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
