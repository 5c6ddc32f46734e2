/** What a person does in the demo operator on the way to a payment, one step at a time; each screen on the way is asked for accessibility. */
import type { Page } from 'playwright-core'
import type { Product } from '#test/product'
import { expectAccessible, picture, type Watched } from './chromium.ts'
import { button } from './steps.ts'

export async function openConsole(product: Product, { page }: Watched): Promise<void> {
  await page.goto(product.origin)
  await button(page, 'Sign in to the demo operator').click()
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
}

export async function visit(product: Product, page: Page, place: string): Promise<void> {
  await page.goto(`${product.origin}/w/harbour-desks/${place}?mode=test`)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

export async function pasteKeys(product: Product, page: Page): Promise<void> {
  const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
  await visit(product, page, 'admin/integrations')
  await page.getByLabel('Publishable Key').fill(keys.publishable)
  await page.getByLabel('Secret Key').fill(keys.secret)
  await button(page, 'Save Credentials').click()
  await page.getByText('Connected', { exact: true }).first().waitFor()
}

export async function furnish(product: Product, page: Page): Promise<void> {
  await visit(product, page, 'settings/agreements')
  await page.getByLabel('Title').fill('Rental agreement')
  await page.getByLabel('Text', { exact: true }).fill('You rent {{space.number}} for {{rent}}.')
  await button(page, 'Publish this version').click()
  await page.getByText('Version 1').first().waitFor()
  await visit(product, page, 'settings/categories')
  await page.getByLabel('Name').fill('Office')
  await page.getByLabel('Code').fill('OFF')
  await page.getByLabel('Price per month').fill('400.00')
  await page.getByLabel('Deposit').fill('200.00')
  await button(page, 'Add category').click()
  await page.getByText('$400.00 per month').waitFor()
}

export async function addSpace(product: Product, page: Page, number: string): Promise<void> {
  await visit(product, page, 'spaces/new')
  await page.getByRole('textbox', { name: 'Number' }).fill(number)
  await button(page, 'Add space').click()
  await page.getByText(number).first().waitFor()
}

/** The wizard up to the terms, with a new renter. */
export async function checkOutToTerms(
  product: Product,
  page: Page,
  about: { space: string; renter: string },
): Promise<void> {
  await visit(product, page, 'check-out')
  await page.getByText(about.space).first().click()
  await button(page, 'Continue').click()
  await button(page, 'New renter').click()
  await page.getByRole('textbox', { name: /^Name/ }).fill(about.renter)
  await page
    .getByRole('textbox', { name: /E-mail/ })
    .fill(`${about.renter.toLowerCase().replace(' ', '.')}@rent.example`)
  await button(page, 'Add renter').click()
  await button(page, 'Continue').click()
  await page.getByLabel('Start date').waitFor()
}

/** The wizard up to the step where a card is needed, then the hosted page with this card. */
export async function checkOut(
  product: Product,
  page: Page,
  about: { space: string; renter: string; card: string },
): Promise<void> {
  await checkOutToTerms(product, page, about)
  await button(page, 'Continue').click()
  await page.getByText('Held for the renter').waitFor()
  await button(page, 'Continue').click()
  await page.getByText('Payment method required').waitFor()
  await expectAccessible(page, 'check-out, payment step')
  await picture(page, '05-check-out-needs-a-card')
  await button(page, 'Add card').click()
  await payOnHostedPage(page, about.card)
  await page.getByRole('textbox', { name: /Full name of the renter/ }).waitFor()
}

export async function payOnHostedPage(page: Page, card: string): Promise<void> {
  await page.getByTestId('sandbox-card-number').waitFor()
  await expectAccessible(page, 'hosted page')
  await picture(page, '06-hosted-page')
  await page.getByTestId('sandbox-card-number').fill(card)
  await page.getByTestId('sandbox-card-expiry').fill('12 / 34')
  await page.getByTestId('sandbox-card-cvc').fill('123')
  await page.getByTestId('sandbox-card-name').fill('Test Payer')
  if (await page.getByTestId('sandbox-email').count())
    await page.getByTestId('sandbox-email').fill('payer@rent.example')
  await page.getByTestId('sandbox-pay').click()
  const challenge = page.getByTestId('sandbox-3ds-complete')
  await Promise.race([challenge.waitFor(), page.waitForURL(/\/w\/harbour-desks\//)])
  if (await challenge.isVisible().catch(() => false)) await challenge.click()
  await page.waitForURL(/\/w\/harbour-desks\//)
}

export async function acceptAndConfirm(page: Page, renter: string): Promise<void> {
  await page.getByText('Payment method required').waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: /Full name of the renter/ }).fill(renter)
  await button(page, 'Continue').click()
  await button(page, /^Check out .* and charge/).waitFor()
  await picture(page, '07-review')
  await expectAccessible(page, 'check-out, review')
  await button(page, /^Check out .* and charge/).click()
  await page.getByRole('heading', { level: 1, name: /INV-/ }).waitFor()
}
