/**
 * Settings → Webhooks in real Chromium, on the running product: an event that is not selected is added by a click, a wrong secret is shown
 * with its cause, the wizard brings in the new one while the counters are watched, and a poison event is sent through the road again
 * once it is cured.
 */
import { createHmac } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct, usualDatabase } from '#test/product'
import { expectAccessible, isSkipped, openBrowser, openPage, picture, type Watched } from './chromium.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(isSkipped)('the road of a webhook through the screens', () => {
  let product: Product
  let browser: Browser
  let watched: Watched
  let endpoint: { id: string; url: string; secret: string }
  let stripe: (method: string, path: string, form?: Record<string, string>) => Promise<any>

  beforeAll(async () => {
    product = await startProduct(usualDatabase())
    browser = await openBrowser()
    watched = await openPage(browser, [product.origin, product.sandbox.url])
    const keys = product.sandbox.keys.find(({ account, mode }) => account === 'Harbour Desks' && mode === 'test')!
    stripe = async (method, path, form) => {
      const reply = await fetch(`${product.sandbox.url}/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${keys.secret}` },
        ...(form && { body: new URLSearchParams(form) }),
      })
      expect(reply.status, `${method} ${path}`).toBe(200)
      return reply.json()
    }
    const { page } = watched
    await page.goto(product.origin)
    await button(page, 'Sign in to the demo operator').click()
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    await asPage('PUT', '/connections/stripe', { publishableKey: keys.publishable, secretKey: keys.secret })
    await asPage('POST', '/connections/stripe/endpoint', { isFresh: false })
    endpoint = await atStripe()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  const asPage = async (method: string, path: string, body: object) => {
    const status = await watched.page.evaluate(async ({ url, init }) => (await fetch(url, init)).status, {
      url: `/api/v1/w/harbour-desks${path}?mode=test`,
      init: { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } },
    })
    expect(status, path).toBe(200)
  }
  const control = async (path: string, body?: object): Promise<any> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const reply = await fetch(`${product.sandbox.url}/_sandbox${path}`, init)
    expect(reply.ok, path).toBe(true)
    return reply.json()
  }
  const atStripe = async () => {
    const found: { id: string; url: string; secret: string }[] = await control('/endpoints')
    return found.find(({ url }) => url.startsWith(product.origin))!
  }
  /** A delivery signed as Stripe would, of an intent or of something that is ignored. @returns the status. */
  const deliver = async (secret: string, intent?: string): Promise<number> => {
    const object =
      intent === undefined ? { id: 'cus_one', object: 'customer' } : { id: intent, object: 'payment_intent' }
    const type = intent === undefined ? 'customer.created' : 'payment_intent.succeeded'
    const event = { id: `evt_${crypto.randomUUID()}`, object: 'event', type, livemode: false }
    const body = JSON.stringify({ ...event, data: { object } })
    const at = Math.floor(product.clock.now().getTime() / 1000)
    const mac = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
    const headers = { 'Stripe-Signature': `t=${at},v1=${mac}` }
    return (await fetch(endpoint.url, { method: 'POST', body, headers })).status
  }
  const visit = async (tab: string, more = '') => {
    await watched.page.goto(`${product.origin}/w/harbour-desks/settings/webhooks?mode=test&tab=${tab}${more}`)
    await watched.page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  }

  test('UI-11: before anything came the inbox and the health say so', async () => {
    const { page } = watched
    await visit('inbox')
    await page.getByText('No event yet').waitFor()
    await visit('health')
    await page.getByText('Send a test payment in Integrations.').waitFor()
    await expectAccessible(page, 'health, empty')
  })

  test('STR-46 UI-150: a required event that is not selected is named, and one click adds it', async () => {
    const { page } = watched
    const { enabled_events: events } = await stripe('GET', `/webhook_endpoints/${endpoint.id}`)
    const fewer = events.filter((name: string) => name !== 'charge.refunded')
    const form = Object.fromEntries(fewer.map((name: string, at: number) => [`enabled_events[${at}]`, name]))
    await stripe('POST', `/webhook_endpoints/${endpoint.id}`, form)

    await visit('endpoints')
    await button(page, 'Check now').click()
    const list = page.getByRole('list', { name: 'Required events missing' })
    await list.getByText('charge.refunded').waitFor()
    await expectAccessible(page, 'endpoints, one event missing')
    await picture(page, '30-event-missing')
    await button(page, 'Fix it for me').click()

    await list.waitFor({ state: 'detached' })
    expect((await stripe('GET', `/webhook_endpoints/${endpoint.id}`)).enabled_events).toContain('charge.refunded')
  })

  test('STR-47 UI-155: deliveries signed with another secret are shown as refused, with the likely cause', async () => {
    const { page } = watched
    expect(await deliver(endpoint.secret)).toBe(200)
    await control(`/endpoints/${endpoint.id}/roll`, { expiresInHours: 0 })
    const { secret } = await atStripe()
    expect(await deliver(secret)).toBe(400)

    await visit('health')
    const refused = page.getByRole('region', { name: 'Refused signatures, 24 hours' })
    await refused.getByText('1 refused delivery').waitFor()
    expect(await refused.innerText()).toMatch(/secret/i)
    await expectAccessible(page, 'health, wrong secret')
    await visit('endpoints')
    await page.getByRole('region', { name: 'Refused deliveries' }).waitFor()
    await picture(page, '31-wrong-secret')
    await page.goto(`${product.origin}/w/harbour-desks?mode=test`)
    const notice = page.getByRole('region', { name: 'Problem' })
    await notice.getByRole('link', { name: 'Open Webhooks' }).click()
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor()
  })

  test('STR-58 UI-152: the wizard brings in the secret rolled in Stripe, the counters are live, and the old one is ended', async () => {
    const { page } = watched
    const { secret: fresh } = await atStripe()
    await visit('endpoints')
    await button(page, 'Rotate secret').click()
    const wizard = page.getByRole('dialog', { name: 'Rotate the signing secret' })
    await wizard.getByLabel('I rolled it in Stripe and have the new secret').check()
    await expectAccessible(page, 'rotation, first step')
    await wizard.getByRole('button', { name: 'Continue' }).click()
    await wizard.getByRole('button', { name: 'Save the new secret' }).click()
    await wizard.getByText('Enter the new signing secret.').first().waitFor()
    await wizard.getByLabel('New signing secret').fill(fresh)
    await wizard.getByRole('button', { name: 'Save the new secret' }).click()

    await wizard.getByText('The new secret takes over').waitFor()
    await wizard.getByText('No delivery has used the new secret yet.').last().waitFor()
    await expectAccessible(page, 'rotation in progress')
    await picture(page, '32-rotation-in-progress')
    expect(await page.locator('body').innerHTML()).not.toContain(fresh)
    expect(await deliver(fresh)).toBe(200)
    await wizard.locator('[data-disabled="true"]').waitFor({ state: 'detached' })
    await wizard.getByRole('button', { name: 'End the old secret now' }).click()
    const asked = page.getByRole('dialog', { name: 'End the old secret now?' })
    await asked.getByRole('button', { name: 'End the old secret' }).click()
    await wizard.getByText('The rotation is done').waitFor()
    await wizard.getByRole('button', { name: 'Done' }).click()
    expect(await deliver(endpoint.secret)).toBe(400)
  })

  test('TRU-192 UI-154: a poison event becomes a dead letter with its reason, and is processed once it is cured', async () => {
    const { page } = watched
    const { secret } = await atStripe()
    const { id } = await stripe('POST', '/payment_intents', { amount: '500', currency: 'aud' })
    const patch = [{ op: 'replace', path: '/amount', value: 'five' }]
    const match = { method: 'GET', path: `/v1/payment_intents/${id}` }
    await control('/faults', { where: 'api', match, effect: { kind: 'mutate', patch }, times: 50 })
    expect(await deliver(secret, id)).toBe(200)
    await visit('inbox', '&state=retry')
    await page.getByRole('link', { name: 'payment_intent.succeeded' }).waitFor()
    for (const advance of ['PT1M', 'PT3M', 'PT15M', 'PT40M', 'PT3H', 'PT8H']) await control('/clock', { advance })

    await visit('inbox', '&state=dead')
    await page.getByRole('button', { name: 'Replay it' }).waitFor()
    await page.getByRole('link', { name: 'payment_intent.succeeded' }).first().click()
    const drawer = page.getByRole('dialog', { name: 'Event' })
    await drawer.getByText(/^Given up/).waitFor()
    await expectAccessible(page, 'a dead letter')
    await picture(page, '33-poison')
    await fetch(`${product.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    await drawer.getByRole('button', { name: 'Ask Stripe now' }).click()
    await drawer.getByText('requires payment method').waitFor()
    await drawer.getByRole('button', { name: 'Replay' }).click()

    await drawer.getByText('Ignored', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Nothing waits for you.').waitFor()
  })

  test('UI-25 UI-65: the three tabs at 375 px scroll down only and are accessible', async () => {
    const { page } = watched
    await page.setViewportSize({ width: 375, height: 720 })
    for (const tab of ['endpoints', 'inbox', 'health']) {
      await visit(tab)
      await page
        .getByRole('main')
        .getByText(/Own keys|payment_intent|Last verified event/)
        .first()
        .waitFor()
      await expectAccessible(page, `${tab} at 375 px`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375)
    }
    expect(watched.strangers).toEqual([])
    expect(watched.troubles).toEqual([])
  })
})
