import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let platform: Stripe

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

const back = { refresh_url: 'http://127.0.0.1:3000/refresh?c=1', return_url: 'http://127.0.0.1:3000/return' }

async function newAccount(type: 'custom' | 'express' | 'standard' = 'standard'): Promise<string> {
  return (await platform.accounts.create({ type, country: 'AU', business_type: 'company' })).id
}

function tokenIn(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}

async function newLink(account: string): Promise<string> {
  return tokenIn((await platform.accountLinks.create({ account, type: 'account_onboarding', ...back })).url)
}

describe('SBX-45: account links', () => {
  test('a link lives 300 seconds and leads to the hosted form', async () => {
    const account = await newAccount()

    const link = await platform.accountLinks.create({
      account,
      type: 'account_onboarding',
      collection_options: { fields: 'eventually_due', future_requirements: 'include' },
      ...back,
    })

    const now = Math.floor(bench.clock.now().getTime() / 1000)
    expect(link).toStrictEqual(
      expect.objectContaining({
        object: 'account_link',
        created: now,
        expires_at: now + 300,
        url: expect.stringMatching(new RegExp(`^${bench.sandbox.url}/connect/setup/[A-Za-z0-9]{32}$`)),
      }),
    )
  })

  test('it is spent by the first who opens it; the next is sent to refresh_url', async () => {
    const account = await newAccount()
    const token = await newLink(account)
    const { onboarding } = bench.running

    const first = onboarding.openLink(token)
    const second = onboarding.openLink(token)

    expect(first).toMatchObject({ state: 'open', accountId: account })
    expect(second).toStrictEqual({ state: 'used', refreshUrl: back.refresh_url })
    expect(onboarding.openLink('nobody')).toStrictEqual({ state: 'unknown' })
  })

  test('at 299 seconds it opens, at 300 it is late', async () => {
    const [early, late] = [await newLink(await newAccount()), await newLink(await newAccount())]
    const { onboarding } = bench.running

    bench.clock.advance(299_000)
    const opened = onboarding.openLink(early)
    bench.clock.advance(1000)

    expect(opened.state).toBe('open')
    expect(onboarding.openLink(late)).toStrictEqual({ state: 'expired', refreshUrl: back.refresh_url })
  })

  test('a link of an account that left its platform no longer opens', async () => {
    const account = await newAccount()
    const token = await newLink(account)

    await platform.accounts.del(account)

    expect(bench.running.onboarding.openLink(token).state).toBe('expired')
  })

  test('live mode goes back to https only', async () => {
    const live = bench.sdk('Rental', 'live')
    const { id } = await live.accounts.create({ type: 'standard' })
    const wish = { account: id, type: 'account_onboarding' } as const
    const safe = { refresh_url: 'https://example.com/refresh', return_url: 'https://example.com/return' }

    expect(await refusalOf(live.accountLinks.create({ ...wish, ...back }))).toMatchObject({
      statusCode: 400,
      code: 'url_invalid',
      param: 'refresh_url',
    })
    expect(await refusalOf(live.accountLinks.create({ ...wish, ...safe, return_url: back.return_url }))).toMatchObject({
      param: 'return_url',
    })
    expect(await live.accountLinks.create({ ...wish, ...safe })).toMatchObject({ object: 'account_link' })
  })

  test('account_update is for accounts whose requirements the platform collects', async () => {
    const make = (account: string): Promise<unknown> =>
      platform.accountLinks.create({ account, type: 'account_update', ...back })

    expect(await refusalOf(make(await newAccount('standard')))).toMatchObject({ statusCode: 400, param: 'type' })
    expect(await make(await newAccount('custom'))).toMatchObject({ object: 'account_link' })
  })

  test('wrong input is refused by name', async () => {
    const account = await newAccount()
    const good = { account, type: 'account_onboarding' as const, ...back }
    const make = (wish: object): Promise<Stripe.errors.StripeError> =>
      refusalOf(platform.accountLinks.create(wish as typeof good))

    const refusals = await Promise.all([
      make({ ...good, account: undefined }),
      make({ ...good, type: 'account_party' }),
      make({ ...good, refresh_url: 'nowhere' }),
      make({ ...good, return_url: undefined }),
      make({ ...good, collection_options: { fields: 'everything' } }),
      make({ ...good, account: 'acct_none' }),
      make({ ...good, account: bench.keys('Rental').accountId }),
    ])

    expect(refusals.map(({ statusCode, code, param }) => [statusCode, code, param])).toStrictEqual([
      [400, 'parameter_missing', 'account'],
      [400, undefined, 'type'],
      [400, 'url_invalid', 'refresh_url'],
      [400, 'parameter_missing', 'return_url'],
      [400, undefined, 'collection_options[fields]'],
      [403, 'account_invalid', undefined],
      [403, undefined, undefined],
    ])
  })

  test('once a link was made, what Stripe collects is closed to the platform and out of sight', async () => {
    const account = await newAccount()
    await platform.accounts.update(account, { company: { name: 'Before' } })
    await newLink(account)

    const after = await platform.accounts.retrieve(account)

    expect(after).not.toHaveProperty('company')
    expect(await refusalOf(platform.accounts.update(account, { company: { name: 'After' } }))).toMatchObject({
      statusCode: 400,
      code: 'not_allowed_on_standard_account',
      param: 'company',
    })
    expect(await refusalOf(platform.accounts.createPerson(account, { first_name: 'A' }))).toMatchObject({
      statusCode: 400,
    })
    expect(
      await refusalOf(platform.accounts.createExternalAccount(account, { external_account: 'btok_au' })),
    ).toMatchObject({
      param: 'external_account',
    })
    expect(await platform.accounts.update(account, { metadata: { still: 'open' } })).toMatchObject({
      metadata: { still: 'open' },
    })
  })
})

describe('SBX-45: login links', () => {
  test('an Express account has one after onboarding; it works once', async () => {
    const account = await newAccount('express')
    const early = await refusalOf(platform.accounts.createLoginLink(account))
    await bench.control('POST', `/accounts/${account}/script`, { script: 'complete' })

    const link = await platform.accounts.createLoginLink(account)

    expect(early).toMatchObject({ statusCode: 400 })
    expect(link).toMatchObject({ object: 'login_link', url: expect.stringContaining('/connect/login/') })
    const { onboarding } = bench.running
    expect(onboarding.openLogin(tokenIn(link.url))).toStrictEqual({ state: 'open', accountId: account, isLive: false })
    expect(onboarding.openLogin(tokenIn(link.url))).toStrictEqual({ state: 'used' })
    expect(onboarding.openLogin('nobody')).toStrictEqual({ state: 'unknown' })
  })

  test('other accounts have none, and a link does not wait for long', async () => {
    const [standard, custom, express] = [await newAccount(), await newAccount('custom'), await newAccount('express')]
    await bench.control('POST', `/accounts/${express}/script`, { script: 'complete' })
    const link = await platform.accounts.createLoginLink(express)

    bench.clock.advance(300_000)

    expect(bench.running.onboarding.openLogin(tokenIn(link.url))).toStrictEqual({ state: 'expired' })
    expect(await refusalOf(platform.accounts.createLoginLink(standard))).toMatchObject({ statusCode: 400 })
    expect(await refusalOf(platform.accounts.createLoginLink(custom))).toMatchObject({ statusCode: 400 })
  })
})
