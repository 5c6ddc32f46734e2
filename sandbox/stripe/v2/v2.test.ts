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

const all = [
  'configuration.merchant',
  'configuration.recipient',
  'defaults',
  'future_requirements',
  'identity',
  'requirements',
] as const

const wish: Stripe.V2.Core.AccountCreateParams = {
  dashboard: 'full',
  display_name: 'Kowhai Desks',
  contact_email: 'desk@example.com',
  identity: { country: 'AU', entity_type: 'company' },
  configuration: {
    merchant: { capabilities: { card_payments: { requested: true } }, mcc: '6513' },
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
  },
  defaults: { currency: 'aud', responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' } },
  metadata: { rentroll_operator: '7' },
}

describe('SBX-45: v2 accounts', () => {
  test('parts that were not asked for are absent', async () => {
    const account = await platform.v2.core.accounts.create(wish)

    expect(account).toStrictEqual(
      expect.objectContaining({
        object: 'v2.core.account',
        applied_configurations: ['merchant', 'recipient'],
        closed: false,
        contact_email: 'desk@example.com',
        created: bench.clock.now().toISOString(),
        dashboard: 'full',
        display_name: 'Kowhai Desks',
        livemode: false,
        metadata: { rentroll_operator: '7' },
      }),
    )
    for (const part of ['configuration', 'defaults', 'identity', 'requirements', 'future_requirements'])
      expect(account).not.toHaveProperty(part)
  })

  test('parts that were asked for are there, and say what is due', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)

    const account = await platform.v2.core.accounts.retrieve(id, { include: [...all] })

    expect(account).toMatchObject({
      configuration: {
        merchant: {
          applied: true,
          mcc: '6513',
          capabilities: {
            card_payments: {
              status: 'restricted',
              status_details: [{ code: 'requirements_past_due', resolution: 'provide_info' }],
            },
          },
        },
        recipient: { applied: true, capabilities: { stripe_balance: { stripe_transfers: { status: 'restricted' } } } },
      },
      defaults: {
        currency: 'aud',
        responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe', requirements_collector: 'stripe' },
      },
      identity: { country: 'AU', entity_type: 'company' },
      future_requirements: { entries: [] },
      requirements: { summary: { minimum_deadline: { status: 'past_due' } } },
    })
    expect(account.requirements?.entries?.map(({ description }) => description)).toContain('company.name')
    expect(account.requirements?.entries?.[0]).toMatchObject({
      awaiting_action_from: 'user',
      impact: { restricts_capabilities: [{ capability: 'card_payments', configuration: 'merchant' }] },
    })
  })

  test('it is the same account as in v1', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)
    await bench.control('POST', `/accounts/${id}/script`, { script: 'complete' })

    const v1 = await platform.accounts.retrieve(id)
    const v2 = await platform.v2.core.accounts.retrieve(id, { include: ['configuration.merchant', 'requirements'] })

    expect(v1).toMatchObject({
      charges_enabled: true,
      email: 'desk@example.com',
      type: 'standard',
      capabilities: { card_payments: 'active', transfers: 'active' },
      settings: { dashboard: { display_name: 'Kowhai Desks' } },
    })
    expect(v2.configuration?.merchant?.capabilities).toStrictEqual({
      card_payments: { status: 'active', status_details: [] },
    })
    expect(v2.requirements).toStrictEqual({ entries: [] })
  })

  test('a script is seen in v2 as well', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)
    const statusAfter = async (script: string): Promise<string | undefined> => {
      await bench.control('POST', `/accounts/${id}/script`, { script })
      const { configuration } = await platform.v2.core.accounts.retrieve(id, { include: ['configuration.merchant'] })
      return configuration?.merchant?.capabilities?.card_payments?.status
    }

    expect(await statusAfter('under_review')).toBe('pending')
    expect(await statusAfter('rejected_fraud')).toBe('rejected')
    expect(await statusAfter('directors_missing')).toBe('restricted')
    expect(await statusAfter('due_later')).toBe('active')
  })

  test('an update changes what it names, and tells of it in v1', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)

    const updated = await platform.v2.core.accounts.update(id, {
      contact_email: 'new@example.com',
      defaults: { profile: { business_url: 'https://kowhai.example' } },
      metadata: { more: 'x' },
      include: ['defaults'],
    })

    expect(updated).toMatchObject({
      contact_email: 'new@example.com',
      defaults: { profile: { business_url: 'https://kowhai.example' } },
      metadata: { rentroll_operator: '7', more: 'x' },
    })
    const events = await platform.events.list({}, { stripeAccount: id })
    expect(events.data[0]).toMatchObject({
      type: 'account.updated',
      data: { previous_attributes: { email: wish.contact_email } },
    })
  })

  test('closing leaves the platform; the account can be looked at and not used', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)

    const closed = await platform.v2.core.accounts.close(id)
    const seen = await platform.v2.core.accounts.retrieve(id, { include: ['requirements'] })

    expect(closed).toMatchObject({ id, closed: true })
    expect(seen).toMatchObject({ id, closed: true })
    expect(seen).not.toHaveProperty('requirements')
    expect(await refusalOf(platform.v2.core.accounts.update(id, { display_name: 'x' }))).toMatchObject({
      statusCode: 403,
    })
    expect(await refusalOf(platform.accounts.retrieve(id))).toMatchObject({ statusCode: 403, code: 'account_invalid' })
    expect(await refusalOf(bench.sdk('Harbour').v2.core.accounts.retrieve(id))).toMatchObject({ statusCode: 403 })
  })

  test('v2 takes JSON, checks every name, and refuses what it does not do', async () => {
    const key = bench.keys('Rental').secret
    const post = (body: string, type = 'application/json') =>
      bench.raw('/v2/core/accounts', { method: 'POST', key, body, headers: { 'content-type': type } })

    const answers = await Promise.all([
      post('dashboard=full', 'application/x-www-form-urlencoded'),
      post('{'),
      post('[]'),
      post('{"dashbord":"full"}'),
      post('{"identity":{"entity_type":"ghost"}}'),
      post('{"configuration":{"merchant":{"capabilities":{"flying":{"requested":true}}}}}'),
      post('{"configuration":{"customer":{}}}'),
      post('{"include":["everything"]}'),
    ])

    expect(answers.map(({ status, body }) => [status, body.error.code, body.error.param])).toStrictEqual([
      [400, undefined, undefined],
      [400, undefined, undefined],
      [400, undefined, undefined],
      [400, 'parameter_unknown', 'dashbord'],
      [400, undefined, 'identity[entity_type]'],
      [400, 'parameter_unknown', 'configuration[merchant][capabilities][flying]'],
      [400, 'sandbox_not_supported', 'configuration[customer]'],
      [400, undefined, 'include[0]'],
    ])
    const { id } = await platform.v2.core.accounts.create(wish)
    expect(await refusalOf(platform.v2.core.accounts.update(id, { identity: { country: 'NZ' } }))).toMatchObject({
      statusCode: 400,
    })
    expect(await refusalOf(platform.v2.core.accounts.list())).toMatchObject({ statusCode: 400 })
  })
})

describe('SBX-45: v2 account links', () => {
  const links = (account: string): Stripe.V2.Core.AccountLinkCreateParams => ({
    account,
    use_case: {
      type: 'account_onboarding',
      account_onboarding: {
        collection_options: { fields: 'eventually_due' },
        refresh_url: 'https://example.com/refresh',
        return_url: 'https://example.com/return',
      },
    },
  })

  test('a link lives 600 seconds and opens the same form', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)

    const link = await platform.v2.core.accountLinks.create(links(id))
    const late = await platform.v2.core.accountLinks.create(links(id))

    const now = bench.clock.now().getTime()
    expect(link).toMatchObject({
      object: 'v2.core.account_link',
      account: id,
      created: new Date(now).toISOString(),
      expires_at: new Date(now + 600_000).toISOString(),
      livemode: false,
      use_case: links(id).use_case,
    })
    const tokenOf = ({ url }: { url: string }): string => new URL(url).pathname.split('/').at(-1) ?? ''
    bench.clock.advance(599_000)
    expect(bench.running.onboarding.openLink(tokenOf(link))).toMatchObject({ state: 'open', accountId: id })
    bench.clock.advance(1000)
    expect(bench.running.onboarding.openLink(tokenOf(late))).toMatchObject({ state: 'expired' })
  })

  test('wrong input is refused by name', async () => {
    const { id } = await platform.v2.core.accounts.create(wish)
    const update = { ...links(id), use_case: { ...links(id).use_case, type: 'account_update' } }

    expect(await refusalOf(platform.v2.core.accountLinks.create(update))).toMatchObject({ statusCode: 400 })
    expect(await refusalOf(platform.v2.core.accountLinks.create(links('acct_none')))).toMatchObject({ statusCode: 403 })
    expect(
      await refusalOf(platform.v2.core.accountLinks.create({ account: id, use_case: { type: 'account_onboarding' } })),
    ).toMatchObject({ statusCode: 400 })
  })
})
