/** What a person does on the way to the first paid invoice, one step at a time, for the stories that go it. */
import type { Page } from 'playwright-core'
import { eventually, type Product } from '#test/product'

export const password = 'forty-two green teapots'

export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

export type Newcomer = { readonly name: string; readonly email: string; readonly slug: string }

/** From the form to the first of the first steps; the link comes by mail. */
export async function signUp(product: Product, page: Page, { name, email, slug }: Newcomer): Promise<void> {
  await page.goto(`${product.origin}/sign-up`)
  await page.getByLabel('Full name').fill(name)
  await page.getByLabel('Work e-mail').fill(email)
  await page.getByLabel('Workspace address').fill(slug)
  await button(page, 'Sign up').click()
  await heading(page, 'Look in your mail')
  await page.goto(await confirmationLink(product, email))
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByLabel('Country').selectOption('AU')
  await page.getByLabel('Currency').selectOption('AUD')
  await page.getByLabel('Time zone').selectOption('Australia/Sydney')
  await button(page, 'Confirm and open the workspace').click()
}

async function confirmationLink(product: Product, email: string): Promise<string> {
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

type Payer = { readonly name: string; readonly email: string }

export async function payWithCard(page: Page, { name, email }: Payer): Promise<void> {
  await page.getByTestId('sandbox-card-number').fill('4242 4242 4242 4242')
  await page.getByTestId('sandbox-card-expiry').fill('12 / 34')
  await page.getByTestId('sandbox-card-cvc').fill('123')
  await page.getByTestId('sandbox-card-name').fill(name)
  if (await page.getByTestId('sandbox-email').count()) await page.getByTestId('sandbox-email').fill(email)
  await page.getByTestId('sandbox-pay').click()
}

/** The whole wizard with a new renter, whose card is saved on the hosted page; ends at the invoice. */
export async function checkOut(page: Page, { space, renter }: { space: string; renter: Payer }): Promise<void> {
  await heading(page, 'Check out a space')
  await page.getByText(space).first().click()
  await button(page, 'Continue').click()
  await button(page, 'New renter').click()
  await page.getByRole('textbox', { name: /^Name/ }).fill(renter.name)
  await page.getByRole('textbox', { name: /E-mail/ }).fill(renter.email)
  await button(page, 'Add renter').click()
  await button(page, 'Continue').click()
  await page.getByLabel('Start date').waitFor()
  await button(page, 'Continue').click()
  await button(page, 'Continue').click()
  await button(page, 'Add card').click()
  await page.getByTestId('sandbox-card-number').waitFor()
  await payWithCard(page, renter)
  await page.getByRole('textbox', { name: /Full name of the renter/ }).waitFor()
  await page.getByText('Payment method required').waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: /Full name of the renter/ }).fill(renter.name)
  await button(page, 'Continue').click()
  await button(page, /^Check out .* and charge/).click()
  await heading(page, /INV-/)
}

/** The keys of the sandbox's first account, and the webhook by one click. */
export async function pasteKeys(product: Product, page: Page): Promise<void> {
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
}

/** All pages of Stripe's form with its own test values, up to the way back. */
export async function fillStripesForm(page: Page): Promise<void> {
  const fill = page.getByTestId('sandbox-onboarding-fill')
  const submit = page.getByTestId('sandbox-onboarding-submit')
  await submit.waitFor()
  for (let pages = 0; pages < 4 && new URL(page.url()).pathname.startsWith('/connect/setup'); pages += 1) {
    if ((await fill.count()) > 0) await fill.click()
    await submit.waitFor()
    await submit.click()
    await page.waitForLoadState('load')
  }
}
