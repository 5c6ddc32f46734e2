/**
 * Asked again before anything secret, over the screen one is on (UI-6): a wrong password, Cancel, and the right one, after which what was typed
 * goes on by itself; then the audit log of it (UI-108), and Stripe's form by a mailed code (UI-145).
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { mailsTo } from '../stories/walk.ts'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Confirm that it is you' })

describe.skipIf(isSkipped)('proving again through the screens', () => {
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
    await heading(page, 'Dashboard')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('UI-6: wrong, cancelled, then right: the typed keys are saved without being typed again', async () => {
    const { page } = watched
    const { publishable, secret } = product.sandbox.keys.find(
      ({ account, mode }) => account === 'Harbour Desks' && mode === 'test',
    )!
    await page.goto(`${product.origin}/w/harbour-desks/admin/integrations?mode=test`)
    await page.getByLabel('Publishable Key').fill(publishable)
    await page.getByLabel('Secret Key', { exact: true }).fill(secret)
    product.clock.advance(5 * 60_000)
    await button(page, 'Save Credentials').click()
    await dialog(page).getByText('This is the demo operator.').waitFor()
    await expectAccessible(page, 'the dialog')
    await picture(page, '50-step-up')
    await dialog(page).getByLabel('Password', { exact: true }).fill('not this one')
    await page.keyboard.press('Enter')
    await dialog(page).getByText('This is not your password').waitFor()
    await expectAccessible(page, 'the dialog, wrong password')

    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'hidden' })
    await page.getByText('Nothing was changed').waitFor()
    expect(await page.getByLabel('Secret Key', { exact: true }).inputValue()).toBe(secret)

    await button(page, 'Save Credentials').click()
    await button(page, 'Fill in the demo password').click()
    await dialog(page).getByLabel('Password', { exact: true }).press('Enter')
    await page.getByText('Connected', { exact: true }).first().waitFor()
    expect(await dialog(page).isVisible()).toBe(false)
  })

  test('UI-108: the audit log says who did it, shows dots, and its chain is whole', async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'Audit log' }).click()
    await heading(page, 'Audit log')
    await page.getByText('Connection: keys saved').waitFor()
    await page.getByText(/^Chain verified: \d+ entr(y|ies)$/).waitFor()
    expect(await page.getByRole('main').innerText()).not.toMatch(/sk_test|whsec/)
    await expectAccessible(page, 'audit log')
    await picture(page, '51-audit')
    await page.setViewportSize({ width: 375, height: 900 })
    await expectAccessible(page, 'audit log at 375 px')
    await picture(page, '52-audit-375')
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByLabel('What kind').selectOption('person')
    await page.getByText('Connection: keys saved').waitFor({ state: 'hidden' })
    await page.getByText('Session: proven again').first().waitFor()
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })

  test('UI-145: a visitor at 375 px gets on with a code from the owner’s mail', async () => {
    const api = (path: string, body: object) =>
      watched.page.evaluate(
        async ([address, sent]) =>
          (
            await fetch(address!, { method: 'POST', body: sent!, headers: { 'Content-Type': 'application/json' } })
          ).json(),
        [`/api/v1/w/harbour-desks/connect/${path}?mode=test`, JSON.stringify(body)],
      )
    await api('account', { country: 'AU', businessType: 'company' })
    const { url } = await api('resume-links', {})
    const phone = await openPage(browser, [product.origin, product.sandbox.url], 375)
    await phone.page.goto(url)
    await heading(phone.page, 'Go on with Stripe')
    expect(await phone.page.getByText('Harbour Desks').count()).toBe(0)
    await button(phone.page, 'Mail a code to the owners').click()
    await phone.page.getByLabel('Code').fill('000000')
    await button(phone.page, 'Go on').click()
    await phone.page.getByText('This code does not work').waitFor()
    await expectAccessible(phone.page, 'resume page, wrong code')
    await picture(phone.page, '53-resume-code-375')
    const [mail] = await mailsTo(product, 'owner@harbour-desks.example')
    await phone.page.getByLabel('Code').fill(mail!.subject.slice(0, 6))
    await button(phone.page, 'Go on').click()
    await phone.page.getByText('Harbour Desks').waitFor()
    await expectAccessible(phone.page, 'resume page, let on')
    await button(phone.page, 'Go to Stripe').click()
    await phone.page.getByTestId('sandbox-onboarding-submit').waitFor()
    expect(phone.troubles).toEqual([])
    await phone.page.context().close()
  })
})
