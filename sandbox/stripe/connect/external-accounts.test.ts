import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { changeBankStatus } from './bank-accounts.ts'

let bench: Bench
let platform: Stripe

const bank = {
  object: 'bank_account',
  country: 'AU',
  currency: 'aud',
  account_number: '000123456',
  routing_number: '110000',
} as const

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

async function newAccount(type: 'custom' | 'standard' = 'custom'): Promise<string> {
  return (await platform.accounts.create({ type, country: 'AU' })).id
}

async function eventTypes(id: string): Promise<string[]> {
  const stripe = bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: id })
  return (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).toReversed()
}

describe('SBX-45: external accounts', () => {
  test('a bank account is the default of its currency, and the requirement goes', async () => {
    const id = await newAccount()

    const made = await platform.accounts.createExternalAccount(id, { external_account: bank, metadata: { a: 'b' } })

    expect(made).toMatchObject({
      object: 'bank_account',
      account: id,
      country: 'AU',
      currency: 'aud',
      default_for_currency: true,
      last4: '3456',
      routing_number: '110000',
      status: 'new',
      metadata: { a: 'b' },
    })
    const account = await platform.accounts.retrieve(id)
    expect(account.external_accounts?.data).toStrictEqual([made])
    expect(account.requirements?.currently_due).not.toContain('external_account')
    expect(await platform.accounts.retrieveExternalAccount(id, made.id)).toStrictEqual(made)
    expect(await eventTypes(id)).toStrictEqual(['account.external_account.created', 'account.updated'])
  })

  test('a test token is as good as the numbers', async () => {
    const id = await newAccount()

    const made = await platform.accounts.createExternalAccount(id, { external_account: 'btok_us_verified' })

    expect(made).toMatchObject({ country: 'US', currency: 'usd', routing_number: '110000000', last4: '6789' })
  })

  test('another default takes over; both changes are told', async () => {
    const id = await newAccount()
    const first = await platform.accounts.createExternalAccount(id, { external_account: bank })
    const second = await platform.accounts.createExternalAccount(id, {
      external_account: { ...bank, account_number: '000654321' },
    })

    await platform.accounts.updateExternalAccount(id, second.id, { default_for_currency: true })

    const list = await platform.accounts.listExternalAccounts(id, { object: 'bank_account' })
    expect(list.data.map((one) => [one.id, one.default_for_currency])).toStrictEqual([
      [second.id, true],
      [first.id, false],
    ])
    expect((await eventTypes(id)).slice(-3)).toStrictEqual([
      'account.external_account.updated',
      'account.external_account.updated',
      'account.updated',
    ])
    expect((await platform.accounts.listExternalAccounts(id, { object: 'card' })).data).toStrictEqual([])
  })

  test('the default cannot be deleted, another one can', async () => {
    const id = await newAccount()
    const first = await platform.accounts.createExternalAccount(id, { external_account: bank })
    const second = await platform.accounts.createExternalAccount(id, {
      external_account: { ...bank, account_number: '000654321' },
      default_for_currency: true,
    })
    const foreign = await platform.accounts.createExternalAccount(id, { external_account: 'btok_us' })

    const refusal = await refusalOf(platform.accounts.deleteExternalAccount(id, second.id))
    const deleted = await platform.accounts.deleteExternalAccount(id, first.id)
    const alone = await refusalOf(platform.accounts.deleteExternalAccount(id, second.id))
    const lastOfCurrency = await platform.accounts.deleteExternalAccount(id, foreign.id)

    expect(refusal).toMatchObject({ statusCode: 400, param: 'default_for_currency' })
    expect(refusal.message).toContain('You cannot delete the default external account')
    expect(deleted).toStrictEqual(expect.objectContaining({ id: first.id, object: 'bank_account', deleted: true }))
    expect(alone).toMatchObject({ statusCode: 400 })
    expect(lastOfCurrency).toMatchObject({ deleted: true, currency: 'usd' })
    expect(await eventTypes(id)).toContain('account.external_account.deleted')
  })

  test('SBX-25: a bank account that stopped working is due again and lives again by an empty update', async () => {
    const id = await newAccount()
    const { id: bankId } = await platform.accounts.createExternalAccount(id, { external_account: bank })
    const space = bench.running.world.space(id, 'test')

    bench.running.world.transaction(() => changeBankStatus(space, bankId, 'errored'))
    const stuck = await platform.accounts.retrieve(id)
    const revived = await platform.accounts.updateExternalAccount(id, bankId, {})

    expect(stuck.requirements?.currently_due).toContain('external_account')
    expect(stuck.external_accounts?.data[0]).toMatchObject({ status: 'errored' })
    expect(revived).toMatchObject({ status: 'new' })
    expect((await eventTypes(id)).filter((type) => type === 'account.external_account.updated')).toHaveLength(2)
  })

  test('numbers that cannot be are refused by name', async () => {
    const id = await newAccount()
    const make = (external: object | string): Promise<Stripe.errors.StripeError> =>
      refusalOf(platform.accounts.createExternalAccount(id, { external_account: external as typeof bank }))

    const refusals = await Promise.all([
      make({ ...bank, routing_number: '11' }),
      make({ ...bank, account_number: '1' }),
      make({ ...bank, account_number: '𝟙𝟚𝟛𝟜𝟝𝟞' }),
      make({ ...bank, country: 'ZZ' }),
      make({ ...bank, currency: 'zzz' }),
      make({ ...bank, swift: 'X' }),
      make('btok_unknown'),
      make({ object: 'card', number: '4242424242424242', exp_month: 1, exp_year: 2030 }),
    ])

    expect(refusals.map(({ statusCode, code, param }) => [statusCode, code, param])).toStrictEqual([
      [400, 'routing_number_invalid', 'external_account[routing_number]'],
      [400, 'account_number_invalid', 'external_account[account_number]'],
      [400, 'account_number_invalid', 'external_account[account_number]'],
      [400, 'country_unsupported', 'external_account[country]'],
      [400, undefined, 'external_account[currency]'],
      [400, 'parameter_unknown', 'external_account[swift]'],
      [400, 'resource_missing', 'external_account'],
      [400, 'sandbox_not_supported', 'external_account[object]'],
    ])
    expect(await eventTypes(id)).toStrictEqual([])
  })

  test('SBX-9: another account does not know it, and another platform neither', async () => {
    const [one, other] = [await newAccount(), await newAccount()]
    const made = await platform.accounts.createExternalAccount(one, { external_account: bank })

    const refusals = await Promise.all([
      refusalOf(platform.accounts.retrieveExternalAccount(other, made.id)),
      refusalOf(bench.sdk('Harbour').accounts.retrieveExternalAccount(one, made.id)),
      refusalOf(bench.sdk('Rental', 'live').accounts.retrieveExternalAccount(one, made.id)),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual([
      [404, 'resource_missing'],
      [403, 'account_invalid'],
      [403, 'account_invalid'],
    ])
  })
})
