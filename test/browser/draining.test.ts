/**
 * Leaving a Stripe account in real Chromium: keys of another account are refused with two ways to go on, the switch drains the old one
 * beside the new, and Disconnect shows what it touches before the word is typed; at the width of a desk and of a phone.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { cardOnFile, checkOut, connectStripe, furnish, invoiceOf, saveDebit, signUp } from '../stories/walk.ts'
import { eventually, type Session } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('leaving a Stripe account on the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let session: Session

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    session = await signUp(product, 'Kim Park')
    await connectStripe(session, product)
    const set = await furnish(session)
    await saveDebit(session, product, { renterId: set.renterId, account: '000000/000123456' })
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    await eventually(
      () => invoiceOf(session, invoiceId),
      ({ payments }) => payments[0]?.state === 'processing',
    )
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    await signIn(watched.page)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  async function signIn(page: Page): Promise<void> {
    const [name, value] = session.cookie.split('=') as [string, string]
    await page.context().addCookies([{ name, value, url: product.origin }])
    await page.goto(`${product.origin}/w/${session.slug}/admin/integrations?mode=test`)
    await page.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor()
  }

  test('UI-125: keys of another account change nothing until the switch is chosen and its word typed', async () => {
    const { page } = watched
    const other = product.sandbox.keys.find(({ account, mode }) => account === 'Keystone Storage' && mode === 'test')!
    const paste = async () => {
      await page.getByLabel('Publishable Key').fill(other.publishable)
      await button(page, /Replace/)
        .first()
        .click()
      await page.getByLabel('Secret Key').fill(other.secret)
      await button(page, 'Save Credentials').click()
      await page.getByText('Different Stripe account').first().waitFor()
    }
    await paste()
    await expectAccessible(page, 'keys of another account')
    await picture(page, 'draining-1-other-account')
    await button(page, 'Keep current').click()
    await page.getByText('Different Stripe account').first().waitFor({ state: 'hidden' })
    expect(await session.good('GET', '/connections/stripe')).toMatchObject({ account: { name: 'Harbour Desks' } })

    await paste()
    await button(page, 'Switch account').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/1 bank debit processing: .*310\.00/).waitFor()
    await dialog.getByText('1 lease paid automatically').waitFor()
    await expectAccessible(page, 'the switch')
    await picture(page, 'draining-2-switch')
    await dialog.getByLabel('Type switch to confirm').fill('switch')
    await dialog.getByRole('button', { name: 'Switch account' }).click()
    await page.getByRole('heading', { name: /Disconnecting Harbour Desks/ }).waitFor()
    await page.getByText('Keystone Storage').first().waitFor()
    await button(page, 'Ask renters').click()
    await page.getByText('asked', { exact: false }).first().waitFor()
    await expectAccessible(page, 'draining beside the new account')
    await picture(page, 'draining-3-beside')
  })

  test('UI-132: the list shrinks to nothing by Finish now, which leaves what to look up; at 375 px', async () => {
    const phone = await openPage(browser, [product.origin, product.sandbox.url], 375)
    const { page } = phone
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await signIn(page)
    await page.getByText('1 bank debit processing').first().waitFor()
    await expectAccessible(page, 'draining, at 375 px')
    await picture(page, 'draining-4-draining-375')
    await button(page, 'Finish now').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Finish now' }).click()
    await page.getByRole('heading', { name: /To look up in Stripe: Harbour Desks/ }).waitFor()
    await page.locator('.rr-mono', { hasText: 'pi_' }).waitFor()
    await button(page, 'Print the list').waitFor()

    await button(page, 'Disconnect Stripe').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Keystone Storage').waitFor()
    await dialog.getByText('0 bank debits processing').waitFor()
    await dialog.getByText(/Disputes are not kept here yet/).waitFor()
    await expectAccessible(page, 'what disconnecting touches')
    await picture(page, 'draining-5-disconnect-375')
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!)
    await dialog.getByLabel('Type disconnect to confirm').fill('disconnect')
    await dialog.getByRole('button', { name: 'Disconnect Stripe' }).click()
    await page.getByText('Not connected').first().waitFor()
    expect([...phone.troubles, ...watched.troubles]).toEqual([])
    expect([...phone.strangers, ...watched.strangers]).toEqual([])
    await page.context().close()
  })
})
