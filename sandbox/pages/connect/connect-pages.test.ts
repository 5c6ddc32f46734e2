/** Onboarding and the dashboard of a connected account, as a browser without script walks them. */
import type { Stripe } from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../index.ts'
import type { Sandbox } from '../../index.ts'
import { Visitor } from '../console/visitor.ts'

let sandbox: Sandbox
let visitor: Visitor
let platform: Stripe
const addresses = { refresh_url: 'https://example.com/refresh', return_url: 'https://example.com/return' }

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'connect pages' })
  visitor = new Visitor(sandbox.url)
  platform = visitor.clientOf(
    sandbox.keys.find(({ account, mode }) => account === 'Rental Platform' && mode === 'test')!.secret,
  )
})
afterAll(() => sandbox.close())

async function connect(country = 'AU'): Promise<string> {
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
  const wish = {
    type: 'express',
    country,
    business_type: 'company',
    company: { name: 'Bay <Lockers>' },
    capabilities,
  } as const
  return (await platform.accounts.create(wish)).id
}

async function settle(): Promise<string> {
  const account = await connect()
  await visitor.press(`/_sandbox/accounts/${account}`, 'sandbox-script-play', [['text:script', 'complete']])
  return account
}

async function linkOf(account: string): Promise<string> {
  const { url } = await platform.accountLinks.create({ account, type: 'account_onboarding', ...addresses })
  return new URL(url).pathname
}

const goTo = (path: string) =>
  fetch(new URL(path, sandbox.url), { redirect: 'manual', headers: { accept: 'text/html' } })

describe('SBX-46: onboarding', () => {
  test('a link opens the form once, and leads to the refresh address from then on', async () => {
    const link = await linkOf(await connect('NZ'))

    const first = await goTo(link)
    const form = await visitor.open(first.headers.get('location')!)
    const second = await goTo(link)

    expect(form).toContain('>NZBN</label>')
    expect(form).toContain('Bay &lt;Lockers&gt;')
    expect(second.headers.get('location')).toBe(addresses.refresh_url)
  })

  test('what is wrong is said beside its field, and what was typed is kept', async () => {
    const visit = (await goTo(await linkOf(await connect()))).headers.get('location')!

    const { page } = await visitor.press(visit, 'sandbox-onboarding-submit', [
      ['business_profile.url', 'nowhere'],
      ['company.tax_id', '51 824 753 556'],
    ])

    expect(page).toContain('aria-invalid="true" data-testid="sandbox-business_profile.url"')
    expect(page).toContain('value="51 824 753 556"')
    expect(page).toContain('<title>Error: ')
  })

  test('saved for later it comes back without what was given, and submits nothing', async () => {
    const account = await connect()
    const visit = (await goTo(await linkOf(account))).headers.get('location')!
    const body = new URLSearchParams({ 'company.tax_id': '51 824 753 556', 'sandbox-deed': 'save' })

    const saved = await fetch(new URL(visit, sandbox.url), { method: 'POST', body, redirect: 'manual' })
    const again = await visitor.open((await goTo(await linkOf(account))).headers.get('location')!)

    expect(saved.headers.get('location')).toBe(addresses.return_url)
    expect(again).not.toContain('>ABN</label>')
    expect(await platform.accounts.retrieve(account)).toMatchObject({ details_submitted: false })
  })

  test.each([
    '/connect/setup/nonsense',
    '/connect/setup/visit/nonsense',
    '/connect/login/nonsense',
    '/dashboard/acct_x',
  ])('%s is a page that says so', async (path) => {
    const reply = await goTo(path)

    expect(reply.status).toBe(404)
    expect(await reply.text()).toContain('Sandbox – no real money')
  })
})

describe('SBX-46: the dashboard', () => {
  test('a login link leads there once', async () => {
    const account = await settle()
    const { url } = await platform.accounts.createLoginLink(account)
    const path = new URL(url).pathname

    expect((await goTo(path)).headers.get('location')).toBe(`/dashboard/${account}`)
    expect((await goTo(path)).status).toBe(410)
  })

  test('SBX-25: a payout fails for the reason chosen, and the bank account is replaced', async () => {
    const account = await settle()
    const dashboard = `/dashboard/${account}`
    await visitor.press(dashboard, 'sandbox-topup', [
      ['number:amountMinor', '10000'],
      ['text:currency', 'aud'],
    ])
    await visitor.press(dashboard, 'sandbox-payout-make', [
      ['number:parameters.amount', '9000'],
      ['text:parameters.currency', 'aud'],
    ])
    const scope = { stripeAccount: account }
    const payout = (await platform.payouts.list({}, scope)).data[0]!

    await visitor.press(dashboard, `sandbox-payout-fail-${payout.id}`, [
      ['text:code', 'account_closed'],
      ['number:laterDays', '0'],
    ])
    expect(await platform.payouts.retrieve(payout.id, {}, scope)).toMatchObject({
      status: 'failed',
      failure_code: 'account_closed',
    })
    const before = (await platform.accounts.listExternalAccounts(account)).data[0]!
    expect(before).toMatchObject({ status: 'errored' })
    await visitor.press(dashboard, `sandbox-bank-replace-${before.id}`, [['text:accountNumber', '000123456']])

    const { data } = await platform.accounts.listExternalAccounts(account)
    expect(data).toMatchObject([{ status: 'new', last4: '3456', default_for_currency: true }])
    expect(data[0]!.id).not.toBe(before.id)
  })

  test('SBX-24: the schedule is changed by hand', async () => {
    const account = await settle()

    await visitor.press(`/dashboard/${account}`, 'sandbox-schedule-weekly', [
      ['list:parameters.payments.payouts.schedule.weekly_payout_days', 'friday'],
    ])

    expect(await platform.balanceSettings.retrieve({}, { stripeAccount: account })).toMatchObject({
      payments: { payouts: { schedule: { interval: 'weekly', weekly_payout_days: ['friday'] } } },
    })
  })

  test('an invoice is written and sent by hand', async () => {
    const account = await settle()

    const { page } = await visitor.press(`/dashboard/${account}`, 'sandbox-invoice-send', [
      ['text:email', 'payer@example.com'],
      ['text:description', 'Cleaning'],
      ['number:amount', '5000'],
    ])

    expect(page).toContain('The invoice was sent.')
    const { data } = await platform.invoices.list({}, { stripeAccount: account })
    expect(data).toMatchObject([{ status: 'open', amount_due: 5000, currency: 'aud' }])
  })

  test('SBX-10: the platform is disconnected, and its calls are refused', async () => {
    const account = await settle()

    await visitor.press(`/dashboard/${account}`, 'sandbox-deauthorize')

    await expect(platform.accounts.retrieve(account)).rejects.toMatchObject({
      statusCode: 403,
      code: 'account_invalid',
    })
  })
})
