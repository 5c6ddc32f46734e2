/**
 * A person pays, as far as HTTP shows it: the session is made with Stripe's own SDK, the pages are read and their forms
 * sent as a browser without script would, and the session is read back with the SDK.
 */
import { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../index.ts'
import type { Sandbox } from '../index.ts'

let sandbox: Sandbox
let stripe: Stripe

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'checkout pages' })
  const { hostname, port } = new URL(sandbox.url)
  stripe = new Stripe(sandbox.keys[0]!.secret, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
  })
})
afterAll(() => sandbox.close())

const PRODUCT = 'http://127.0.0.1:1/w/demo'

async function paymentSession(settings: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: `${PRODUCT}/paid?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${PRODUCT}/cancelled`,
    line_items: [
      {
        quantity: 2,
        price_data: {
          currency: 'aud',
          unit_amount: 15_900,
          product_data: { name: 'Rent "><script>alert(1)</script>' },
        },
      },
    ],
    ...settings,
  })
}

async function setupSession() {
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' })
  return stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'aud',
    customer: customer.id,
    success_url: `${PRODUCT}/saved?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${PRODUCT}/cancelled`,
  })
}

async function open(address: string) {
  const reply = await fetch(new URL(address, sandbox.url), { redirect: 'manual' })
  return { status: reply.status, headers: reply.headers, page: await reply.text() }
}

async function submit(address: string, fields: Record<string, string>) {
  const body = new URLSearchParams(fields)
  const reply = await fetch(new URL(address, sandbox.url), { method: 'POST', body, redirect: 'manual' })
  return { status: reply.status, location: reply.headers.get('location'), page: await reply.text() }
}

const GOOD = {
  email: 'ada@example.com',
  number: '4242 4242 4242 4242',
  expiry: '12 / 34',
  cvc: '123',
  name: 'Ada Reed',
}
const FUNDS = '4000 0000 0000 9995'
const ALWAYS_3DS = '4000 0027 6000 3184'

/** The value of an input, as the page shows it. */
function valueOf(page: string, name: string): string | undefined {
  return new RegExp(`name="${name}"[^>]*? value="([^"]*)"`).exec(page)?.[1]
}

describe('the payment page', () => {
  test('SBX-46: shows who is paid, what for, and how much; hostile text stays text', async () => {
    const session = await paymentSession()

    const { status, headers, page } = await open(session.url!)

    expect(status).toBe(200)
    expect(page).toContain('<h1 id="summary">Pay Harbour Desks</h1>')
    expect(page).toContain('data-testid="sandbox-total">A$318.00<')
    expect(page).toContain('Rent &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toContain('<script>alert')
    expect(page).toContain(`href="${PRODUCT}/cancelled"`)
    expect(page).toContain('Sandbox – no real money')
    expect(headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self';")
    expect(headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:*")
  })

  test('SBX-46: a paid session leads to success_url with its id, and is complete', async () => {
    const session = await paymentSession()

    const answer = await submit(session.url!, GOOD)

    expect([answer.status, answer.location]).toEqual([303, `${PRODUCT}/paid?session=${session.id}`])
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    expect([read.status, read.payment_status, (read.payment_intent as Stripe.PaymentIntent).status]).toEqual([
      'complete',
      'paid',
      'succeeded',
    ])
    expect(read.customer_details?.email).toBe('ada@example.com')
  })

  test('SBX-46: a second press and a later visit charge nothing and lead on', async () => {
    const session = await paymentSession()
    await submit(session.url!, GOOD)

    const again = await submit(session.url!, GOOD)
    const visit = await open(session.url!)

    expect(again.page + again.location).toContain(`/paid?session=${session.id}`)
    expect(visit.page).toContain('data-testid="sandbox-complete"')
    expect(visit.page).toContain(`href="${PRODUCT}/paid?session=${session.id}"`)
    const intent = (await stripe.checkout.sessions.retrieve(session.id)).payment_intent as string
    expect((await stripe.charges.list({ payment_intent: intent })).data).toHaveLength(1)
  })

  test('SBX-46: a decline is shown at the form, keeps what was typed except the number, and can be retried', async () => {
    const session = await paymentSession()

    const declined = await submit(session.url!, { ...GOOD, number: FUNDS, name: 'Zoë <b>' })

    expect(declined.status).toBe(200)
    expect(declined.page).toContain('data-testid="sandbox-decline"')
    expect(declined.page).toContain('insufficient funds')
    expect(['number', 'expiry', 'cvc', 'name', 'email'].map((name) => valueOf(declined.page, name))).toEqual([
      '',
      '12 / 34',
      '123',
      'Zoë &lt;b&gt;',
      'ada@example.com',
    ])
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    expect((await submit(session.url!, GOOD)).location).toBe(`${PRODUCT}/paid?session=${session.id}`)
  })

  test.each([
    ['4111 1111 1111 1111', 'Use a test card.'],
    ['3782 822463 10005', 'Use a test card.'],
    ['4242 4242 4242 4241', 'Your card number is incorrect.'],
    ['hello', 'Your card number is incorrect.'],
    ['', 'Enter the card number.'],
  ])('SBX-3: the number %j is refused: %s', async (number, sentence) => {
    const session = await paymentSession()

    const { page } = await submit(session.url!, { ...GOOD, number })

    expect(page).toContain(sentence)
    expect(page).toContain('<title>Error: ')
    expect(number === '' || !page.includes(`value="${number}"`)).toBe(true)
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
  })

  test.each([
    [{ expiry: '13 / 34' }, 'Enter the expiry date as MM / YY.'],
    [{ expiry: '01 / 20' }, 'expiry date is in the past.'],
    [{ cvc: '12' }, 'Enter the 3 or 4 digits'],
    [{ name: '' }, 'Enter the name on the card.'],
    [{ email: '' }, 'Enter your e-mail address.'],
    [{ email: 'ada' }, 'An e-mail address looks like'],
  ])('SBX-46: %j is refused in words', async (fields, sentence) => {
    const { page } = await submit((await paymentSession()).url!, { ...GOOD, ...fields })

    expect(page).toContain(sentence)
  })

  test('SBX-46: without script a chip sends the form and it comes back filled, with nothing charged', async () => {
    const session = await paymentSession()

    const { page } = await submit(session.url!, { email: 'bob@example.com', fill: '4000000000009995' })

    expect(['email', 'number', 'cvc', 'name'].map((name) => valueOf(page, name))).toEqual([
      'bob@example.com',
      FUNDS,
      '123',
      'Test Payer',
    ])
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
  })

  test('SBX-46: an expired session says so and takes no card', async () => {
    const session = await paymentSession()
    await stripe.checkout.sessions.expire(session.id)

    expect((await open(`/c/pay/${session.id}`)).page).toContain('data-testid="sandbox-expired"')
    expect((await submit(`/c/pay/${session.id}`, GOOD)).page).toContain('data-testid="sandbox-expired"')
  })

  test('an unknown session is a page, not a crash', async () => {
    const { status, page } = await open('/c/pay/cs_test_unknown')

    expect([status, page.includes('sandbox-unknown-session')]).toEqual([404, true])
  })

  test('a form of another site is refused', async () => {
    const session = await paymentSession()

    const reply = await fetch(session.url!, {
      method: 'POST',
      body: new URLSearchParams(GOOD),
      headers: { 'sec-fetch-site': 'cross-site' },
    })

    expect(reply.status).toBe(403)
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
  })
})

describe('the setup page', () => {
  test('SBX-46: shows no amount and saves the card on the customer', async () => {
    const session = await setupSession()

    const { page } = await open(session.url!)
    const answer = await submit(session.url!, { ...GOOD, email: '' })

    expect(page).toContain('Save a card for Harbour Desks')
    expect(page).toContain('ada@example.com')
    expect(page).not.toMatch(/A\$|sandbox-total|data-testid="sandbox-email"/)
    expect(answer.location).toBe(`${PRODUCT}/saved?session=${session.id}`)
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
    expect((read.setup_intent as Stripe.SetupIntent).status).toBe('succeeded')
    expect((await stripe.customers.listPaymentMethods(session.customer as string)).data).toHaveLength(1)
  })

  test('a setup session under the payment address is sent on', async () => {
    const session = await setupSession()

    const { status, headers } = await open(`/c/pay/${session.id}`)

    expect([status, headers.get('location')]).toEqual([303, `/c/setup/${session.id}`])
  })
})

describe('3-D Secure', () => {
  async function challenge() {
    const session = await paymentSession()
    const { location } = await submit(session.url!, { ...GOOD, number: ALWAYS_3DS })
    return { session, address: location! }
  }

  test('SBX-22: Complete pays the session and leads to success_url; the token works once', async () => {
    const { session, address } = await challenge()
    const page = await open(address)

    const answer = await submit(address, { outcome: 'complete' })
    const again = await submit(address, { outcome: 'fail' })
    const visit = await open(address)

    expect(new URL(address, sandbox.url).pathname).toMatch(/^\/3ds\/./)
    expect(page.page).toContain('A$318.00')
    expect(answer.location).toBe(`${PRODUCT}/paid?session=${session.id}`)
    expect([again.page, visit.page].map((text) => text.includes('data-testid="sandbox-3ds-done"'))).toEqual([
      true,
      true,
    ])
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid')
  })

  test('SBX-22: Fail leads back to the form with the reason; another card pays', async () => {
    const { session, address } = await challenge()

    const answer = await submit(address, { outcome: 'fail' })
    const form = await open(answer.location!)

    expect(form.page).toContain('data-testid="sandbox-decline"')
    expect((await submit(session.url!, GOOD)).location).toBe(`${PRODUCT}/paid?session=${session.id}`)
  })

  test('SBX-22: Close the window changes nothing; the form points back to the step', async () => {
    const { session, address } = await challenge()

    const answer = await submit(address, { outcome: 'close' })
    const form = await open(session.url!)

    expect(answer.page).toContain('data-testid="sandbox-3ds-closed"')
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    expect(form.page).toContain('data-testid="sandbox-waiting-challenge"')
    expect((await submit(address, { outcome: 'complete' })).location).toBe(`${PRODUCT}/paid?session=${session.id}`)
  })

  test('an unknown token is a page, not a crash', async () => {
    const { status, page } = await open('/3ds/unknown')

    expect([status, page.includes('sandbox-3ds-unknown')]).toEqual([404, true])
  })
})
