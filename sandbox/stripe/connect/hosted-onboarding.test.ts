import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import type { HostedOnboarding, OnboardingView } from './onboarding-views.ts'

let bench: Bench
let platform: Stripe
let onboarding: HostedOnboarding

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
  onboarding = bench.running.onboarding
})

afterAll(() => bench.close())

const back = { refresh_url: 'https://example.com/refresh', return_url: 'https://example.com/return?c=1' }

async function newAccount(country = 'AU', type: 'company' | 'individual' | null = 'company'): Promise<string> {
  const kind = type === null ? {} : { business_type: type }
  return (await platform.accounts.create({ type: 'standard', country, ...kind })).id
}

async function open(account: string): Promise<string> {
  const { url } = await platform.accountLinks.create({ account, type: 'account_onboarding', ...back })
  const opened = onboarding.openLink(new URL(url).pathname.split('/').at(-1) ?? '')
  return opened.state === 'open' ? opened.visit : ''
}

function viewOf(visit: string): OnboardingView {
  const view = onboarding.view(visit)
  if (view === null) throw new Error('There is no such visit.')
  return view
}

function testValues(view: OnboardingView): Record<string, string> {
  const fields = view.groups.flatMap((group) => group.fields)
  return Object.fromEntries(fields.map(({ name, testValue }) => [name, testValue]))
}

describe('SBX-46: the hosted onboarding form', () => {
  test('it asks in groups, with the words of the country', async () => {
    const view = viewOf(await open(await newAccount('NZ')))

    expect(view).toMatchObject({ platformName: 'Rental Platform', isLive: false, country: 'NZ', isSubmitted: false })
    expect(view.groups.map(({ name }) => name)).toStrictEqual(['business', 'people', 'bank', 'terms'])
    const fields = view.groups.flatMap((group) => group.fields)
    expect(fields.find(({ name }) => name === 'company.tax_id')).toMatchObject({ label: 'NZBN', input: 'text' })
    expect(fields.filter(({ name }) => name.startsWith('external_account')).map(({ name }) => name)).toStrictEqual([
      'external_account.account_number',
    ])
    expect(fields.filter(({ name }) => name.startsWith('tos_acceptance'))).toMatchObject([{ input: 'checkbox' }])
    expect(view.scripts[0]).toStrictEqual({ name: 'complete', label: expect.any(String) })
  })

  test.each([
    ['AU', 'company'],
    ['NZ', 'company'],
    ['US', 'company'],
    ['GB', 'individual'],
    ['DE', 'company'],
  ] as const)(
    'filled with test data and submitted, an account in %s (%s) can charge and be paid',
    async (country, type) => {
      const account = await newAccount(country, type)
      const visit = await open(account)

      const outcome = onboarding.submit(visit, testValues(viewOf(visit)), 'complete')

      expect(outcome).toStrictEqual({ state: 'done', returnUrl: back.return_url })
      expect(await platform.accounts.retrieve(account)).toMatchObject({
        charges_enabled: true,
        payouts_enabled: true,
        details_submitted: true,
        requirements: { currently_due: [] },
        external_accounts: { data: [{ country }] },
      })
    },
  )

  test('the type of business is asked first; the form goes on with what that type needs', async () => {
    const account = await newAccount('US', null)
    const visit = await open(account)

    const first = onboarding.submit(visit, testValues(viewOf(visit)), 'complete')
    const next = viewOf(visit)
    const second = onboarding.submit(visit, testValues(next), 'complete')

    expect(first).toStrictEqual({ state: 'incomplete' })
    expect(next.groups.map(({ name }) => name)).toStrictEqual(['business', 'people'])
    expect(second.state).toBe('done')
    expect((await platform.accounts.retrieve(account)).charges_enabled).toBe(true)
  })

  test('a form sent off empty is not finished, and nothing is concluded from it', async () => {
    const account = await newAccount()
    const visit = await open(account)

    expect(onboarding.submit(visit, {}, 'complete')).toStrictEqual({ state: 'incomplete' })
    expect(await platform.accounts.retrieve(account)).toMatchObject({
      details_submitted: false,
      charges_enabled: false,
    })
  })

  test('saved for later: what was typed stays, the account is pending, the next visit asks for the rest', async () => {
    const account = await newAccount()
    const visit = await open(account)

    const outcome = onboarding.saveForLater(visit, { 'company.name': 'Kowhai Desks', 'company.phone': ' ' })

    expect(outcome).toStrictEqual({ state: 'done', returnUrl: back.return_url })
    expect(await platform.accounts.retrieve(account)).toMatchObject({
      details_submitted: false,
      charges_enabled: false,
    })
    const view = viewOf(await open(account))
    expect(view.accountName).toBe('Kowhai Desks')
    const names = view.groups.flatMap(({ fields }) => fields.map(({ name }) => name))
    expect(names).not.toContain('company.name')
    expect(names).toContain('company.phone')
  })

  test('directors missing: the form shows why, and filling it heals the account', async () => {
    const account = await newAccount()
    const first = await open(account)
    onboarding.submit(first, testValues(viewOf(first)), 'directors_missing')
    expect((await platform.accounts.retrieve(account)).charges_enabled).toBe(false)

    const visit = await open(account)
    const view = viewOf(visit)
    const outcome = onboarding.submit(visit, testValues(view), 'complete')

    expect(view.isSubmitted).toBe(true)
    expect(view.groups).toMatchObject([
      {
        name: 'people',
        fields: [
          {
            name: 'directors_provided',
            input: 'checkbox',
            isPastDue: true,
            reason: expect.stringContaining('directors'),
          },
          { label: 'First name (director)' },
          { label: 'Last name (director)' },
        ],
      },
    ])
    expect(outcome.state).toBe('done')
    expect((await platform.accounts.retrieve(account)).charges_enabled).toBe(true)
  })

  test('a missing document is asked for; an unreadable one does not do', async () => {
    const account = await newAccount()
    const first = await open(account)
    onboarding.submit(first, testValues(viewOf(first)), 'missing_identity_document')
    const visit = await open(account)
    const [field] = viewOf(visit).groups[0]?.fields ?? []
    const name = String(field?.name)

    const bad = onboarding.submit(visit, { [name]: 'file_identity_document_failure' }, 'complete')
    const good = onboarding.submit(visit, { [name]: 'file_identity_document_success' }, 'complete')

    expect(bad).toStrictEqual({ state: 'incomplete' })
    expect(good.state).toBe('done')
  })

  test('a failed bank account can be replaced', async () => {
    const account = await newAccount()
    const first = await open(account)
    onboarding.submit(first, testValues(viewOf(first)), 'no_bank_account')
    const visit = await open(account)

    const outcome = onboarding.submit(visit, testValues(viewOf(visit)), 'complete')

    expect(outcome.state).toBe('done')
    expect(await platform.accounts.retrieve(account)).toMatchObject({ payouts_enabled: true })
  })

  test('wrong answers are named beside their fields and nothing is written', async () => {
    const account = await newAccount()
    const visit = await open(account)
    const before = await platform.accounts.retrieve(account)
    const good = testValues(viewOf(visit))

    const outcome = onboarding.submit(
      visit,
      {
        ...good,
        'business_profile.mcc': '12',
        'business_profile.url': 'javascript:alert(1)',
        'company.name': 'x'.repeat(201),
        'representative.email': 'nobody',
        'representative.dob.day': '-1',
      },
      'complete',
    )
    const bank = onboarding.submit(visit, { ...good, 'external_account.account_number': '𝟘' }, 'complete')

    expect(outcome).toMatchObject({ state: 'invalid' })
    expect(outcome.state === 'invalid' ? outcome.problems.map(({ name }) => name).toSorted() : []).toStrictEqual([
      'business_profile.mcc',
      'business_profile.url',
      'company.name',
      'representative.dob.day',
      'representative.email',
    ])
    expect(bank).toMatchObject({ state: 'invalid', problems: [{ name: 'external_account.account_number' }] })
    expect(await platform.accounts.retrieve(account)).toStrictEqual(before)
  })

  test('fields nobody asked for are ignored', async () => {
    const account = await newAccount()
    const visit = await open(account)

    onboarding.saveForLater(visit, { __proto__: 'x', charges_enabled: 'true', 'metadata.a': 'b', constructor: 'y' })

    expect(await platform.accounts.retrieve(account)).toMatchObject({ charges_enabled: false, metadata: {} })
  })

  test('the visit ends after 12 hours, and with the connection', async () => {
    const [one, other] = [await newAccount(), await newAccount()]
    const [late, left] = [await open(one), await open(other)]

    await platform.accounts.del(other)
    const gone = onboarding.submit(left, {}, 'complete')
    bench.clock.advance(12 * 3_600_000)

    expect(gone).toStrictEqual({ state: 'gone' })
    expect(onboarding.view(late)).toBeNull()
    expect(onboarding.saveForLater(late, {})).toStrictEqual({ state: 'gone' })
    expect(onboarding.view('')).toBeNull()
  })
})
