/** The console read over HTTP while the official SDK talks to the sandbox and a small server takes its webhooks. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../index.ts'
import type { Sandbox } from '../../index.ts'

let sandbox: Sandbox
let stripe: Stripe
let receiver: Server
let received = 0
let receiverStatus = 200

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'console pages' })
  const { hostname, port } = new URL(sandbox.url)
  stripe = new Stripe(sandbox.keys[0]!.secret, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
  })
  receiver = createServer((_, answer) => {
    received++
    answer.writeHead(receiverStatus).end('answer <b>of the product</b>')
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  await stripe.webhookEndpoints.create({
    url,
    enabled_events: ['payment_intent.succeeded'],
    description: '<i>Rentroll</i>',
  })
})
afterAll(async () => {
  await sandbox.close()
  receiver.close()
})

async function open(path: string) {
  const reply = await fetch(new URL(path, sandbox.url), { headers: { accept: 'text/html' } })
  return { status: reply.status, page: await reply.text() }
}

async function press(path: string, fields: Record<string, string> = {}) {
  const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin' }
  const reply = await fetch(new URL(path, sandbox.url), { method: 'POST', headers, body: new URLSearchParams(fields) })
  return { status: reply.status, url: reply.url, page: await reply.text() }
}

async function pay(amount: number, method = 'pm_card_visa') {
  return stripe.paymentIntents.create({
    amount,
    currency: 'aud',
    payment_method: method,
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  })
}

const settled = async () => {
  await sandbox.stripe.runDue()
}

describe('the console', () => {
  test.each(['', '/requests', '/events', '/endpoints', '/payments', '/faults', '/mail'])(
    'SBX-3: /_sandbox%s carries the banner and the tabs',
    async (path) => {
      const { status, page } = await open(`/_sandbox${path}`)

      expect(status).toBe(200)
      expect(page).toContain('Sandbox – no real money')
      expect(page).toContain('aria-current="page"')
    },
  )

  test('SBX-7: the overview shows the keys of every account in both modes', async () => {
    const { page } = await open('/_sandbox')

    for (const { publishable, secret, restricted } of sandbox.keys) {
      for (const key of [publishable, secret, restricted]) expect(page).toContain(`value="${key}"`)
    }
  })

  test('SBX-6: a call that Stripe knows and this sandbox does not is named on the overview', async () => {
    await expect(stripe.coupons.create({ percent_off: 5 })).rejects.toMatchObject({
      code: 'sandbox_not_supported',
    })

    expect((await open('/_sandbox')).page).toContain('POST /v1/coupons')
  })

  test('requests: an error is listed, filtered and shown with both bodies', async () => {
    const name = `<script>${Date.parse('2026-11-21')}</script>`
    await stripe.customers.create({ name })
    const refused = await stripe.paymentIntents
      .retrieve('pi_unknown')
      .catch((error: Stripe.errors.StripeError) => error)
    const requestId = (refused as Stripe.errors.StripeError).requestId!

    const errors = (await open('/_sandbox/requests?status=errors')).page
    const request = (await open(`/_sandbox/requests/${requestId}`)).page
    const all = (await open('/_sandbox/requests')).page

    expect(errors).toContain('GET /v1/payment_intents/pi_unknown')
    expect(errors).not.toContain('POST /v1/customers')
    expect(all).toContain('POST /v1/customers')
    expect(request).toContain('resource_missing')
    expect(request).not.toContain(sandbox.keys[0]!.secret)
    expect((await open(`/_sandbox/requests?account=${sandbox.stripe.accounts().at(-1)!.id}`)).page).toContain(
      'No requests match',
    )
  })

  test('SBX-37: an event shows each delivery with its answer, and Resend sends it once more', async () => {
    const intent = await pay(31_800)
    await settled()
    const event = sandbox.stripe
      .listEvents()
      .find((entry) => entry.objectId === intent.id && entry.type === 'payment_intent.succeeded')!
    const before = received

    const page = (await open(`/_sandbox/events/${event.id}`)).page
    const action = /action="(\/_sandbox\/events\/[^"]+\/resend)"/.exec(page)![1]!
    const after = await press(action)

    expect(page).toContain('✓ Delivered 200')
    expect(page).toContain('answer &lt;b&gt;of the product&lt;/b&gt;')
    expect(received).toBe(before + 1)
    expect(new URL(after.url).pathname).toBe(`/_sandbox/events/${event.id}`)
    expect(after.page.match(/data-testid="sandbox-delivery-answer"/g)).toHaveLength(2)
  })

  test('SBX-36: a delivery that was refused says when the next try is due', async () => {
    receiverStatus = 500
    const intent = await pay(1_000)
    await settled()
    receiverStatus = 200

    const page = (await open('/_sandbox/events?type=payment_intent.succeeded')).page

    const row = page.slice(page.indexOf(intent.id))
    expect(row).toContain('↻ Will try again, last 500')
    expect(row).toContain('Next try ')
  })

  test('endpoints: address, types and secret; a description stays text', async () => {
    const { page } = await open('/_sandbox/endpoints')

    expect(page).toContain('/hook</h2>')
    expect(page).toContain('<code>payment_intent.succeeded</code>')
    expect(page).toContain(`value="${sandbox.stripe.listEndpoints()[0]!.secret}"`)
    expect(page).toContain('&lt;i&gt;Rentroll&lt;/i&gt;')
  })

  test('SBX-23: payments shows the balance Stripe tells, with charges and refunds', async () => {
    const intent = await pay(5_000)
    await pay(7_000, 'pm_card_bypassPending')
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2_000 })
    const balance = await stripe.balance.retrieve()

    const { page } = await open(`/_sandbox/payments?account=${sandbox.keys[0]!.accountId}&mode=test`)

    expect(Math.min(balance.available[0]!.amount, balance.pending[0]!.amount)).toBeGreaterThan(0)
    const figure = (kind: string) => new RegExp(`sandbox-${kind}-aud">([^<]*)<`).exec(page)![1]
    const text = (amount: number) => `${amount < 0 ? '-' : ''}A$${(Math.abs(amount) / 100).toFixed(2)}`
    expect(figure('pending')).toBe(text(balance.pending[0]!.amount))
    expect(figure('available')).toBe(text(balance.available[0]!.amount))
    expect(page).toContain(intent.latest_charge as string)
    expect(page).toContain(refund.id)
  })

  test.each(['/requests/req_x', '/events/evt_x'])('/_sandbox%s that does not exist is a page', async (path) => {
    const { status, page } = await open(`/_sandbox${path}`)

    expect([status, page.includes('data-testid="sandbox-unknown"')]).toEqual([404, true])
  })
})

describe('faults', () => {
  test('SBX-41: a preset acts on the next call, is counted on every page, and Clear undoes it', async () => {
    const armed = await press('/_sandbox/faults/arm', { preset: 'outage' })

    expect(armed.page).toContain('1 fault active')
    expect((await open('/_sandbox/payments')).page).toContain('1 fault active')
    expect((await open('/_sandbox/mail')).page).toContain('1 fault active')
    await expect(stripe.balance.retrieve()).rejects.toMatchObject({ statusCode: 503 })
    expect((await press('/_sandbox/faults/clear')).page).toContain('data-testid="sandbox-no-faults"')
    await expect(stripe.balance.retrieve()).resolves.toMatchObject({ object: 'balance' })
  })

  test('SBX-41: the form arms any fault, and one of several can be cleared', async () => {
    await press('/_sandbox/faults/arm', { effect: 'webhook drop' })
    const { page } = await press('/_sandbox/faults/arm', {
      effect: 'api status_before',
      number: '429',
      method: 'GET',
      path: '^/v1/balance$',
      times: '1',
    })
    const id = /sandbox-fault-clear-(fault_\w+)/.exec(page)![1]!

    expect(page).toContain('2 faults active')
    await expect(stripe.balance.retrieve()).rejects.toMatchObject({ statusCode: 429 })
    expect((await press(`/_sandbox/faults/${id}/clear`)).page).toContain('data-testid="sandbox-no-faults"')
  })

  test.each([
    [{ effect: 'api status_before', number: '418' }, 'effect.status must be one of'],
    [{ effect: 'api drop_before', path: '(' }, 'match.path is not a regular expression'],
    [{ effect: 'api nonsense' }, 'effect must be one of'],
    [{ effect: 'webhook drop', times: '-1' }, 'times must be a whole number'],
    [{ preset: 'unknown' }, 'where must be'],
  ])('SBX-48: %j is refused naming the field; nothing is armed', async (fields: Record<string, string>, sentence) => {
    const { page } = await press('/_sandbox/faults/arm', fields)

    expect(page).toContain(sentence)
    expect(page).toContain('No fault was armed.')
    expect(page).toContain('data-testid="sandbox-no-faults"')
  })
})

describe('mail over HTTP', () => {
  test('SBX-75: a finished mail can be handed over and read back', async () => {
    const body = 'From: a@b.example\r\nTo: ada@example.com\r\nSubject: Receipt\r\n\r\nOpen http://127.0.0.1:1/x'
    const address = new URL('/_sandbox/mail', sandbox.url)

    const sent = await fetch(address, { method: 'POST', headers: { 'content-type': 'message/rfc822' }, body })
    const list = await fetch(`${address}?to=ada@example.com`, { headers: { accept: 'application/json' } })

    expect(sent.status).toBe(201)
    expect(await list.json()).toMatchObject({
      total: 1,
      messages: [{ subject: 'Receipt', links: ['http://127.0.0.1:1/x'] }],
    })
  })
})
