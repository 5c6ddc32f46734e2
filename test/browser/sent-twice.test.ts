/**
 * A form whose answer was lost, in real Chromium: pressed again it has acted once; changed meanwhile it says so, and what is sent after that
 * is another one (UI-36).
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, type Watched } from './chromium.ts'
import { openConsole, visit } from './demo-steps.ts'
import { button, heading } from './steps.ts'

describe.skipIf(isSkipped)('forms sent twice', () => {
  let product: Product
  let browser: Browser
  let watched: Watched

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin])
    await openConsole(product, watched)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** The next renter is added, and nobody hears of it. */
  const loseNextAnswer = (page: Page) =>
    page.route(
      /\/renters\?/,
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
  const nameField = (page: Page) => page.getByRole('textbox', { name: /^Name/ })
  const addRenter = async (page: Page, name: string) => {
    await visit(product, page, 'renters/new')
    await nameField(page).fill(name)
    await loseNextAnswer(page)
    await button(page, 'Add renter').click()
    await page.getByText('Rentroll did not answer').waitFor()
  }
  const listed = async (page: Page, name: string) => {
    const answer = await page.evaluate(
      async (text) =>
        (await fetch(`/api/v1/w/harbour-desks/renters?mode=test&text=${encodeURIComponent(text)}`)).json(),
      name,
    )
    return answer.rows.length
  }

  test('UI-36: pressed again after its answer was lost, there is one renter', async () => {
    const { page } = watched
    await addRenter(page, 'Robin Lost')
    expect(await listed(page, 'Robin Lost')).toBe(1)

    await button(page, 'Add renter').click()

    await heading(page, 'Robin Lost')
    expect(await listed(page, 'Robin Lost')).toBe(1)
  })

  test('UI-36: changed after its answer was lost, it says that the first was accepted; sent again it is another', async () => {
    const { page } = watched
    await addRenter(page, 'Alex Lost')
    await nameField(page).fill('Alexis Found')

    await button(page, 'Add renter').click()

    await page.getByText('This was sent before with other values').waitFor()
    await expectAccessible(page, 'sent before')
    expect([await listed(page, 'Alex Lost'), await listed(page, 'Alexis Found')]).toEqual([1, 0])
    await button(page, 'Add renter').click()
    await heading(page, 'Alexis Found')
    expect([await listed(page, 'Alex Lost'), await listed(page, 'Alexis Found')]).toEqual([1, 1])
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
