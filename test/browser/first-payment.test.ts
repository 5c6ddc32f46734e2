/**
 * The five-minute walk through the screens, in real Chromium, on the running product: keys pasted, Connected, webhook created, space
 * checked out, card saved on the hosted page, Payment Pending, Paid without reload, partial refund, books balance. Along the way every
 * screen is asked for accessibility, script errors and requests to other origins.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'
import {
  acceptAndConfirm,
  addSpace,
  checkOut,
  furnish,
  openConsole,
  pasteKeys,
  payOnHostedPage,
  visit,
} from './demo-steps.ts'
import { button } from './steps.ts'

describe.skipIf(isSkipped)('the first payment through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('L5 L6: keys pasted, Connected, webhook created by one click', async () => {
    const { page } = watched
    await openConsole(product, watched)
    await expectAccessible(page, 'dashboard')
    await picture(page, '01-dashboard-first-steps')
    await pasteKeys(product, page)
    await page.getByText('Webhook missing').waitFor()
    await picture(page, '02-connected')
    await button(page, 'Create it for me').click()
    await picture(page, '03-create-webhook')
    await button(page, 'Create endpoint').click()
    await page.getByText('Waiting for first event').first().waitFor()
    await expectAccessible(page, 'integrations')
    await picture(page, '04-waiting-for-first-event')
  })

  test('L9 L28 UI-28: a space is checked out, the card saved on the hosted page, and the invoice turns Paid without reload', async () => {
    const { page } = watched
    await furnish(product, page)
    await addSpace(product, page, 'A-01')
    await checkOut(product, page, { space: 'A-01', renter: 'Ana Rivers', card: '4242 4242 4242 4242' })
    // The charge is answered slowly, so that a person can see it pending.
    const fault = {
      where: 'api',
      match: { method: 'POST', path: '/v1/payment_intents/pi_[^/]+/confirm$' },
      effect: { kind: 'delay', ms: 4000, when: 'before' },
      times: 1,
    }
    const armed = await fetch(`${product.sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fault),
    })
    expect(armed.status, await armed.text()).toBe(201)
    await acceptAndConfirm(page, 'Ana Rivers')
    await page.getByText('Payment Pending').first().waitFor()
    await picture(page, '08-payment-pending')
    const address = page.url()
    await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }))
    await page.getByText('Paid', { exact: true }).first().waitFor()
    expect(page.url()).toBe(address)
    expect(await page.evaluate(() => 'isTheSamePage' in globalThis)).toBe(true)
    await page.getByText(/INV-\d+ is paid/).waitFor({ state: 'attached' })
    await expectAccessible(page, 'paid invoice')
    await picture(page, '09-paid')
  })

  test('L2 UI-172 STR-109: larger than the balance, a partial refund says so before it is pressed, waits, and can be sent', async () => {
    const { page } = watched
    await button(page, /refund/i)
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: /Amount/ }).fill('100.00')
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('Desk was not ready')
    await dialog.getByText(/Available .*0\.00 of .*100\.00; .*100\.00 is missing\..*expected \d+ \w+ \d{4}/).waitFor()
    await expectAccessible(page, 'refund dialog')
    await picture(page, '10-refund')
    await dialog.getByRole('button', { name: /^Refund .*100\.00 when funds settle$/ }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText(/^Waiting for funds \(expected \d+ \w+ \d{4}\)$/).waitFor()
    await expectAccessible(page, 'a refund that waits')
    await picture(page, '11-refund-waits')
    const invoice = page.url()
    await page.setViewportSize({ width: 375, height: 800 })
    await visit(product, page, 'admin/diagnosis')
    await page.getByRole('heading', { name: 'Refund larger than available balance' }).waitFor()
    await expectAccessible(page, 'the check of refunds at 375')
    await picture(page, '44-refund-found-375')
    await button(page, 'Send automatically when funds arrive').click()
    await page.getByText(/goes out by itself, once, as soon as funds arrive/).waitFor()
    await page.goto(invoice)
    await page.getByText(/^Waiting for funds/).waitFor()
    await picture(page, '11-refund-waits-375')
    await page.setViewportSize({ width: 1280, height: 900 })
    await button(page, 'Send to Stripe now').click()
    const refunds = page.getByRole('region', { name: 'Refunds' })
    await refunds.getByText('Stripe holds this refund and sends it when funds settle.').waitFor()
    await picture(page, '11-refunded')
  })

  test('MON-14: the books balance on the screen', async () => {
    const { page } = watched
    await eventually(
      async () => {
        await visit(product, page, 'reports/books')
        await page.getByText('stripe_clearing').or(page.getByText('Stripe clearing')).first().waitFor()
        return page.locator('main').innerText()
      },
      (text) => /balance/i.test(text) && !/breach|do not hold|differ/i.test(text),
    )
    await expectAccessible(page, 'books')
    await picture(page, '12-books')
  })

  test('L6: the first event has verified, and the connection reads healthy', async () => {
    const { page } = watched
    await visit(product, page, 'admin/integrations')
    await page
      .getByText(/First event verified|Connected/)
      .first()
      .waitFor()
    await button(page, 'Test Connection').click()
    await page.getByText('Connection works').first().waitFor()
    await picture(page, '13-test-connection')
    await expectAccessible(page, 'integrations after the test')
  })

  test('STR-80: a 3-D Secure card: the invoice says that the renter must act, and the link opens the challenge', async () => {
    const { page } = watched
    await addSpace(product, page, 'A-02')
    await checkOut(product, page, { space: 'A-02', renter: 'Ben Lake', card: '4000 0027 6000 3184' })
    await acceptAndConfirm(page, 'Ben Lake')
    await page
      .getByText(/action needed/)
      .first()
      .waitFor()
    await picture(page, '14-action-needed')
    const link = await eventually(
      async () => {
        const answer = await fetch(`${product.sandbox.url}/_sandbox/mail?to=ben.lake@rent.example`, {
          headers: { Accept: 'application/json' },
        })
        const { messages } = (await answer.json()) as { messages: { links: string[] }[] }
        return messages.flatMap(({ links }) => links).find((one) => one.includes('/pay/'))
      },
      (found) => found !== undefined,
    )
    const renter = await openPage(browser, [product.origin, product.sandbox.url], 375)
    await renter.page.goto(link!)
    await renter.page.getByRole('heading', { level: 1 }).waitFor()
    await expectAccessible(renter.page, 'pay page')
    await picture(renter.page, '15-pay-page')
    await renter.page.getByRole('button', { name: /confirm/i }).click()
    await renter.page.getByTestId('sandbox-3ds-complete').waitFor()
    await picture(renter.page, '16-challenge')
    await renter.page.getByTestId('sandbox-3ds-complete').click()
    await renter.page.getByText(/paid/i).first().waitFor()
    await page.getByText('Paid', { exact: true }).first().waitFor()
    await picture(page, '17-paid-after-challenge')
    expect(renter.strangers).toEqual([])
    expect(renter.troubles).toEqual([])
  })

  test('L8 B1: with the endpoint deleted at Stripe, the card is saved and the invoice becomes Paid all the same', async () => {
    const { page } = watched
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    const headers = { Authorization: `Bearer ${keys.secret}` }
    const listed = await fetch(`${product.sandbox.url}/v1/webhook_endpoints`, { headers })
    const { data } = (await listed.json()) as { data: { id: string }[] }
    expect(data).toHaveLength(1)
    await fetch(`${product.sandbox.url}/v1/webhook_endpoints/${data[0]!.id}`, { method: 'DELETE', headers })

    await addSpace(product, page, 'A-03')
    await checkOut(product, page, { space: 'A-03', renter: 'Cleo Hill', card: '4242 4242 4242 4242' })
    await acceptAndConfirm(page, 'Cleo Hill')
    await page.getByText('Paid', { exact: true }).first().waitFor({ timeout: 120_000 })
    await picture(page, '18-paid-without-webhook')
  })

  test('STR-82: a declined card reads Payment Failed with the reason; a new card pays, and Stripe charged once', async () => {
    const { page } = watched
    await addSpace(product, page, 'A-04')
    await checkOut(product, page, { space: 'A-04', renter: 'Dora Marsh', card: '4000 0000 0000 0341' })
    await acceptAndConfirm(page, 'Dora Marsh')
    await page.getByText('Payment Failed').first().waitFor()
    await page
      .getByText(/declined/)
      .first()
      .waitFor()
    await expectAccessible(page, 'failed invoice')
    await picture(page, '19-payment-failed')
    await button(page, 'Add another card').click()
    await payOnHostedPage(page, '4242 4242 4242 4242')
    const intent = await page.getByText(/^pi_/).first().innerText()
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    const succeeded = async () => {
      const charges = await fetch(`${product.sandbox.url}/v1/charges?payment_intent=${intent.trim()}`, {
        headers: { Authorization: `Bearer ${keys.secret}` },
      })
      const { data } = (await charges.json()) as { data: { status: string }[] }
      return data.filter(({ status }) => status === 'succeeded')
    }
    await eventually(succeeded, ({ length }) => length > 0)
    await page.getByText('Payment Failed', { exact: true }).first().waitFor({ state: 'detached' })
    await page.getByText('Paid', { exact: true }).first().waitFor()
    await picture(page, '20-paid-with-new-card')
    expect(await succeeded()).toHaveLength(1)
  })

  test('UI-69 UI-70: no request left for another origin, and no script error or policy report happened', () => {
    expect(watched.strangers).toEqual([])
    expect(watched.troubles).toEqual([])
  })
})
