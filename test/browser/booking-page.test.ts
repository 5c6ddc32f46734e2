/**
 * The public page of an operator in a browser, on a phone, by somebody who has no account here (H11, UI-200): what is free, and paid
 * bookings that open and close without a reload while the operator's account goes its way at Stripe.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { fillForm, onboardingPath, press, status } from '../stories/connected.ts'
import { control } from '../stories/faulty.ts'
import { furnish, signUp } from '../stories/walk.ts'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { button, heading } from './steps.ts'

describe.skipIf(isSkipped)('the booking page', () => {
  let product: Product
  let browser: Browser
  let phone: Watched
  beforeAll(async () => {
    product = await startProduct(usualDatabase(), { isPlatform: true })
    browser = await openBrowser()
    phone = await openPage(browser, [product.origin], 375)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('H11 UI-200: closed with a way to call, then open and closed again by itself, at 375 px', async () => {
    const { page } = phone
    const session = await signUp(product)
    await furnish(session, { manual: true, tag: 'Light' })
    const {
      slug: _slug,
      updatedAt: _at,
      isCurrencyFixed: _fixed,
      ...company
    } = await session.good('GET', '/settings/company')
    await session.good('PUT', '/settings/company', { ...company, phone: '+61 2 5550 1234' })
    await page.goto(`${product.origin}/book/${session.slug}`)
    await heading(page, /^Book a space at Fresh/)
    await page.getByText(/^A-Light/).waitFor()
    await page.getByText('$100.00').waitFor()
    const soon = button(page, 'Online booking opens soon. Call +61 2 5550 1234.')
    expect(await soon.isDisabled()).toBe(true)
    expect(await page.getByRole('link', { name: '+61 2 5550 1234' }).getAttribute('href')).toBe('tel:+61255501234')
    await expectAccessible(page, 'booking page, closed')
    await picture(page, 'booking-page-closed-375')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)

    const { id, account } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
    const { location } = await press(product, session, onboardingPath(session))
    fillForm(product, location)
    await session.good('POST', '/api/v1/connect/return', { connection: id })
    await status(session, 'active')
    await page.getByText('Paid bookings are open', { exact: true }).waitFor()
    expect(await soon.count()).toBe(0)
    await expectAccessible(page, 'booking page, open')
    await picture(page, 'booking-page-open-375')
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await expectAccessible(page, 'booking page, open, dark')
    await control(product, 'POST', `/accounts/${account.id}/script`, { script: 'rejected_fraud' })
    await soon.waitFor()
    await expectAccessible(page, 'booking page, closed, dark')
  })

  test('TRU-112: whoever comes too often is told so in words, at 375 and 1280 px, and let in by itself a minute later', async () => {
    const session = await signUp(product)
    product.clock.standAt(product.clock.now())
    const comeTooOften = async () => {
      const address = `${product.origin}/api/v1/book/${session.slug}`
      const replies = await Promise.all(Array.from({ length: 70 }, () => fetch(address)))
      expect(replies.some(({ status: code }) => code === 429)).toBe(true)
    }
    await comeTooOften()
    const { page } = await openPage(browser, [product.origin], 375)
    const reply = await page.goto(`${product.origin}/book/${session.slug}`)
    expect([reply?.status(), reply?.headers()['retry-after']]).toEqual([429, '1'])
    await heading(page, 'Too many visits at once')
    await page.getByText('Wait a few seconds. The page tries again by itself.').waitFor()
    await expectAccessible(page, 'booking page, too many visits')
    await picture(page, 'booking-page-too-many-375')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await expectAccessible(page, 'booking page, too many visits, dark')

    product.clock.advance(60_000)
    await heading(page, /^Book a space at /)
    // Whoever has the page open keeps it while others come too often.
    await comeTooOften()
    await page.waitForResponse((answer) => answer.url().endsWith(`/book/${session.slug}`) && answer.status() === 429)
    await heading(page, /^Book a space at /)
    // The next story finds nothing of the limit used up.
    product.clock.advance(60_000)
    product.clock.flow()
    await page.close()
  })

  test('UI-200: an address nobody has says so in neutral words', async () => {
    const { page } = phone
    await page.goto(`${product.origin}/book/nobody-has-this`)
    await heading(page, 'Not found')
    await expectAccessible(page, 'booking page, unknown')
    expect([phone.troubles, phone.strangers]).toEqual([[], []])
  })
})
