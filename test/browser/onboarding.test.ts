/**
 * From the sign-up to the first paid invoice through the eight first steps, by a person who has nothing yet: each step by the keyboard or
 * a click, left and taken up again, pressed twice, at 375 px and in the dark. Payments are made with the sandbox's keys.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { button, checkOut, heading, password, pasteKeys, signUp } from './steps.ts'

const slug = 'north-desks'
const email = 'ada@north-desks.example'
const ben = { name: 'Ben Lake', email: 'ben@rent.example' }
/** Every step at both widths and in both schemes is read by eye in pictures, and by axe as it stands. */
async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page, name)
  await picture(page, `onboarding-${name}`)
}

describe.skipIf(isSkipped)('from the sign-up to the first paid invoice', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let origins: readonly string[]
  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    origins = [product.origin, product.sandbox.url]
    watched = await openPage(browser, origins)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })
  const goTo = (page: Page, place: string) => page.goto(`${product.origin}/w/${slug}${place}`)

  test('UI-140: after the sign-up one stands at step 1; business and place are the forms of Company, sent by Enter', async () => {
    const { page } = watched
    await signUp(product, page, { name: 'Ada Quill', email, slug })
    await heading(page, 'Business')
    await look(page, '1-business')
    await page.getByLabel('Contact e-mail').fill('desk@north-desks.example')
    await page.keyboard.press('Enter')
    await heading(page, 'Location and time zone')
    await picture(page, 'onboarding-2-place')
    await page.goBack()
    await heading(page, 'Business')
    expect(await page.getByLabel('Contact e-mail').inputValue()).toBe('desk@north-desks.example')
    await page.goForward()
    await heading(page, 'Location and time zone')
    await button(page, 'Save and continue').click()
    await heading(page, 'Categories and prices')
  })

  test('UI-140: what was begun here goes on at another device after signing in, on a phone and in the dark', async () => {
    const phone = await openPage(browser, origins, 375)
    await phone.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await phone.page.goto(`${product.origin}/sign-in`)
    await phone.page.getByLabel('E-mail').fill(email)
    await phone.page.getByRole('textbox', { name: 'Password' }).fill(password)
    await phone.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await heading(phone.page, 'Dashboard')
    await phone.page.getByText('2 of 8 done').waitFor()
    await look(phone.page, 'checklist-375')
    await phone.page.getByRole('link', { name: 'Continue with step 3' }).click()
    await heading(phone.page, 'Categories and prices')
    await look(phone.page, '3-categories-375')
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(375)
    expect(phone.troubles).toEqual([])
    await phone.page.context().close()
  })

  test('UI-140 BIL-28: a preset fills in a category with values to write over; two clicks make one, of spaces too', async () => {
    const { page } = watched
    await picture(page, 'onboarding-3-categories')
    expect(await page.getByLabel('Code').inputValue()).toBe('OFF')
    await page.getByLabel('Price per month').fill('420')
    await button(page, 'Add category').dblclick()
    await page.getByText('$420.00 per month').waitFor()
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[id$="-code"]')?.value === 'DESK')
    await page.reload()
    await page.getByText('$420.00 per month').waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await button(page, 'Continue').click()
    await heading(page, 'Spaces')
    await picture(page, 'onboarding-4-spaces')
    await button(page, 'Add space').dblclick()
    await page.getByText('1 space so far.').waitFor()
    await button(page, 'Continue').click()
    await heading(page, 'Billing and tax')
  })

  test('BIL-28 UI-140: the preset proposes the first of the month; the agreement begins with a text', async () => {
    const { page } = watched
    expect(await page.getByRole('textbox', { name: 'Day of the month' }).inputValue()).toBe('1')
    await page.getByText('Add a rate', { exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('GST')
    await page.getByLabel('Percent').fill('10')
    await button(page, 'Add rate').click()
    await page.getByText('10 %').waitFor()
    await look(page, '5-billing')
    await button(page, 'Save and continue').click()
    await heading(page, 'Agreement')
    await picture(page, 'onboarding-6-agreement')
    await button(page, 'Publish this version').dblclick()
    await heading(page, 'Payments')
    const { versions } = await page.evaluate(
      async (address) => (await fetch(address)).json(),
      `/api/v1/w/${slug}/agreements`,
    )
    expect(versions).toHaveLength(1)
  })

  test('UI-140 UI-141: payments left for later keep a banner; the keys then connect and the webhook is made', async () => {
    const { page } = watched
    expect(new URL(page.url()).pathname).toBe('/v2/preview/onboarding')
    await look(page, '7-payments')
    await button(page, 'Do this later').click()
    await heading(page, 'Booking page and staff')
    await goTo(page, '/renters')
    await page.getByText('Payments are not set up').waitFor()
    await picture(page, 'onboarding-banner')
    await page.getByRole('link', { name: 'Set up payments' }).click()
    await button(page, 'I have Stripe keys').click()
    await pasteKeys(product, page)
    await look(page, '7-connected')
    await button(page, 'Continue').click()
    await heading(page, 'Booking page and staff')
    await look(page, '8-last')
  })

  test('UI-140 L9 BIL-28: one click away is the check-out; its invoice ends with the month and is paid', async () => {
    const { page } = watched
    await button(page, 'Check out a space').click()
    await checkOut(page, { space: 'OFF-A-01', renter: ben })
    await page.getByText('Paid', { exact: true }).first().waitFor()
    await picture(page, 'onboarding-paid')
    await goTo(page, '')
    await heading(page, 'Dashboard')
    await page.getByText('Collected this month').waitFor()
    expect(await page.getByText('First steps').count()).toBe(0)
    expect(watched.troubles).toEqual([])
    expect(watched.strangers).toEqual([])
  })
})
