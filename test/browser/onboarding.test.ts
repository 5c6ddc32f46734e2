/**
 * From the sign-up to the first paid invoice through the eight first steps, by a person who has nothing yet: each step by the keyboard or
 * a click, left and taken up again, pressed twice, at 375 px and in the dark. Payments are made with the sandbox's keys.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startProduct, type Product } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const slug = 'north-desks'
const email = 'ada@north-desks.example'
const password = 'forty-two green teapots'
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

async function confirmationLink(product: Product): Promise<string> {
  const link = await eventually(
    async () => {
      const answer = await fetch(`${product.sandbox.url}/_sandbox/mail?to=${email}`, {
        headers: { Accept: 'application/json' },
      })
      const { messages } = (await answer.json()) as { messages: { links: string[] }[] }
      return messages.flatMap(({ links }) => links).find((one) => one.includes('/verify-email'))
    },
    (found) => found !== undefined,
  )
  return link!
}

async function signUp(product: Product, page: Page): Promise<void> {
  await page.goto(`${product.origin}/sign-up`)
  await page.getByLabel('Full name').fill('Ada Quill')
  await page.getByLabel('Work e-mail').fill(email)
  await page.getByLabel('Workspace address').fill(slug)
  await button(page, 'Sign up').click()
  await heading(page, 'Look in your mail')
  await page.goto(await confirmationLink(product))
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByLabel('Country').selectOption('AU')
  await page.getByLabel('Currency').selectOption('AUD')
  await page.getByLabel('Time zone').selectOption('Australia/Sydney')
  await button(page, 'Confirm and open the workspace').click()
}

/** Every step at both widths and in both schemes is read by eye in pictures, and by axe as it stands. */
async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page, name)
  await picture(page, `onboarding-${name}`)
}

async function payWithCard(page: Page): Promise<void> {
  await page.getByTestId('sandbox-card-number').fill('4242 4242 4242 4242')
  await page.getByTestId('sandbox-card-expiry').fill('12 / 34')
  await page.getByTestId('sandbox-card-cvc').fill('123')
  await page.getByTestId('sandbox-card-name').fill('Ben Lake')
  if (await page.getByTestId('sandbox-email').count()) await page.getByTestId('sandbox-email').fill('ben@rent.example')
  await page.getByTestId('sandbox-pay').click()
}

async function checkOut(page: Page): Promise<void> {
  await heading(page, 'Check out a space')
  await page.getByText('OFF-A-01').first().click()
  await button(page, 'Continue').click()
  await button(page, 'New renter').click()
  await page.getByRole('textbox', { name: /^Name/ }).fill('Ben Lake')
  await page.getByRole('textbox', { name: /E-mail/ }).fill('ben@rent.example')
  await button(page, 'Add renter').click()
  await button(page, 'Continue').click()
  await page.getByLabel('Start date').waitFor()
  await button(page, 'Continue').click()
  await button(page, 'Continue').click()
  await button(page, 'Add card').click()
  await page.getByTestId('sandbox-card-number').waitFor()
  await payWithCard(page)
  await page.getByRole('textbox', { name: /Full name of the renter/ }).waitFor()
  await page.getByText('Payment method required').waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: /Full name of the renter/ }).fill('Ben Lake')
  await button(page, 'Continue').click()
  await button(page, /^Check out .* and charge/).click()
  await heading(page, /INV-/)
}

describe.skipIf(isSkipped)('from the sign-up to the first paid invoice', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let origins: readonly string[]
  beforeAll(async () => {
    product = await startProduct('pglite')
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
    await signUp(product, page)
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
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    await page.getByLabel('Publishable Key').fill(keys.publishable)
    await page.getByLabel('Secret Key').fill(keys.secret)
    await button(page, 'Save Credentials').click()
    await page.getByText('Connected', { exact: true }).first().waitFor()
    await button(page, 'Create it for me').click()
    await button(page, 'Create endpoint').click()
    await page
      .getByText(/Waiting for first event|First event verified/)
      .first()
      .waitFor()
    await look(page, '7-connected')
    await button(page, 'Continue').click()
    await heading(page, 'Booking page and staff')
    await look(page, '8-last')
  })

  test('UI-140 L9 BIL-28: one click away is the check-out; its invoice ends with the month and is paid', async () => {
    const { page } = watched
    await button(page, 'Check out a space').click()
    await checkOut(page)
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
