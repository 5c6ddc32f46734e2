import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { scriptNames } from './requirements/script-names.ts'
import type { ScriptName } from './requirements/script-names.ts'

const day = 86_400_000

let bench: Bench
let platform: Stripe

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

async function newAccount(country = 'AU', type: 'company' | 'individual' = 'company'): Promise<string> {
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
  return (await platform.accounts.create({ type: 'standard', country, business_type: type, capabilities })).id
}

async function play(id: string, script: ScriptName): Promise<Stripe.Account> {
  const answer = await bench.control('POST', `/accounts/${id}/script`, { script })
  expect(answer.status).toBe(200)
  return platform.accounts.retrieve(id)
}

function outline(account: Stripe.Account): unknown[] {
  const { charges_enabled: charges, payouts_enabled: payouts, details_submitted: submitted, requirements } = account
  return [charges, payouts, submitted, requirements?.disabled_reason]
}

describe('SBX-28: account scripts', () => {
  test.each([
    ['complete', [true, true, true, null]],
    ['saved_for_later', [false, false, false, 'requirements.past_due']],
    ['missing_identity_document', [false, false, true, 'requirements.past_due']],
    ['directors_missing', [false, false, true, 'requirements.past_due']],
    ['under_review', [false, false, true, 'under_review']],
    ['no_bank_account', [true, false, true, 'requirements.past_due']],
    ['due_later', [true, true, true, null]],
    ['past_due', [false, false, true, 'requirements.past_due']],
    ['rejected_fraud', [false, false, true, 'rejected.fraud']],
    ['unknown_disabled_reason', [false, false, true, 'sandbox.reason_of_tomorrow']],
    ['platform_paused', [false, false, true, 'platform_paused']],
    ['future_requirements', [true, true, true, null]],
  ] as const)('%s', async (script, expected) => {
    const id = await newAccount()

    expect(outline(await play(id, script))).toStrictEqual(expected)
  })

  test('every script can follow every other, and complete heals them all', async () => {
    const id = await newAccount()

    for (const script of scriptNames) {
      await play(id, script)
      expect(outline(await play(id, 'complete')), script).toStrictEqual([true, true, true, null])
    }
  })

  test('complete: capabilities are active, and people, bank account and account tell of it in one second', async () => {
    const id = await newAccount()

    const account = await play(id, 'complete')

    expect(account.capabilities).toStrictEqual({ card_payments: 'active', transfers: 'active' })
    expect(account.requirements).toMatchObject({ currently_due: [], eventually_due: [], past_due: [], errors: [] })
    expect(account.external_accounts?.data).toHaveLength(1)
    const events = await bench.eventsOf(id)
    expect(events.map(({ type }) => type)).toStrictEqual([
      'person.created',
      'account.external_account.created',
      'capability.updated',
      'capability.updated',
      'account.updated',
      'balance_settings.updated',
    ])
    expect(new Set(events.map(({ created }) => created)).size).toBe(1)
    expect(events[2]?.data).toMatchObject({ object: { status: 'active' }, previous_attributes: { status: 'inactive' } })
    expect(events[4]?.data.previous_attributes).toMatchObject({ charges_enabled: false, payouts_enabled: false })
    expect(events[4]?.data.object).toStrictEqual(account)
  })

  test('a script that changes nothing tells of nothing', async () => {
    const id = await newAccount()
    await play(id, 'complete')
    const before = await bench.eventsOf(id)

    await play(id, 'complete')
    await play(id, 'saved_for_later')

    expect(await bench.eventsOf(id)).toHaveLength(before.length)
  })

  test('directors missing: directors_provided and two fields of a person, with the reason', async () => {
    const id = await newAccount()

    const { requirements } = await play(id, 'directors_missing')

    expect(requirements?.past_due).toStrictEqual([
      'directors_provided',
      expect.stringMatching(/^person_\w+\.first_name$/),
      expect.stringMatching(/^person_\w+\.last_name$/),
    ])
    expect(requirements?.errors).toStrictEqual([
      { code: 'verification_missing_directors', reason: expect.any(String), requirement: 'directors_provided' },
    ])
    const directors = await platform.accounts.listPersons(id, { relationship: { director: true } })
    expect(directors.data.map(({ requirements: own }) => own?.past_due)).toStrictEqual([['first_name', 'last_name']])
  })

  test('directors missing is healed over the API as well, where the platform collects', async () => {
    const { id } = await platform.accounts.create({ type: 'custom', country: 'AU', business_type: 'company' })
    await platform.accounts.update(id, { capabilities: { card_payments: { requested: true } } })
    await play(id, 'directors_missing')
    const [director] = (await platform.accounts.listPersons(id, { relationship: { director: true } })).data

    await platform.accounts.updatePerson(id, String(director?.id), { first_name: 'Ada', last_name: 'Director' })
    const after = await platform.accounts.update(id, { company: { directors_provided: true } })

    expect(outline(after)).toStrictEqual([true, true, true, null])
  })

  test('missing identity document: named for the person, with the reason', async () => {
    const company = await play(await newAccount(), 'missing_identity_document')
    const individual = await play(await newAccount('US', 'individual'), 'missing_identity_document')

    expect(company.requirements?.past_due).toStrictEqual([
      expect.stringMatching(/^person_\w+\.verification\.document$/),
    ])
    expect(individual.requirements?.past_due).toStrictEqual(['individual.verification.document'])
    expect(individual.requirements?.errors?.[0]).toMatchObject({ code: 'verification_document_not_readable' })
  })

  test('under review: capabilities are pending and the document waits for verification', async () => {
    const account = await play(await newAccount(), 'under_review')

    expect(account.capabilities).toStrictEqual({ card_payments: 'pending', transfers: 'pending' })
    expect(account.requirements?.pending_verification).toStrictEqual([expect.stringContaining('verification.document')])
    expect(account.requirements?.currently_due).toStrictEqual([])
  })

  test('no bank account: the one there was goes, charges stay on', async () => {
    const id = await newAccount()
    await play(id, 'complete')

    const account = await play(id, 'no_bank_account')

    expect(account.requirements).toMatchObject({ currently_due: ['external_account'], past_due: ['external_account'] })
    expect(account.capabilities).toStrictEqual({ card_payments: 'active', transfers: 'active' })
    const told = (await bench.eventsOf(id)).map(({ type }) => type)
    expect(told).toContain('account.external_account.deleted')
  })

  test('due later: the deadline is 7 days off; at it charges stop by themselves', async () => {
    const id = await newAccount()
    const before = await play(id, 'due_later')
    expect(before.requirements).toMatchObject({
      currently_due: ['company.verification.document'],
      past_due: [],
      current_deadline: Math.floor((bench.clock.now().getTime() + 7 * day) / 1000),
    })

    bench.clock.advance(7 * day - 1000)
    await bench.running.runDue()
    expect(outline(await platform.accounts.retrieve(id))).toStrictEqual([true, true, true, null])
    bench.clock.advance(1000)
    await bench.running.runDue()

    const late = await platform.accounts.retrieve(id)
    expect(outline(late)).toStrictEqual([false, false, true, 'requirements.past_due'])
    expect(late.requirements).toMatchObject({ past_due: ['company.verification.document'], current_deadline: null })
    expect((await bench.eventsOf(id)).slice(-4).map(({ type }) => type)).toStrictEqual([
      'capability.updated',
      'capability.updated',
      'account.updated',
      'balance_settings.updated',
    ])
  })

  test('future requirements begin after 30 days and are past due a week later', async () => {
    const id = await newAccount()
    const before = await play(id, 'future_requirements')
    expect(before.future_requirements).toMatchObject({
      currently_due: ['company.verification.document'],
      current_deadline: Math.floor((bench.clock.now().getTime() + 30 * day) / 1000),
    })
    expect(before.requirements?.currently_due).toStrictEqual([])

    bench.clock.advance(30 * day)
    await bench.running.runDue()
    const begun = await platform.accounts.retrieve(id)
    bench.clock.advance(7 * day)
    await bench.running.runDue()

    expect(begun.future_requirements).toMatchObject({ currently_due: [], current_deadline: null })
    expect(begun.requirements).toMatchObject({ currently_due: ['company.verification.document'], past_due: [] })
    expect(begun.charges_enabled).toBe(true)
    expect((await platform.accounts.retrieve(id)).charges_enabled).toBe(false)
  })

  test('all of it belongs to the connected account, not to the platform', async () => {
    const id = await newAccount()
    await play(id, 'complete')

    const events = await platform.events.list({ limit: 100 })

    expect(events.data.filter(({ data }) => (data.object as { id?: string }).id === id)).toStrictEqual([])
  })

  test('unknown scripts, unknown accounts and own accounts are refused in words', async () => {
    const id = await newAccount()

    expect(await bench.control('POST', `/accounts/${id}/script`, { script: 'miracle' })).toMatchObject({ status: 400 })
    expect(await bench.control('POST', `/accounts/${id}/script`)).toMatchObject({ status: 400 })
    expect(await bench.control('POST', '/accounts/acct_none/script', { script: 'complete' })).toMatchObject({
      status: 404,
    })
    const own = bench.keys('Harbour').accountId
    expect(await bench.control('POST', `/accounts/${own}/script`, { script: 'complete' })).toMatchObject({
      status: 404,
    })
  })
})
