/** Billing → Refunds in real Chromium (UI-94): empty, then one that failed, is sent again, and one that waits and is cancelled. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, requestKey, startProduct, type Product, usualDatabase } from '#test/product'
import { control, openLane, provoke, renterWithCard, type Lane } from '../stories/faulty.ts'
import { checkOut, labelled } from '../stories/walk.ts'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import { button, heading } from './steps.ts'

describe.skipIf(isSkipped)('refunds on the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let lane: Lane
  let invoice: any
  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    lane = await openLane(product, 'Refund Desks')
    const { invoiceId } = await checkOut(lane.session, await renterWithCard(lane))
    invoice = await labelled(lane.session, invoiceId, 'Paid')
    const { page } = watched
    await page.goto(`${product.origin}/sign-in`)
    await page.getByLabel('E-mail').fill(`owner@${lane.session.slug}.example`)
    await page.getByRole('textbox', { name: 'Password' }).fill(lane.session.password)
    await button(page, 'Sign in').first().click()
    await heading(page, 'Dashboard')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  const request = (amount: string) => {
    const body = { requestKey: requestKey(), paymentId: invoice.payments[0].id, amount, reason: 'Too warm' }
    return lane.session.good('POST', `/invoices/${invoice.id}/refund`, body)
  }
  const newest = (state: string) =>
    eventually(
      () => lane.session.good('GET', '/refunds'),
      ({ rows }) => rows[0]?.state === state,
    )

  test('UI-94: nothing yet; one that failed says why, and Retry as new sends it once more', async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'Refunds', exact: true }).click()
    await page.getByText('No refunds').waitFor()
    await expectAccessible(page, 'no refunds')
    const effect = { kind: 'status_before', status: 403 }
    const end = await provoke(lane, [{ where: 'api', match: { method: 'POST', path: '/v1/refunds$' }, effect }])
    await request('30.00')
    await newest('failed')
    await end()
    await page.reload()
    const failed = page.getByRole('row').filter({ hasText: 'Failed' })
    await failed.getByText('The money is owed again.').waitFor()
    await failed.getByRole('button', { name: 'Retry as new' }).click()
    await page.getByText('the money is owed to').waitFor()
    await expectAccessible(page, 'refund once more')
    await button(page, 'Refund $30.00 again').dblclick()
    await newest('succeeded')
    await page.reload()
    await page.getByRole('row').filter({ hasText: 'Refunded' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(3)
    await expectAccessible(page, 'refunds')
  })

  test('UI-94 STR-109: one that waits names its day and is cancelled; the list is narrowed by state', async () => {
    const { page } = watched
    const trouble = { account: lane.account, mode: 'test', variant: 'pend' }
    await control(product, 'POST', '/troubles/refund_too_large', trouble)
    await request('20.00')
    await newest('waiting_funds')
    await page.reload()
    const waiting = page.getByRole('row').filter({ hasText: '20.00' })
    await waiting.getByText(/^Expected \d+ \w+ 20\d\d$/).waitFor()
    await waiting.getByRole('button', { name: 'Send now' }).waitFor()
    await expectAccessible(page, 'a refund that waits')
    await picture(page, 'refunds')
    await waiting.getByRole('button', { name: 'Cancel' }).click()
    await waiting.getByText('Cancelled').waitFor()
    await page.getByLabel('State').selectOption('waiting_funds')
    await page.getByText('No refunds match these filters.').waitFor()
    await button(page, 'Clear filters').click()
    await waiting.waitFor()
  })

  test('UI-25: on a phone in the dark the same stands on cards', async () => {
    const { page } = watched
    await page.setViewportSize({ width: 375, height: 900 })
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await page.getByRole('list', { name: 'Refunds' }).getByText('Cancelled').waitFor()
    await expectAccessible(page, 'refunds at 375 px')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    await picture(page, 'refunds-375')
    expect(watched.troubles).toEqual([])
    expect(watched.strangers).toEqual([])
  })
})
