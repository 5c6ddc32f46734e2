import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../../test-bench.ts'
import type { Bench } from '../../test-bench.ts'

let bench: Bench
let platform: Stripe

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

describe('SBX-45: accounts', () => {
  test('a new account needs everything, cannot charge and tells nobody', async () => {
    const account = await platform.accounts.create({
      controller: {
        fees: { payer: 'account' },
        losses: { payments: 'stripe' },
        requirement_collection: 'stripe',
        stripe_dashboard: { type: 'full' },
      },
      country: 'AU',
      email: 'desk@example.com',
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
      metadata: { rentroll_operator: '7' },
    })

    expect(account).toMatchObject({
      object: 'account',
      type: 'standard',
      country: 'AU',
      default_currency: 'aud',
      charges_enabled: false,
      payouts_enabled: false,
      details_submitted: false,
      capabilities: { card_payments: 'inactive', transfers: 'inactive' },
      controller: { type: 'application', is_controller: true, stripe_dashboard: { type: 'full' } },
      external_accounts: { data: [], url: `/v1/accounts/${account.id}/external_accounts` },
      requirements: { disabled_reason: 'requirements.past_due', current_deadline: null },
      metadata: { rentroll_operator: '7' },
    })
    expect(account.requirements?.currently_due).toStrictEqual([
      'business_type',
      'business_profile.mcc',
      'business_profile.url',
      'external_account',
      'tos_acceptance.date',
      'tos_acceptance.ip',
    ])
    expect(account.requirements?.past_due).toStrictEqual(account.requirements?.currently_due)
    expect(await bench.eventsOf(account.id)).toStrictEqual([])
    expect(await platform.accounts.retrieve(account.id)).toStrictEqual(account)
    expect(await bench.actingFor(account.id).accounts.retrieveCurrent()).toStrictEqual(account)
  })

  test('each old type is the same as its controller, and the two exclude each other', async () => {
    const types = ['standard', 'express', 'custom'] as const
    const made = await Promise.all(types.map((type) => platform.accounts.create({ type })))
    const mixed = await platform.accounts.create({
      controller: { stripe_dashboard: { type: 'none' }, fees: { payer: 'application' } },
    })
    const refusal = await refusalOf(
      platform.accounts.create({ type: 'express', controller: { losses: { payments: 'stripe' } } }),
    )

    expect(
      made.map((one) => [one.type, one.controller?.fees?.payer, one.controller?.stripe_dashboard?.type]),
    ).toStrictEqual([
      ['standard', 'account', 'full'],
      ['express', 'application_express', 'express'],
      ['custom', 'application_custom', 'none'],
    ])
    expect(mixed.type).toBe('none')
    expect(refusal).toMatchObject({ statusCode: 400, param: 'type' })
  })

  test('an update of metadata is one account.updated with what was', async () => {
    const account = await platform.accounts.create({ type: 'standard' })

    const updated = await platform.accounts.update(account.id, { metadata: { foo: 'bar' } })

    expect(updated.metadata).toStrictEqual({ foo: 'bar' })
    const [event, ...others] = await bench.eventsOf(account.id)
    expect(others).toStrictEqual([])
    expect(event).toMatchObject({
      type: 'account.updated',
      data: { object: { id: account.id, metadata: { foo: 'bar' } } },
    })
    expect(event?.data.previous_attributes).toStrictEqual({ metadata: { foo: null } })
  })

  test('an update that changes nothing tells of nothing', async () => {
    const account = await platform.accounts.create({ type: 'standard', email: 'a@example.com' })

    await platform.accounts.update(account.id, { email: 'a@example.com' })

    expect(await bench.eventsOf(account.id)).toStrictEqual([])
  })

  test('the list has the platform’s own accounts of this mode, newest first', async () => {
    const first = await platform.accounts.create({ type: 'standard' })
    const second = await platform.accounts.create({ type: 'express' })
    const live = await bench.sdk('Rental', 'live').accounts.create({ type: 'standard' })

    const page = await platform.accounts.list({ limit: 2 })
    const rest = await platform.accounts.list({ limit: 100, starting_after: first.id })
    const livePage = await bench.sdk('Rental', 'live').accounts.list()

    expect(page.data.map(({ id }) => id)).toStrictEqual([second.id, first.id])
    expect(page).toMatchObject({ url: '/v1/accounts', has_more: true })
    expect(rest.data.map(({ id }) => id)).not.toContain(second.id)
    expect(livePage.data.map(({ id }) => id)).toStrictEqual([live.id])
    expect((await bench.sdk('Harbour').accounts.list()).data).toStrictEqual([])
    expect(await refusalOf(platform.accounts.list({ starting_after: live.id }))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'starting_after',
    })
  })

  test('the default currency is one that accounts of the country are paid out in, in v1 and v2', async () => {
    const made = await platform.accounts.create({ type: 'standard', country: 'GB', default_currency: 'eur' })
    expect(made.default_currency).toBe('eur')
    const offered = 'Invalid currency: usd. You can use these currencies for an account in GB: gbp, eur.'
    const wrong = platform.accounts.create({ type: 'standard', country: 'GB', default_currency: 'usd' })
    expect(await refusalOf(wrong)).toMatchObject({ message: offered, param: 'default_currency' })
    const v2 = (currency: string) =>
      platform.v2.core.accounts.create({
        dashboard: 'full',
        identity: { country: 'CA' },
        defaults: { currency, responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' } },
        include: ['defaults'],
      })
    expect((await v2('usd')).defaults?.currency).toBe('usd')
    await expect(v2('nzd')).rejects.toThrow('You can use these currencies for an account in CA: cad, usd.')
  })

  test('hostile input is refused with its path', async () => {
    const account = await platform.accounts.create({ type: 'custom' })
    const wrong: [Promise<unknown>, string | undefined, string][] = [
      [platform.accounts.create({ type: 'none' as 'custom' }), undefined, 'type'],
      [platform.accounts.create({ type: 'custom', country: 'XX' }), 'country_unsupported', 'country'],
      [platform.accounts.update(account.id, { email: 'nobody' }), 'email_invalid', 'email'],
      [
        platform.accounts.update(account.id, { business_profile: { url: 'nowhere' } }),
        'url_invalid',
        'business_profile[url]',
      ],
      [platform.accounts.update(account.id, { default_currency: 'zzz' }), undefined, 'default_currency'],
      [
        platform.accounts.update(account.id, { capabilities: { flying: { requested: true } } as object }),
        'parameter_unknown',
        'capabilities[flying]',
      ],
      [platform.accounts.update(account.id, { company: { name: 'x'.repeat(101) } }), undefined, 'company[name]'],
      [
        platform.accounts.update(account.id, { settings: { payouts: { schedule: { interval: 'weekly' } } } }),
        undefined,
        'settings[payouts][schedule][weekly_anchor]',
      ],
      [
        platform.accounts.update(account.id, { settings: { payouts: { schedule: { delay_days: -1 } } } }),
        'parameter_invalid_integer',
        'settings[payouts][schedule][delay_days]',
      ],
      [
        platform.accounts.update(account.id, { individual: { dob: { day: 0, month: 13, year: 1 } } }),
        'parameter_invalid_integer',
        'individual[dob][day]',
      ],
    ]

    const refusals = await Promise.all(wrong.map(([call]) => refusalOf(call)))

    expect(refusals.map(({ statusCode, code, param }) => [statusCode, code, param])).toStrictEqual(
      wrong.map(([, code, param]) => [400, code, param]),
    )
    expect(await platform.accounts.retrieve(account.id)).toStrictEqual(account)
  })

  test('only a platform makes accounts, and nobody changes the own account over the API', async () => {
    const harbour = bench.sdk('Harbour')

    expect(await refusalOf(harbour.accounts.create({ type: 'standard' }))).toMatchObject({
      statusCode: 400,
      code: 'platform_account_required',
    })
    expect(
      await refusalOf(harbour.accounts.update(bench.keys('Harbour').accountId, { email: 'a@b.example' })),
    ).toMatchObject({
      statusCode: 403,
    })
    expect(await refusalOf(harbour.accounts.del(bench.keys('Harbour').accountId))).toMatchObject({ statusCode: 403 })
  })

  test('a payout schedule is kept, and a new interval drops the old days', async () => {
    const { id } = await platform.accounts.create({ type: 'express' })

    const weekly = await platform.accounts.update(id, {
      settings: {
        payouts: { schedule: { interval: 'weekly', weekly_payout_days: ['monday', 'friday'], delay_days: 'minimum' } },
      },
    })
    const monthly = await platform.accounts.update(id, {
      settings: { payouts: { schedule: { interval: 'monthly', monthly_anchor: 31 } } },
    })

    expect(weekly.settings?.payouts?.schedule).toStrictEqual({
      delay_days: 2,
      interval: 'weekly',
      weekly_payout_days: ['monday', 'friday'],
    })
    expect(monthly.settings?.payouts?.schedule).toStrictEqual({
      delay_days: 2,
      interval: 'monthly',
      monthly_anchor: 31,
    })
  })

  test('a platform cannot accept the terms where Stripe collects the requirements', async () => {
    const refusal = await refusalOf(
      platform.accounts.create({ type: 'standard', tos_acceptance: { date: 1_700_000_000, ip: '127.0.0.1' } }),
    )

    expect(refusal).toMatchObject({ statusCode: 400, param: 'tos_acceptance' })
  })
})
