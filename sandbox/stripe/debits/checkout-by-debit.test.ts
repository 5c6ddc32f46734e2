import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypesOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const day = 86_400_000

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterAll(() => bench.close())

async function paySession(
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Response<Stripe.Checkout.Session>> {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price_data: { currency: 'aud', unit_amount: 12_500, product_data: { name: 'Desk' } }, quantity: 1 }],
    customer_email: 'kim@example.com',
    success_url: 'https://example.com/done?cs={CHECKOUT_SESSION_ID}',
    ...more,
  })
}

async function page(session: Stripe.Checkout.Session): Promise<string> {
  return (await fetch(String(session.url))).text()
}

async function press(session: Stripe.Checkout.Session, fields: Record<string, string>): Promise<Response> {
  return fetch(String(session.url), {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { origin: bench.sandbox.url, 'sec-fetch-site': 'same-origin' },
    redirect: 'manual',
  })
}

const becs = { debit: 'au_becs_debit', holder: 'Kim Ng' }

describe('SBX-46: bank debits on the Checkout page', () => {
  test('the page offers what the account may take, with the text of the mandate', async () => {
    const offered = await page(await paySession())
    const only = await page(await paySession({ allowed_payment_method_types: ['payto'] }))

    expect(offered).toContain('data-testid="sandbox-card-form"')
    expect(offered).toContain('data-testid="sandbox-mandate-au_becs_debit"')
    expect(offered).toContain('By continuing you allow Harbour Desks to debit this account')
    expect(offered).not.toContain('sandbox-debit-us_bank_account')
    expect(only).toContain('data-testid="sandbox-debit-payto"')
    expect(only).not.toContain('data-testid="sandbox-card-form"')
  })

  test.each([
    ['000000/000123456', 'paid', 'checkout.session.async_payment_succeeded'],
    ['000000/111111113', 'unpaid', 'checkout.session.async_payment_failed'],
  ])('account %s: the session is complete at once and %s days later', async (account, ...[status, type]) => {
    const session = await paySession()
    const pressed = await press(session, { ...becs, account })
    const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    bench.clock.advance(7 * day)
    const later = await stripe.checkout.sessions.retrieve(session.id)

    expect([pressed.status, pressed.headers.get('location')]).toStrictEqual([
      303,
      `https://example.com/done?cs=${session.id}`,
    ])
    expect(complete).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: { status: 'processing' },
    })
    expect(later.payment_status).toBe(status)
    expect(await eventTypesOf(stripe, session.id)).toStrictEqual(['checkout.session.completed', type])
  })

  test('a setup saves the account with its mandate', async () => {
    const customer = await stripe.customers.create({ email: 'kim@example.com' })
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'aud',
      customer: customer.id,
      success_url: 'https://example.com/done',
    })
    await press(session, { ...becs, account: '000000/000123456' })
    const { setup_intent: setup } = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
    const methods = await stripe.paymentMethods.list({ customer: customer.id, type: 'au_becs_debit' })

    expect(setup).toMatchObject({ status: 'succeeded', payment_method: methods.data[0]?.id })
    expect((setup as Stripe.SetupIntent).mandate).toMatch(/^mandate_/)
  })

  test('an American payer may choose small deposits, which complete the session without money', async () => {
    stripe = bench.sdk('Keystone')
    const session = await paySession({
      line_items: [{ price_data: { currency: 'usd', unit_amount: 900, product_data: { name: 'Box' } }, quantity: 1 }],
    })
    const text = await page(session)
    await press(session, {
      debit: 'us_bank_account',
      holder: 'Kim Ng',
      account: '110000000/000123456789',
      deposits: 'yes',
    })
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    const intent = done.payment_intent as Stripe.PaymentIntent
    const verified = await stripe.paymentIntents.verifyMicrodeposits(intent.id, { amounts: [32, 45] })
    stripe = bench.sdk('Harbour')

    expect(text).toContain('data-testid="sandbox-debit-deposits"')
    expect(done).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    expect(intent.next_action?.type).toBe('verify_with_microdeposits')
    expect(verified.status).toBe('processing')
  })

  test.each([
    ['no name', { ...becs, holder: ' ', account: '000000/000123456' }, 'Enter the name on the account.'],
    ['an account of nobody', { ...becs, account: '062000/12345678' }, 'Choose one of the test accounts.'],
    ['a kind that is not offered', { ...becs, debit: 'bacs_debit', account: '108800/00012345' }, 'Choose one of'],
  ])('%s is asked for again and nothing happens', async (_, fields, message) => {
    const session = await paySession()
    const answer = await press(session, fields)

    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain(message)
    await expect(stripe.checkout.sessions.retrieve(session.id)).resolves.toMatchObject({ status: 'open' })
  })
})
