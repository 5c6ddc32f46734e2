/**
 * Payouts in real Chromium, on the running product. Settings: the schedule Stripe reports, changed by a suggestion and by hand, manual only
 * with a tick, wrong days told at their field, and always what Stripe says afterwards (UI-147, UI-148). Bank: the list, empty and filled, and
 * a payout that failed, explained and sent again by one button (UI-99, UI-176, STR-107).
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('payouts through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let settings: () => Promise<any>

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    settings = async () => {
      const reply = await fetch(`${product.sandbox.url}/v1/balance_settings`, {
        headers: { Authorization: `Bearer ${keys.secret}` },
      })
      return ((await reply.json()) as any).payments
    }
    const { page } = watched
    await page.goto(product.origin)
    await button(page, 'Sign in to the demo operator').click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    await page.goto(`${product.origin}/w/harbour-desks/settings/payouts?mode=test`)
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('UI-147: without Stripe it says so; with it the schedule is Stripe’s, and a suggestion is one press away', async () => {
    const { page } = watched
    await page.getByText('Stripe is not connected').waitFor()
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    await page.evaluate(
      async ({ publishableKey, secretKey }) => {
        const send = (method: string, path: string, body: object) =>
          fetch(`/api/v1/w/harbour-desks/connections/stripe${path}?mode=test`, {
            method,
            body: JSON.stringify(body),
            headers: { 'Content-Type': 'application/json' },
          })
        await send('PUT', '', { publishableKey, secretKey })
        await send('POST', '/endpoint', { isFresh: false })
      },
      { publishableKey: keys.publishable, secretKey: keys.secret },
    )
    await page.reload()
    await page.getByText('Daily, Monday to Friday').waitFor()
    await expectAccessible(page, 'payouts')
    await picture(page, '43-payouts')
    await page.getByRole('link', { name: 'Payouts', exact: true }).click()
    await page.getByText('No payouts yet.').waitFor()
    await page.getByText(/^Stripe pays out daily, Monday to Friday; next expected \d+ \w+ 20\d\d\.$/).waitFor()
    await expectAccessible(page, 'no payouts')
    await page.goBack()
    await page.getByText('Daily, Monday to Friday').waitFor()
    await button(page, 'Use this').click()
    await button(page, 'Save schedule').click()
    // Until the suggestion has gone: what stands below it moves up then, away from under the next press.
    await page.getByText('Weekly, on Friday', { exact: true }).waitFor()
    await page.getByText(/^Suggested:/).waitFor({ state: 'detached' })
    expect((await settings()).payouts.schedule).toMatchObject({ interval: 'weekly', weekly_payout_days: ['friday'] })
  })

  test('MON-24: wrong dates are told at their field, and manual payouts ask for a tick', async () => {
    const { page } = watched
    await button(page, 'Change schedule').click()
    await page.getByRole('radio', { name: 'Monthly' }).check()
    await page.getByLabel('Days of the month').fill('1, 32')
    await button(page, 'Save schedule').click()
    await page.getByText('Choose days between 1 and 31.').first().waitFor()
    await expectAccessible(page, 'payouts, wrong dates')
    await page.getByLabel('Days of the month').fill('1, 31')
    await button(page, 'Save schedule').click()
    await page.getByText('Monthly, on day 1 and 31').waitFor()
    await button(page, 'Change schedule').click()
    await page.getByRole('radio', { name: 'Manual' }).check()
    await button(page, 'Save schedule').click()
    await page.getByText('Tick this if you want manual payouts.').first().waitFor()
    await page.getByRole('checkbox', { name: 'I want manual payouts' }).check()
    await button(page, 'Save schedule').click()
    await page.getByText('Only when you make one').waitFor()
    expect((await settings()).payouts.schedule.interval).toBe('manual')
  })

  test('UI-99 UI-176 STR-107: the list, and a payout that failed: its cause, its story, and its money sent again', async () => {
    const { page } = watched
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    const control = async (path: string, body: object) => {
      const { ok } = await fetch(`${product.sandbox.url}/_sandbox${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      expect(ok).toBe(true)
    }
    await control('/funds', { account: keys.accountId, mode: 'test', currency: 'aud', amountMinor: 500_000 })
    const ids: string[] = []
    for (const amount of ['120000', '34567']) {
      const reply = await fetch(`${product.sandbox.url}/v1/payouts`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${keys.secret}` },
        body: new URLSearchParams({ amount, currency: 'aud' }),
      })
      ids.push(((await reply.json()) as { id: string }).id)
    }
    await control(`/payouts/${ids[1]}/fail`, { code: 'could_not_process' })
    // A list that is open keeps what comes later behind a button, so both are there before it is opened.
    const list = async () =>
      (await page.request.get(`${product.origin}/api/v1/w/harbour-desks/payouts?mode=test`)).text()
    await eventually(list, (text) => text.includes('"120000"') && text.includes('"failed"'))

    await page.goto(`${product.origin}/w/harbour-desks/bank/payouts?mode=test`)
    await page.getByRole('row').filter({ hasText: '1,200.00' }).waitFor()
    await page.getByRole('row').filter({ hasText: '345.67' }).getByText('Failed').waitFor()
    await expectAccessible(page, 'payouts list')
    await picture(page, '44-payout-list')
    await page.getByLabel('Status').selectOption('paid')
    await page.getByText(/match/).first().waitFor()
    await page.getByLabel('Status').selectOption('failed')
    const row = page.getByRole('row').filter({ hasText: '345.67' })
    await row.getByRole('link').click()
    await page.getByRole('heading', { name: 'Scheduled payout failed' }).waitFor()
    await page.getByText('Your bank turned the payout away: it could not process it.', { exact: true }).waitFor()
    await page.getByText(ids[1]!).waitFor()
    await expectAccessible(page, 'failed payout')
    await picture(page, '45-payout-failed')
    await page.setViewportSize({ width: 375, height: 800 })
    await expectAccessible(page, 'failed payout, narrow')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    await picture(page, '45-payout-failed-narrow')
    await page.setViewportSize({ width: 1280, height: 900 })
    await button(page, 'Retry payout').click()
    await page.getByText('Sent again', { exact: true }).first().waitFor()
    await page.getByRole('link', { name: /^Sent again as/ }).waitFor()
    expect([...watched.troubles, ...watched.strangers]).toEqual([])
  })
})
