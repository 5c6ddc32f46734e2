/**
 * The first day of a check-out: today for Rentroll, because a browser's clock may be wrong and the time of a sandbox may have been turned
 * (SBX-38); and a day that is refused, by somebody quicker than the answer (UI-190).
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localDateAt } from '#kernel'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { addSpace, checkOutToTerms, furnish, openConsole } from './demo-steps.ts'
import { button } from './steps.ts'

const dayMs = 86_400_000

describe.skipIf(isSkipped)('the first day of a check-out', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  const startDate = () => watched.page.getByLabel('Start date', { exact: true })

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin])
    product.clock.standAt(new Date(product.clock.now().getTime() + 2 * dayMs))
    await openConsole(product, watched)
    await furnish(product, watched.page)
    await addSpace(product, watched.page, 'T-01')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('SBX-38: two days later by the sandbox, a check-out begins two days later', async () => {
    await checkOutToTerms(product, watched.page, { space: 'T-01', renter: 'Tara Hill' })

    expect(await startDate().inputValue()).toBe(localDateAt(product.clock.now(), 'Australia/Sydney'))
  })

  test('UI-190: on a phone, passed before the answer is there, the step says itself that it is refused', async () => {
    const { page } = watched
    await page.setViewportSize({ width: 375, height: 800 })
    await checkOutToTerms(product, page, { space: 'T-01', renter: 'Tess Lake' })
    const answer = Promise.withResolvers<void>()
    await page.route(/check-out\/preview/, async (route) => {
      await answer.promise
      await route.continue()
    })
    await startDate().fill('2026-01-01')
    await button(page, 'Continue').click()
    await page.locator('[aria-current=step]').getByRole('heading', { name: 'Deposit' }).waitFor()

    answer.resolve()

    const refused = page.getByRole('listitem').filter({ hasText: 'Start date must be today or later.' })
    await refused.getByRole('heading', { name: 'Terms' }).waitFor()
    await expectAccessible(page, 'a step that is refused')
    await picture(page, 'check-out-refused-375')
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await expectAccessible(page, 'a step that is refused, dark')
    await page.getByRole('link', { name: 'Terms' }).click()
    await page.getByText('Start date in the past').waitFor()
    expect(await button(page, 'Continue').getAttribute('aria-disabled')).toBe('true')
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
