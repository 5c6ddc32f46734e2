/**
 * Stripe Connect on the screens (screens §5.2): from step 7 of the first steps to the sandbox's hosted form, away from it half-way, back by
 * the link in another browser, and home to "Connected". Coming back proves nothing: the screen shows what the server read.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { button, fillStripesForm, heading } from './steps.ts'

async function signInToDemo(product: Product, page: Page, place = ''): Promise<void> {
  await page.goto(`${product.origin}${place}`)
  await button(page, 'Sign in to the demo operator').click()
}

describe.skipIf(isSkipped)('Stripe Connect on the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let origins: readonly string[]
  let link = ''
  beforeAll(async () => {
    product = await startProduct(usualDatabase(), { isPlatform: true })
    browser = await openBrowser()
    origins = [product.origin, product.sandbox.url]
    watched = await openPage(browser, origins)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('UI-141 UI-142: country and currency are asked with a warning; a failure keeps the choice; pressed twice there is one account, and Stripe’s form opens', async () => {
    const { page } = watched
    await signInToDemo(product, page)
    await heading(page, 'Dashboard')
    await page.goto(`${product.origin}/w/harbour-desks/onboarding/7?mode=test`)
    await heading(page, 'Payments')
    await page.getByText('Not connected').first().waitFor()
    await expectAccessible(page, 'step 7, nothing chosen')
    await picture(page, 'connect-1-choice')
    await button(page, 'Connect Stripe').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('You cannot change the country later.').waitFor()
    expect(await dialog.getByLabel('Country of the business').inputValue()).toBe('AU')
    const [country, currency] = [dialog.getByLabel('Country of the business'), dialog.getByLabel('Currency')]
    expect(await currency.inputValue()).toBe('AUD')
    await expectAccessible(page, 'country and currency')
    await picture(page, 'connect-2-country')
    await country.selectOption('GB')
    await dialog.getByText('You bill in AUD. Stripe converts it to GBP, for a fee.').waitFor()
    expect(await currency.locator('option').allTextContents()).toEqual(['Choose…', 'GBP · British Pound', 'EUR · Euro'])
    await currency.selectOption('EUR')
    await fetch(`${product.sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({
        where: 'api',
        match: { method: 'POST', path: '/v1/accounts$' },
        effect: { kind: 'status_before', status: 403 },
        times: 1,
      }),
    })
    await button(page, 'Continue to Stripe').click()
    await dialog.getByText('Connect has to be switched on there.').waitFor()
    expect([await country.inputValue(), await currency.inputValue()]).toEqual(['GB', 'EUR'])
    await picture(page, 'connect-2-refused')
    await button(page, 'Continue to Stripe').dblclick()
    await page.getByTestId('sandbox-onboarding-save').waitFor()
    const made = await page.request.get(`${product.origin}/api/v1/w/harbour-desks/connect?mode=test`)
    expect(await made.json()).toMatchObject({ account: { country: 'GB', currency: 'EUR' } })
    await page.goto(`${product.origin}/w/harbour-desks/onboarding/7?mode=test`)
    await heading(page, 'Payments')
    await page.getByText('Onboarding unfinished').first().waitFor()
    await page.getByText('What Stripe asks for').waitFor()
    await expectAccessible(page, 'step 7, onboarding unfinished')
    await picture(page, 'connect-3-unfinished')
  })

  test('UI-141 UI-143: left half-way one comes back to what Stripe still asks for, whatever the address says', async () => {
    const { page } = watched
    await button(page, 'Resume onboarding').click()
    await page.getByTestId('sandbox-onboarding-save').click()
    await page.waitForURL(/\/v2\/preview\/onboarding\?.*operator=harbour-desks/)
    await heading(page, 'Payments')
    await page.getByText('Onboarding unfinished').first().waitFor()
    await page.goto(`${product.origin}/w/harbour-desks/renters?mode=test`)
    await page.getByRole('link', { name: 'Open Payments' }).click()
    await heading(page, 'Payments')
    await button(page, 'Make a link valid 7 days').click()
    await page.getByText('1 link works').waitFor()
    link = await page.locator('.rr-mono', { hasText: '/connect/resume/' }).innerText()
    await expectAccessible(page, 'Settings → Payments')
    await picture(page, 'connect-4-settings')
  })

  test('UI-145: the link asks to sign in, then leads on; at 375 px and in the dark', async () => {
    const phone = await openPage(browser, origins, 375)
    await phone.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await phone.page.goto(link)
    await heading(phone.page, 'Go on with Stripe')
    await expectAccessible(phone.page, 'resume page')
    await picture(phone.page, 'connect-5-resume-375')
    await phone.page.getByRole('link', { name: 'Sign in' }).click()
    await button(phone.page, 'Sign in to the demo operator').waitFor()
    await signInToDemo(product, phone.page, '/sign-in')
    await heading(phone.page, 'Dashboard')
    await phone.page.goto(link)
    await button(phone.page, 'Go to Stripe').click()
    await fillStripesForm(phone.page)
    await phone.page.waitForURL(/\/v2\/preview\/onboarding\?.*operator=harbour-desks/)
    await phone.page.getByText('Payments and payouts work.').first().waitFor()
    await expectAccessible(phone.page, 'step 7, connected')
    await picture(phone.page, 'connect-6-connected-375')
    expect(phone.troubles).toEqual([])
    await phone.page.context().close()
  })

  test('UI-143 UI-145: the first browser shows it without a reload; a revoked link leads nowhere', async () => {
    const { page } = watched
    await page.getByText('Payments and payouts work.').first().waitFor()
    await page.getByRole('link', { name: 'Open Stripe' }).waitFor()
    await picture(page, 'connect-7-connected')
    await page.evaluate(
      (address) => fetch(address, { method: 'POST' }),
      '/api/v1/w/harbour-desks/connect/resume-links/revoke?mode=test',
    )
    await page.goto(link)
    await heading(page, 'Not found')
    await page.goto(`${product.origin}/v2/preview/onboarding?step=7&c=con_00000000000000000000000000`)
    await heading(page, 'Not found')
    expect(watched.troubles).toEqual([])
    expect(watched.strangers).toEqual([])
  })
})
